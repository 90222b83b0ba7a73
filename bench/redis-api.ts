import fastify from 'fastify'
import { Redis } from 'ioredis'
import { buildApp } from '../api/app.js'
import { type ApiOptions, defaultOptions } from '../api/options.js'
import { readConfig } from '../config.js'
import { openAuth, openKeys } from '../tools/auth.js'
import { createProcessing, openBase } from '../tools/embedded.js'
import { ApplicationOperations } from '../tools/operations.js'
import { openView } from '../tools/view.js'
import { best, listenersOf, type Measured, measure } from './api.js'
import { figure } from './figures.js'
import type { Prepared } from './workload.js'

const ROUNDS = 3
const LISTENERS = 5_000
const clock = () => Date.UTC(2026, 0, 1) + performance.now()

/**
 * GET /v1/recommendations with sign-in and the strategy `session`, for all listeners of the workload, over 50 connections from another
 * process, from the view in Redis, against a bare Fastify route that does one GET of Redis.
 */
export async function redisApi({ directory: dataDir }: Prepared): Promise<void> {
  const config = { ...readConfig({ ...process.env, SEGUE_AUTH: 'on', RATE_LIMIT_PER_MINUTE: '0', SHED_LOAD_AFTER_MS: '0' }), dataDir }
  const base = await openBase(config, { purpose: 'bench' })
  const view = await openView(config, base.codec, sentence => process.stderr.write(`${sentence}\n`))
  const { application, topology } = createProcessing(config, base, { onNotice: () => {}, onFailure: () => {} })
  const parts = { ...base, topology, application, applicationId: config.applicationId, viewLag: async () => [] }
  const operations = new ApplicationOperations(parts)
  const { key } = openKeys(dataDir).create({ subject: 'bench', scopes: ['admin'], name: 'bench', expiresAt: null })
  const auth = openAuth(config.auth!, dataDir)
  const app = (options: Partial<ApiOptions>) =>
    buildApp({ view, operations, auth, now: clock, options: { partitions: base.partitions, ...options } })
  const cached = await app({ cache: { ...defaultOptions.cache, ttlMs: 3_600_000 } })
  const computed = await app({ cache: { ...defaultOptions.cache, entries: 0 } })
  const headers = { authorization: `Bearer ${key}` }
  const paths = (await listenersOf(view))
    .slice(0, LISTENERS)
    .map(({ user }) => `/v1/recommendations?user_id=${encodeURIComponent(user)}&strategy=session`)
  const redis = new Redis(config.redisUrl)
  await redis.set('segue:bench', (await computed.inject({ url: paths[0]!, headers })).body)
  const bare = fastify()
  bare.get('/', async (_, reply) => reply.type('application/json').send(await redis.get('segue:bench')))
  for (const url of paths) await cached.inject({ url, headers })
  const servers = { bare, cached, computed }
  const runs = { bare: [] as Measured[], cached: [] as Measured[], computed: [] as Measured[] }
  const names = Object.keys(servers) as (keyof typeof servers)[]
  const urls = await Promise.all(names.map(name => servers[name].listen({ port: 0, host: '127.0.0.1' })))
  for (let round = 0; round <= ROUNDS; round++)
    for (const [i, name] of names.entries()) {
      const requests = (name === 'bare' ? ['/'] : paths).map(path => ({ path, headers }))
      const run = await measure(urls[i]!, requests, round === 0 ? 1 : undefined)
      if (round > 0) runs[name].push(run)
    }
  figure('API: listeners', paths.length, '')
  for (const name of names) {
    const run = best(runs[name])
    const label = name === 'bare' ? 'bare route, one GET of Redis' : name
    figure(`${label}: requests`, run.perSecond, '/s')
    figure(`${label}: CPU`, run.cpu, 'us/request')
    figure(`${label}: p99`, run.p99, 'ms')
  }
  figure('cached: requests/s, share of a bare route with one GET', (100 * best(runs.cached).perSecond) / best(runs.bare).perSecond, '%')
  for (const name of names) await servers[name].close()
  redis.disconnect()
  await view.close()
  await base.close()
}
