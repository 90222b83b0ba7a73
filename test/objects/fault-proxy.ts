/** An HTTP proxy in front of an S3 server that fails as networks and stores do. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** In order: as it should be; the store is busy; access is denied; nothing is answered; the connection breaks in the body; it is
 * done, and the reply is lost; the body of the reply breaks off. */
export const faults = ['none', 'busy', 'denied', 'silence', 'reset', 'lost-reply', 'cut-reply'] as const
export type Fault = (typeof faults)[number]

export interface FaultProxy {
  readonly url: string
  /** How often each fault was injected. */
  readonly counts: Map<Fault, number>
  close(): Promise<void>
}

/** `target` undefined: every request that is let through is answered 500. */
export async function faultProxy(target: string | undefined, choose: (request: IncomingMessage) => Fault): Promise<FaultProxy> {
  const counts = new Map<Fault, number>()
  const server = createServer((incoming, outgoing) => {
    const fault = choose(incoming)
    counts.set(fault, (counts.get(fault) ?? 0) + 1)
    serve(target, fault, incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, counts, close: () => closed(server) }
}

async function closed(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

async function serve(target: string | undefined, fault: Fault, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (fault === 'reset') {
    incoming.once('data', () => incoming.socket.destroy())
    if (incoming.method !== 'PUT' && incoming.method !== 'POST') incoming.socket.destroy()
    return
  }
  const body = await buffer(incoming)
  if (fault === 'silence') return
  if (fault === 'busy') return void answer(outgoing, 503, 'SlowDown')
  if (fault === 'denied') return void answer(outgoing, 403, 'AccessDenied')
  if (target === undefined) return void answer(outgoing, 500, 'InternalError')
  const reply = await forward(target, incoming, body)
  const content = await buffer(reply)
  if (fault === 'lost-reply') return void incoming.socket.destroy()
  outgoing.writeHead(reply.statusCode!, reply.headers)
  if (fault !== 'cut-reply' || content.length < 2) return void outgoing.end(content)
  outgoing.write(content.subarray(0, content.length / 2), () => outgoing.destroy())
}

const answer = (outgoing: ServerResponse, status: number, code: string) =>
  outgoing.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`)

/** With the headers as they came: the host is a part of what is signed. */
async function forward(target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const { hostname, port } = new URL(target)
  const outgoing = request({ hostname, port, path: url, headers, agent: false, ...(method === undefined ? {} : { method }) })
  outgoing.end(body)
  const [reply] = await once(outgoing, 'response')
  return reply as IncomingMessage
}
