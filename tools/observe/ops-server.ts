/** A listener for metrics and health alone: for processes without an API, and for networks in which the API asks who is there. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface OpsSources {
  /** Why the process should be restarted; null: it lives. */
  notLive(): string | null
  /** Why it should get no work yet; null: it is ready. */
  notReady(): Promise<string | null>
  readonly metrics: { readonly contentType: string; scrape(): Promise<string> }
}

/** Nothing that it says names a listener. @throws Error the address can't be listened on. */
export async function startOpsServer(
  sources: OpsSources,
  { host, port }: { host: string; port: number }
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    answer(sources, request.method, request.url, response).catch((error: Error) => say(response, 500, 'text/plain', error.message))
  })
  server.maxConnections = 100
  server.listen(port, host)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`SEGUE_OPS_LISTEN=${host}:${port} can't be listened on (${error.code}): choose another address.`)
  })
  const { port: bound } = server.address() as AddressInfo
  const close = async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close }
}

async function answer(sources: OpsSources, method: string | undefined, url: string | undefined, response: ServerResponse): Promise<void> {
  const path = url?.split('?', 1)[0]
  if (method !== 'GET' && method !== 'HEAD') say(response, 405, 'text/plain', 'GET only.')
  else if (path === '/metrics') say(response, 200, sources.metrics.contentType, await sources.metrics.scrape())
  else if (path === '/healthz') health(response, 'live', sources.notLive())
  else if (path === '/readyz') health(response, 'ready', await sources.notReady())
  else say(response, 404, 'text/plain', 'There are /metrics, /healthz and /readyz.')
}

const health = (response: ServerResponse, what: string, reason: string | null) =>
  say(response, reason === null ? 200 : 503, 'application/json', JSON.stringify({ status: reason === null ? what : `not ${what}`, reason }))

function say(response: ServerResponse, status: number, type: string, body: string): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' })
  response.end(body)
}
