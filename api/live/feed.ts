import type { ServerResponse } from 'node:http'

export interface FeedOptions {
  readonly liveClients: number
  readonly liveBufferBytes: number
}

/** Server-sent events to a bounded number of clients. A message is serialised once; who can't keep up is disconnected. */
export class LiveFeed {
  readonly #clients = new Set<ServerResponse>()

  constructor(private readonly options: FeedOptions) {}

  get clients(): number {
    return this.#clients.size
  }

  get full(): boolean {
    return this.#clients.size >= this.options.liveClients
  }

  add(client: ServerResponse): void {
    client.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff'
    })
    client.write('retry: 2000\n\n')
    this.#clients.add(client)
    client.on('close', () => this.#clients.delete(client))
    client.on('error', () => this.#clients.delete(client))
  }

  send(event: string, data: unknown, to: Iterable<ServerResponse> = this.#clients): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`, to)
  }

  /** One line of ready-made JSON, with an id that a client comes again with. */
  sendJson(event: string, json: string, id: string, to: Iterable<ServerResponse>): void {
    this.#write(`event: ${event}\nid: ${id}\ndata: ${json}\n\n`, to)
  }

  /** A comment: keeps proxies from closing a quiet connection, and finds clients that are gone. */
  heartbeat(): void {
    this.#write(': heartbeat\n\n', this.#clients)
  }

  close(): void {
    for (const client of this.#clients) client.end()
    this.#clients.clear()
  }

  #write(text: string, to: Iterable<ServerResponse>): void {
    for (const client of to) {
      client.write(text)
      if (client.writableLength > this.options.liveBufferBytes) {
        this.#clients.delete(client)
        client.destroy()
      }
    }
  }
}
