import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'

export interface Message {
  event: string
  id: string | undefined
  data: unknown
}

/** Reads server-sent events as a browser does. */
export class Listener {
  readonly #response: Promise<IncomingMessage>
  #text = ''
  heartbeats = 0

  constructor(port: number, path = '/live', headers: Record<string, string> = {}) {
    const request = get({ port, host: '127.0.0.1', path, headers, agent: false })
    this.#response = once(request, 'response').then(([response]) => response as IncomingMessage)
  }

  async response(): Promise<IncomingMessage> {
    return this.#response
  }

  /** The next message of a kind. */
  async next(event: string): Promise<Message> {
    const response = await this.#response
    for (;;) {
      for (let end = this.#text.indexOf('\n\n'); end >= 0; end = this.#text.indexOf('\n\n')) {
        const lines = this.#text.slice(0, end).split('\n')
        if (lines[0] === ': heartbeat') this.heartbeats++
        this.#text = this.#text.slice(end + 2)
        const field = (name: string) => lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2)
        if (field('event') === event) return { event, id: field('id'), data: JSON.parse(field('data')!) }
      }
      const chunk = response.read() as Buffer | null
      if (chunk) this.#text += chunk.toString()
      else if (response.readableEnded) throw new Error('The stream ended.')
      else await changed(response)
    }
  }

  async close(): Promise<void> {
    const response = await this.#response
    response.destroy()
  }
}

async function changed(response: IncomingMessage): Promise<void> {
  const waiting = new AbortController()
  const options = { signal: waiting.signal }
  await Promise.race([once(response, 'readable', options), once(response, 'end', options)])
  waiting.abort()
}
