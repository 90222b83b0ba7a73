import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../../api/app.js'
import type { Operations, TaskState } from '../../api/operations.js'
import { projectRoot } from '../../schemas/root.js'
import { fixture, MapView, operations } from './support.js'

const task = (state: TaskState['state'], detail: string | null = null): TaskState => ({ unit: 'tracks', partition: 1, state, detail })

t.test('ready while the tasks run and the view is caught up', async t => {
  const ask = async (changes: Parameters<typeof operations>[0]) => {
    const { app } = await fixture({ operations: operations(changes) })
    const [ready, health, live] = [await app.inject('/readyz'), await app.inject('/health'), await app.inject('/healthz')]
    t.equal(live.statusCode, 200)
    t.equal(health.statusCode, 200)
    return {
      status: ready.statusCode,
      ...ready.json<{ detail?: string }>(),
      health: health.json<{ status: string; reason: string | null }>()
    }
  }
  t.match(await ask({}), { status: 'ready', health: { status: 'healthy', reason: null, lag: { tasks: 3, view: 1 } } })
  t.match(await ask({ taskStates: async () => [] }), { status: 503, detail: /No task/, health: { status: 'degraded', reason: /No task/ } })
  t.match(await ask({ taskStates: async () => [task('running'), task('restoring')] }), {
    status: 503,
    detail: 'The task tracks-1 is restoring.'
  })
  t.match(await ask({ taskStates: async () => [task('failed', 'the disk is full.')] }), {
    detail: 'The task tracks-1 is failed: the disk is full.'
  })
  const view = [6_000, 5_000].map((records, partition) => ({ topic: 'charts', partition, records }))
  t.match(await ask({ lag: async () => ({ tasks: [], view }) }), { status: 503, detail: /The view is 11000 records behind/ })
})

t.test('a dump is streamed to callers on this machine', async t => {
  const { app } = await fixture()
  const dump = await app.inject('/operations/dump')
  t.same(dump.json(), { sessions: 2 })
  t.equal(dump.headers['content-type'], 'application/json; charset=utf-8')
  const remote = await app.inject({ url: '/operations/dump', remoteAddress: '192.0.2.7' })
  t.match(remote.json(), { status: 403, detail: /same machine/ })
  for (const remoteAddress of ['::1', '::ffff:127.0.0.1'])
    t.equal((await app.inject({ url: '/operations/dump', remoteAddress })).statusCode, 200)
  const named = async (headers: Record<string, string>) => (await app.inject({ url: '/operations/dump', headers })).statusCode
  for (const host of ['localhost:3000', '127.0.0.1:3000', '[::1]:3000', 'LOCALHOST']) t.equal(await named({ host }), 200, host)
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:3000', '192.0.2.7'])
    t.equal(await named({ host }), 403, host)
  t.equal(await named({ 'x-forwarded-for': '192.0.2.7' }), 403, 'through a proxy')
})

t.test('the lake is flushed for callers on this machine, or it is told why not', async t => {
  const ask = async (flushLake: Operations['flushLake'], remoteAddress = '127.0.0.1') => {
    const { app } = await fixture({ operations: operations({ flushLake }) })
    return app.inject({ method: 'POST', url: '/operations/lake/flush', remoteAddress })
  }
  t.equal((await ask(async () => true)).statusCode, 204)
  t.match((await ask(async () => false)).json(), { status: 404, detail: /There is no lake/ })
  const failing = () => Promise.reject(new Error('The bucket is gone.'))
  t.match((await ask(failing)).json(), { status: 503, detail: 'The lake could not be written: The bucket is gone.' })
  t.equal((await ask(async () => true, '192.0.2.7')).statusCode, 403)
})

t.test('the page, or a way to the documentation', async t => {
  const { app } = await fixture()
  const root = await app.inject('/')
  if (existsSync(join(projectRoot, 'dashboard', 'index.html'))) t.match(root.headers['content-type'], /text\/html/)
  else t.match(root, { statusCode: 302, headers: { location: '/docs' } })
  for (const url of ['/package.json', '/../package.json', '/..%2Fpackage.json', '/.env'])
    t.equal((await app.inject(url)).statusCode, 404, url)
  t.equal((await app.inject('/docs')).statusCode, 200)
})

const play = { event_id: 'e', user_id: 'u', track_id: 't', track_name: 'T', artist_name: 'A', occurred_at: '2026-01-31T17:05:00Z' }
const line = (event: object, topic = 'spotify-plays') => JSON.stringify({ topic, event })

t.test('ingest', async t => {
  const { app, produced } = await fixture({ options: { ingestBytes: 1000 } })
  const post = (payload: string | Buffer, type = 'application/x-ndjson', remoteAddress = '127.0.0.1') =>
    app.inject({ method: 'POST', url: '/ingest', payload, remoteAddress, headers: { 'content-type': type } })

  const accepted = await post(`${line(play)}\n\n${line({ ...play, liked: false }, 'spotify-likes')}\r\n`)
  t.same([accepted.statusCode, accepted.json()], [200, { accepted: 2 }])
  t.match(produced, [
    { topic: 'spotify-plays', event: { track_id: 't', occurred_at: Date.UTC(2026, 0, 31, 17, 5), artist_id: null } },
    { topic: 'spotify-likes', event: { liked: false } }
  ])

  const bad: [body: string | Buffer, detail: RegExp, field?: string][] = [
    ['', /holds no line/],
    ['\n\n', /holds no line/],
    [`${line(play)}\n{"topic"`, /^Line 2: it is not JSON\.$/, 'line'],
    ['[1]', /^Line 1: it is not an object/, 'line'],
    ['{"event":{}}', /^Line 1: topic is missing/, 'topic'],
    ['{"topic":"spotify-plays"}', /^Line 1: event is missing/, 'event'],
    [line(play, 'charts'), /^Line 1: .*not an input topic/],
    [`\n${line({ ...play, track_id: undefined })}`, /^Line 2: track_id is missing/, 'track_id'],
    [line({ ...play, occurred_at: 'noon' }), /^Line 1: occurred_at is "noon"/, 'occurred_at'],
    [line({ ...play, duration_ms: 1.5 }), /^Line 1: duration_ms is 1\.5/, 'duration_ms'],
    [Buffer.from([0x7b, 0xff, 0x7d]), /not UTF-8/]
  ]
  for (const [body, detail, field] of bad) {
    const response = await post(body)
    t.equal(response.statusCode, 400)
    t.match(response.json<{ detail: string }>().detail, detail)
    if (field) t.equal(response.json<{ errors: { field: string }[] }>().errors[0]?.field, field)
  }
  t.equal(produced.length, 2, 'all lines or none')

  for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded'])
    t.match((await post(line(play), type)).json(), { status: 415, detail: /: send application\/x-ndjson or / })
  t.match((await post(`${line(play)}\n`.repeat(10))).json(), { status: 413, detail: /1000 bytes/ })
  t.match((await post(line(play), 'application/x-ndjson', '192.0.2.7')).json(), { status: 403 })
  t.equal(produced.length, 2)
})

t.test('ingest of hostile lines', async t => {
  const { app, produced } = await fixture()
  const post = (payload: string) =>
    app.inject({ method: 'POST', url: '/ingest', payload, headers: { 'content-type': 'application/x-ndjson' } })
  const deep = `{"topic":"spotify-plays","event":{"event_id":${'['.repeat(500_000)}${']'.repeat(500_000)}}}`
  t.equal((await post(deep)).statusCode, 400)
  const proto = line(play).replace('{"event_id"', '{"__proto__":{"user_id":"evil"},"constructor":1,"event_id"')
  t.equal((await post(proto)).statusCode, 200)
  t.match(produced[0]?.event, { user_id: 'u' })
  t.equal(({} as { user_id?: string }).user_id, undefined)
  const many = `${line(play)}\n`.repeat(2000)
  t.match((await post(many)).json(), { accepted: 2000 })
  t.equal(produced.length, 2001)
})

t.test('without a producer there is no ingest', async t => {
  const app = await buildApp({ view: new MapView(), operations: operations() })
  t.equal((await app.inject({ method: 'POST', url: '/ingest', payload: 'x' })).statusCode, 404)
})
