import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import fastify from 'fastify'
import { buildApp } from '../api/app.js'
import type { Api } from '../api/context.js'
import { defaultOptions } from '../api/options.js'
import { projectRoot } from '../schemas/root.js'
import type { View } from '../state/view/view.js'
import { type Embedded, openEmbedded } from './embedded.js'
import { figure } from './figures.js'
import type { Load, LoadRequest } from './load.js'
import { LoopWatch } from './loop.js'
import type { Prepared } from './workload.js'

const SECONDS = 4
const ROUNDS = 3
const RATE = 500
const CALM = '100'
const SLICE_MS = 20
/** Before all events, so that every listener's session is current; it goes on, so that answers age. */
const clock = () => Date.UTC(2026, 0, 1) + performance.now()

export interface Measured extends Load {
  /** Microseconds of this process per request. */
  readonly cpu: number
}

/**
 * GET /recommendations/{track} for every listener of the workload, over 50 connections from another process, against a bare
 * Fastify JSON route.
 */
export async function api(prepared: Prepared): Promise<void> {
  const embedded = await openEmbedded(prepared, RATE * 5 * (SECONDS + 5))
  const paths = await listenerPaths(embedded)
  const { partitions } = embedded
  const app = (options: object): Promise<Api> => buildApp({ ...embedded, now: clock, options: { partitions, ...options } })
  const bare = fastify()
  bare.get('/', () => ({ hello: 'world' }))
  const cached = await app({ cache: { ...defaultOptions.cache, ttlMs: 3_600_000 } })
  const computed = await app({ cache: { ...defaultOptions.cache, entries: 0 } })
  const live = await app({})
  const servers = { bare, cached, computed, live }
  figure('API: listeners', paths.length, '')
  for (const path of paths) for (const warmed of [cached, computed]) await warmed.inject(path)
  const urls = {} as Record<keyof typeof servers, string>
  for (const [name, server] of Object.entries(servers) as [keyof typeof servers, Api][])
    urls[name] = await server.listen({ port: 0, host: '127.0.0.1' })
  await quiet(urls, paths)
  for (const path of paths) await live.inject(path)
  await busy(urls, paths, embedded)
  for (const server of Object.values(servers)) await server.close()
  await embedded.close()
}

type Urls = Readonly<Record<'bare' | 'cached' | 'computed' | 'live', string>>

/** Nothing is processed meanwhile. The best of a few rounds: others use the machine too. */
async function quiet(urls: Urls, paths: readonly string[]): Promise<void> {
  await measure(urls.bare, ['/'], 1)
  const runs = { bare: [] as Measured[], cached: [] as Measured[], computed: [] as Measured[] }
  for (let round = 0; round < ROUNDS; round++) {
    runs.bare.push(await measure(urls.bare, ['/']))
    runs.cached.push(await measure(urls.cached, paths))
    runs.computed.push(await measure(urls.computed, paths))
  }
  for (const name of ['bare', 'cached', 'computed'] as const) {
    const run = best(runs[name])
    figure(`${name}: requests`, run.perSecond, '/s')
    figure(`${name}: CPU`, run.cpu, 'us/request')
    figure(`${name}: p99`, run.p99, 'ms')
  }
  figure('cached: requests/s, share of a bare route', (100 * best(runs.cached).perSecond) / best(runs.bare).perSecond, '%')
  figure('cached: the same by CPU', (100 * best(runs.bare).cpu) / best(runs.cached).cpu, '%')
}

async function busy(urls: Urls, paths: readonly string[], embedded: Embedded): Promise<void> {
  for (const [name, url] of [
    ['cached', urls.live],
    ['computed', urls.computed]
  ] as const) {
    const [load] = await Promise.all([measure(url, paths), feed(embedded, SECONDS + 1)])
    figure(`${name}, at ${RATE} events/s: requests`, load.perSecond, '/s')
    figure(`${name}, at ${RATE} events/s: CPU with processing`, load.cpu, 'us/request')
    figure(`${name}, at ${RATE} events/s: p99`, load.p99, 'ms')
  }
  // Not as many as are answered: a turn would then hold the requests of all connections.
  const load = Promise.all([measure(urls.computed, paths, SECONDS, CALM), feed(embedded, SECONDS + 1)])
  // Starting a process holds the event loop too.
  await sleep(500)
  const loop = new LoopWatch()
  await load
  const held = loop.stop()
  figure(`event loop held, ${RATE} events/s, ${CALM} requests/s: p99`, held.p99, 'ms')
  figure(`event loop held, ${RATE} events/s, ${CALM} requests/s: most`, held.most, 'ms')
}

/** `requests`: paths, or with headers. Takes turns, from another process. */
export async function measure(url: string, requests: readonly LoadRequest[], seconds = SECONDS, ...rate: string[]): Promise<Measured> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/bench/load.js'), url, String(seconds), ...rate], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const before = process.cpuUsage()
  child.stdin.end(JSON.stringify(requests))
  const load = JSON.parse(await text(child.stdout)) as Load
  const { user, system } = process.cpuUsage(before)
  if (load.failed > 0) throw new Error(`${load.failed} of ${load.requests} requests to ${url} failed.`)
  return { ...load, cpu: (user + system) / load.requests }
}

export const best = (runs: readonly Measured[]): Measured => runs.reduce((a, b) => (b.perSecond > a.perSecond ? b : a))

async function listenerPaths({ view }: Embedded): Promise<string[]> {
  const listeners = await listenersOf(view)
  return listeners.map(({ user, track }) => `/recommendations/${encodeURIComponent(track)}?user_id=${encodeURIComponent(user)}`)
}

/** All listeners, and what each plays now. */
export async function listenersOf(view: View): Promise<{ user: string; track: string }[]> {
  const listeners: { user: string; track: string }[] = []
  for (let after = ''; ; ) {
    const page = await view.scan('user-sessions', { after, limit: 1000 })
    if (page.length === 0) return listeners
    for (const [user, { tracks }] of page) listeners.push({ user, track: tracks[0]!.track_id })
    after = page.at(-1)![0]
  }
}

async function feed({ workload }: Embedded, seconds: number): Promise<void> {
  const started = performance.now()
  for (let sent = 0; sent < RATE * seconds; await sleep(SLICE_MS)) {
    const due = Math.min(RATE * seconds, Math.floor(((performance.now() - started) / 1000) * RATE))
    if (due > sent) await workload.produce(due - sent)
    sent = Math.max(due, sent)
  }
}
