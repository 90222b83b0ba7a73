/**
 * Serving: `node dist/bench/api.js [seconds per run] [events]`. GET /recommendations/{track} for every listener of the
 * reference workload, over 50 connections from another process, against a bare Fastify JSON route.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fastify from 'fastify'
import { buildApp } from '../api/app.js'
import type { Api } from '../api/context.js'
import { defaultOptions } from '../api/options.js'
import { projectRoot } from '../schemas/root.js'
import { type Filled, openFilled } from './filled.js'
import type { Load } from './load.js'

const SECONDS = Number(process.argv[2] ?? 4)
const EVENTS = Number(process.argv[3] ?? 100_000)
const ROUNDS = 3
const RATE = 500
const SLICE_MS = 20
/** Before all events, so that every listener's session is current; it goes on, so that answers age. */
const clock = () => Date.UTC(2026, 0, 1) + performance.now()

interface Measured extends Load {
  /** Microseconds of this process per request. */
  readonly cpu: number
}

const print = (name: string, value: number, unit: string, digits = 0) =>
  process.stdout.write(`${name.padEnd(48)} ${value.toFixed(digits).padStart(10)} ${unit}\n`)

async function listen(app: { listen(options: { port: number; host: string }): Promise<string> }): Promise<string> {
  return app.listen({ port: 0, host: '127.0.0.1' })
}

async function measure(url: string, paths: readonly string[], seconds = SECONDS): Promise<Measured> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/bench/load.js'), url, String(seconds)], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const before = process.cpuUsage()
  child.stdin.end(JSON.stringify(paths))
  const load = JSON.parse(await text(child.stdout)) as Load
  const { user, system } = process.cpuUsage(before)
  if (load.failed > 0) throw new Error(`${load.failed} of ${load.requests} requests to ${url} failed.`)
  return { ...load, cpu: (user + system) / load.requests }
}

const best = (runs: readonly Measured[]): Measured => runs.reduce((a, b) => (b.perSecond > a.perSecond ? b : a))

async function listenerPaths({ view }: Filled): Promise<string[]> {
  const paths: string[] = []
  for (let after = ''; ; ) {
    const page = await view.scan('user-sessions', { after, limit: 1000 })
    if (page.length === 0) return paths
    for (const [user, { tracks }] of page)
      paths.push(`/recommendations/${encodeURIComponent(tracks[0]!.track_id)}?user_id=${encodeURIComponent(user)}`)
    after = page.at(-1)![0]
  }
}

async function feed(filled: Filled, seconds: number): Promise<void> {
  const started = performance.now()
  for (let sent = 0; sent < RATE * seconds; ) {
    const due = Math.min(RATE * seconds, Math.floor(((performance.now() - started) / 1000) * RATE))
    if (due > sent) await filled.produce(due - sent)
    sent = Math.max(due, sent)
    await new Promise(resolve => setTimeout(resolve, SLICE_MS))
  }
}

const filled = await openFilled(EVENTS, RATE * 4 * (SECONDS + 5))
const paths = await listenerPaths(filled)
const app = (options: object): Promise<Api> => buildApp({ ...filled, now: clock, options: { partitions: filled.partitions, ...options } })
const bare = fastify()
bare.get('/', () => ({ hello: 'world' }))
const cachedApp = await app({ cache: { ...defaultOptions.cache, ttlMs: 3_600_000 } })
const computedApp = await app({ cache: { ...defaultOptions.cache, entries: 0 } })
const liveApp = await app({})
const [bareUrl, cachedUrl, computedUrl, liveUrl] = [
  await listen(bare),
  await listen(cachedApp),
  await listen(computedApp),
  await listen(liveApp)
]
print('listeners', paths.length, '')
for (const path of paths) for (const warmed of [cachedApp, computedApp]) await warmed.inject(path)
await measure(bareUrl, ['/'], 1)

const runs = { bare: [] as Measured[], cached: [] as Measured[], computed: [] as Measured[] }
for (let round = 0; round < ROUNDS; round++) {
  runs.bare.push(await measure(bareUrl, ['/']))
  runs.cached.push(await measure(cachedUrl, paths))
  runs.computed.push(await measure(computedUrl, paths))
}
for (const name of ['bare', 'cached', 'computed'] as const) {
  const run = best(runs[name])
  print(`${name}: requests`, run.perSecond, '/s')
  print(`${name}: CPU`, run.cpu, 'us/request')
  print(`${name}: p50`, run.p50, 'ms', 1)
  print(`${name}: p99`, run.p99, 'ms', 1)
}
print('cached / bare', (100 * best(runs.cached).perSecond) / best(runs.bare).perSecond, '%')
print('cached / bare, by CPU', (100 * best(runs.bare).cpu) / best(runs.cached).cpu, '%')

for (const [name, url] of [
  ['cached', liveUrl],
  ['computed', computedUrl]
] as const) {
  const [load] = await Promise.all([measure(url, paths), feed(filled, SECONDS + 1)])
  print(`${name}, at ${RATE} events/s: requests`, load.perSecond, '/s')
  print(`${name}, at ${RATE} events/s: p50`, load.p50, 'ms', 1)
  print(`${name}, at ${RATE} events/s: p99`, load.p99, 'ms', 1)
}
for (const server of [bare, cachedApp, computedApp, liveApp]) await server.close()
await filled.close()
