/** Requests from a process of its own: `node load.js URL SECONDS [RATE]`, LoadRequests as JSON on standard input; prints a Load as JSON. */
import { text } from 'node:stream/consumers'
import autocannon from 'autocannon'

export interface Load {
  readonly requests: number
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly failed: number
}

/** A path, or one with headers. */
export type LoadRequest = string | { readonly path: string; readonly headers: Readonly<Record<string, string>> }

const CONNECTIONS = 50
const [url = '', seconds = '', rate] = process.argv.slice(2)
const given = JSON.parse(await text(process.stdin)) as LoadRequest[]
const paths = given.map(one => (typeof one === 'string' ? { path: one } : one))
let clients = 0
const { requests, latency, non2xx, errors, duration } = await autocannon({
  url,
  connections: CONNECTIONS,
  duration: Number(seconds),
  // Requests per second; as many as are answered, unless told.
  ...(rate === undefined ? {} : { overallRate: Number(rate) }),
  // Each connection asks for its own share of the paths, round and round.
  setupClient: client => {
    const share = Math.ceil(paths.length / CONNECTIONS)
    const from = clients++ * share
    const own = paths.slice(from, from + share)
    client.setRequests(own.length > 0 ? own : paths)
  }
})
const load: Load = {
  requests: requests.total,
  perSecond: requests.total / duration,
  p50: latency.p50,
  p99: latency.p99,
  failed: non2xx + errors
}
process.stdout.write(JSON.stringify(load))
