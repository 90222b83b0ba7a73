import { Validator } from '@seriousme/openapi-schema-validator'
import fastify from 'fastify'
import t from 'tap'
import { timeId } from '../../api/exposures.js'
import { artistListenerKey, countsKey, userDayKey } from '../../schemas/catalogue.js'
import { facts, fixture, LETTER, type MapView, MINUTE, NOW } from './support.js'

type Json = Record<string, unknown>
interface Operation {
  operationId: string
  summary: string
  tags: string[]
  parameters?: { name: string; in: string; required?: boolean }[]
  responses: Record<string, { content?: Record<string, { schema: Json }> }>
}
interface OpenApi {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

const DISTINCT = { distinct_tracks: 2, distinct_artists: 1, heard: Buffer.from('0001') }

/** A little of everything. */
function fill(view: MapView): void {
  for (const id of ['a', 'b', 'c', 'tr/ck %2F?#', 'löne']) view.track(id, 'A', 7)
  for (const artist of ['A', 'B']) view.artist(artist, ['c'])
  view.session('u', NOW - MINUTE, [['a', 'A']], 'DE')
  view.affinity('u', NOW - MINUTE, [
    ['A', 1],
    ['B', 0.5]
  ])
  for (const [day, plays] of [
    ['2026-01-29', 5],
    ['2026-01-31', 2]
  ] as const)
    view.put('user-days', userDayKey('u', day), { user_id: 'u', day, plays, listening_ms: 1000 * plays, ...DISTINCT })
  view.affinity('v', NOW - MINUTE, [['A', 1]])
  view.profile('v', { plays: 3, tracks: [{ track_id: 'a', plays: 3, first_played_at: NOW }] })
  view.put('artist-listeners', artistListenerKey('A', 0, 'v'), { artist_id: 'A', user_id: 'v', step: 0 })
  view.profile('u', { plays: 3, sessions: 2, session_ms: 7, tracks: [{ track_id: 'a', plays: 3, first_played_at: NOW }] })
  view.quality('session', NOW, 4, [1, 0, 1])
  view.list('a', 4, 2, [
    ['b', 2, 1],
    ['tr/ck %2F?#', 1, 0.1],
    ['nameless', 2, 0.5]
  ])
  view.chart('tracks', 'all', null, 0, NOW, [['a', 3]])
  view.chart('artists', 'all', null, 1, NOW - MINUTE, [['A', 3]])
  view.chart('tracks', 'day', null, 0, NOW, [['a', 3]], [['a', 2]])
  view.chart('listeners', 'day', null, 0, NOW, [['u', 3]])
  for (const shard of [0, 2]) {
    view.statistics('total', 'total', shard, 10)
    view.statistics('day', '2026-01-31', shard, 6)
    view.statistics('day', '2025-12-31', shard, 4)
    view.statistics('hour', '2026-01-31T16', shard, 6)
    view.statistics('hour', '2025-12-31T23', shard, 4)
    view.statistics('device', 'smartphone', shard, 10)
    view.put('pipeline-counts', countsKey(shard), { shard, accepted: { play: 10 }, rejected: { BAD_ID: 1 }, duplicates: 2, sessions: 3 })
  }
}

/** Every object as strict as its documentation: nothing that is not described. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]))
  return 'properties' in copy && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy
}

/** The validator that the application itself uses, without its leniency. */
const checker = fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } } })
checker.post('/', { bodyLimit: 1 << 20 }, (request, reply) => {
  const { schema, value } = request.body as { schema: Json; value: unknown }
  const validate = request.compileValidationSchema(strict(schema) as Json)
  reply.send({ errors: validate(value) ? null : validate.errors })
})

/** Why a value is not what a schema says; null: it is. */
async function mismatch(schema: unknown, value: unknown): Promise<unknown> {
  const answer = await checker.inject({ method: 'POST', url: '/', payload: { schema, value } })
  return answer.json<{ errors: unknown }>().errors
}

t.test('answers are what the OpenAPI document says', async t => {
  const { app, view } = await fixture({ facts: facts().sink })
  fill(view)
  const document = (await app.inject('/openapi.json')).json<OpenApi>()
  t.match(document.openapi, /^3\.1\./)
  t.match(await new Validator().validate(JSON.parse(JSON.stringify(document)) as Json), { valid: true }, 'a valid document')

  const requests: [path: string, url: string, status: number, body?: Json][] = [
    ['/recommendations', '/recommendations?user_id=u&exclude=b&exclude=c&exclude_heard=true&max_per_artist=1', 200],
    ['/recommendations', '/recommendations?user_id=u&max_per_artist=0', 400],
    ['/recommendations/batch', '/recommendations/batch', 200, { user_ids: ['u', 'nobody'], limit: 2 }],
    ['/recommendations/batch', '/recommendations/batch', 400, { user_ids: [] }],
    ['/radio', '/radio', 200, { tracks: ['a'], seed: 7 }],
    ['/radio', '/radio', 400, { tracks: [] }],
    ['/radio', '/radio', 404, { tracks: ['nope'] }],
    ['/feedback', '/feedback', 204, { recommendation_id: timeId(NOW), track_id: 'a', action: 'liked', user_id: 'u' }],
    ['/feedback', '/feedback', 400, { recommendation_id: 'x', track_id: 'a', action: 'liked', user_id: 'u' }],
    ['/feedback', '/feedback', 404, { recommendation_id: timeId(NOW), track_id: 'nope', action: 'liked', user_id: 'u' }],
    ['/cache/clear', '/cache/clear', 200, {}],
    ['/quality', '/quality', 200],
    ['/quality', '/quality?window=year', 400],
    ['/recommendations', '/recommendations?user_id=u', 200],
    ['/recommendations', '/recommendations?user_id=u&at=2030-01-01T00:00:00%2B01:00', 200],
    ['/recommendations', '/recommendations', 400],
    ['/recommendations', '/recommendations?user_id=nobody', 404],
    ['/recommendations/{track_id}', '/recommendations/a?user_id=u&strategy=baseline&limit=50', 200],
    ['/recommendations/{track_id}', `/recommendations/${encodeURIComponent('löne')}`, 200],
    ['/tracks/{track_id}', `/tracks/${encodeURIComponent('tr/ck %2F?#')}`, 200],
    ['/tracks/{track_id}', '/tracks/__proto__', 404],
    ['/tracks/{track_id}/neighbours', '/tracks/a/neighbours?limit=2', 200],
    ['/tracks/{track_id}/neighbours', '/tracks/a/neighbours?limit=51', 400],
    ['/users', '/users', 200],
    ['/users/{user_id}/affinity', '/users/u/affinity', 200],
    ['/users/{user_id}/session', '/users/u/session', 200],
    ['/users/{user_id}/session', '/users/constructor/session', 404],
    ['/users/{user_id}/days', '/users/u/days', 200],
    ['/users/{user_id}/days', '/users/u/days?days=367', 400],
    ['/users/{user_id}/days', '/users/nobody/days', 404],
    ['/users/{user_id}/similar', '/users/u/similar', 200],
    ['/users/{user_id}/similar', '/users/u/similar?limit=0', 400],
    ['/users/{user_id}/similar', '/users/nobody/similar', 404],
    ['/users/{user_id}/compare/{other}', '/users/u/compare/v', 200],
    ['/users/{user_id}/compare/{other}', '/users/u/compare/nobody', 404],
    ['/users/{user_id}/compare/{other}', '/users/u/compare/v?limit=51', 400],
    ['/users/{user_id}/analytics', '/users/u/analytics?utc_offset=-3', 200],
    ['/users/{user_id}/analytics', '/users/u/analytics?utc_offset=15', 400],
    ['/users/{user_id}/analytics', '/users/nobody/analytics', 404],
    ['/charts/tracks', '/charts/tracks?window=all', 200],
    ['/charts/tracks', '/charts/tracks?window=hour&country=se', 200],
    ['/charts/artists', '/charts/artists?limit=1', 200],
    ['/charts/artists', '/charts/artists?window=year', 400],
    ['/leaderboards/tracks', '/leaderboards/tracks?window=day', 200],
    ['/leaderboards/tracks', '/leaderboards/tracks?limit=51', 400],
    ['/leaderboards/artists', '/leaderboards/artists?window=all&limit=1', 200],
    ['/leaderboards/artists', '/leaderboards/artists?country=SWE', 400],
    ['/leaderboards/listeners', '/leaderboards/listeners?window=day', 200],
    ['/leaderboards/listeners', '/leaderboards/listeners?window=hour&country=no', 200],
    ['/leaderboards/listeners', '/leaderboards/listeners?window=month', 400],
    ['/overview', '/overview?source=live', 200],
    ['/overview', '/overview?source=paper', 400],
    ['/operations/audit', '/operations/audit', 200],
    ['/operations/events', '/operations/events?limit=1', 200],
    ['/operations/dead-letters', '/operations/dead-letters?code=BAD_TIME', 200],
    ['/operations/dead-letters', '/operations/dead-letters?code=bad', 400],
    ['/operations/dead-letters/{letter_id}', `/operations/dead-letters/${LETTER.id}`, 200],
    ['/operations/dead-letters/{letter_id}', '/operations/dead-letters/spotify-plays-0-6', 404],
    ['/operations/journeys/{event_id}', '/operations/journeys/e', 200],
    ['/operations/journeys/{event_id}', '/operations/journeys/f?user_id=u', 404],
    ['/statistics', '/statistics', 200],
    ['/health', '/health', 200],
    ['/healthz', '/healthz', 200],
    ['/readyz', '/readyz', 200],
    ['/topology', '/topology', 200]
  ]
  // Asked by the paths from before there were versions, which stand for the first.
  const documented = (path: string) => document.paths[`/v1${path}`] ?? document.paths[path]
  for (const [path, url, status, body] of requests) {
    const response = await app.inject(body === undefined ? url : { method: 'POST', url, payload: body })
    t.equal(response.statusCode, status, url)
    if (status === 204) continue
    const type = status === 200 ? 'application/json' : 'application/problem+json'
    t.equal(response.headers['content-type'], `${type}; charset=utf-8`, url)
    const schema = documented(path)?.[body === undefined ? 'get' : 'post']?.responses[status]?.content?.[type]?.schema
    t.ok(schema, `${path} documents ${status}`)
    t.equal(await mismatch(schema, response.json()), null, url)
  }
  const paths = Object.keys(document.paths).map(path => path.replace(/^\/v1/, ''))
  const undocumented = paths.filter(path => !/\/(cut|reconciliations)\b/.test(path) && !requests.some(([tested]) => tested === path))
  t.same(
    undocumented.sort(),
    [
      ...['/ingest', '/live', '/me/affinity', '/me/analytics', '/me/compare/{other}', '/me/days', '/me/recommendations/stream'],
      ...['/me/session', '/me/similar', '/operations/chaos', '/operations/dead-letters/retry', '/operations/dump'],
      ...['/operations/lake/flush', '/recommendations/stream']
    ],
    'every other route was asked'
  )
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values(methods)) {
      t.ok(operation.summary && operation.operationId && operation.tags.length === 1)
      for (const parameter of operation.parameters ?? []) {
        t.equal(parameter.required ?? false, parameter.in === 'path')
      }
    }
  }
})

t.test('the checker refuses', async t => {
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }
  t.equal(await mismatch(schema, { a: 1 }), null)
  for (const value of [{}, { a: '1' }, { a: 1, b: 2 }]) t.not(await mismatch(schema, value), null)
})

t.test('tracks and listeners', async t => {
  const { app, view } = await fixture()
  fill(view)
  const get = async (url: string) => (await app.inject(url)).json<Json>()
  t.same(await get('/tracks/a'), {
    track_id: 'a',
    track_name: 'Name of a',
    artist_id: 'A',
    artist_name: 'Name of A',
    plays: 7,
    sessions: 4,
    neighbours: 3
  })
  t.match(await get('/tracks/a/neighbours?limit=2'), {
    total_neighbours: 3,
    neighbours: [
      { track_id: 'b', sessions_together: 2, cooccurrence: 0.5, follow: 0.5 },
      { track_id: 'nameless', track_name: 'nameless', artist_id: null, follow: 0.25 }
    ]
  })
  t.match(await get('/users/u/affinity?limit=1'), {
    as_of: '2026-01-31T17:04:00.000Z',
    total_artists: 2,
    artists: [{ artist_id: 'A', artist_name: 'Name of A', affinity: 1, a: 10, plays: 3 }]
  })
  t.same(await get('/users/u/days'), {
    user_id: 'u',
    as_of: '2026-01-31T17:04:00.000Z',
    days: [
      { day: '2026-01-29', plays: 5, listening_ms: 5000, distinct_tracks: 2, distinct_artists: 1 },
      { day: '2026-01-31', plays: 2, listening_ms: 2000, distinct_tracks: 2, distinct_artists: 1 }
    ]
  })
  t.match(await get('/users/u/days?days=2'), { days: [{ day: '2026-01-31' }] }, 'days back from the latest event')
  t.match(await get('/users/u/session'), {
    current: true,
    country: 'DE',
    plays: 1,
    total_tracks: 1,
    tracks: [{ track_id: 'a', artist_name: 'Name of A' }]
  })
  t.match(await get('/users/u/session?at=2026-01-31T19:00:00Z'), { current: false })
})

t.test('recent listeners: the latest play first, and those who just played', async t => {
  const { app, view } = await fixture()
  view.session('early', NOW - 90 * MINUTE, [['a', 'A']])
  view.session('late', NOW - MINUTE, [['b', 'B']], 'NO')
  const users = async () => (await app.inject('/users?limit=2')).json<{ users: { user_id: string; current: boolean }[] }>().users
  t.match(await users(), [
    { user_id: 'late', current: true, country: 'NO' },
    { user_id: 'early', current: false, country: null }
  ])
  view.session('new', NOW, [])
  t.match(await users(), [{ user_id: 'new', track: null }, { user_id: 'late' }])
})

t.test('statistics add the shards up', async t => {
  const { app, view } = await fixture()
  fill(view)
  const get = async (url: string) => (await app.inject(url)).json<Json>()
  t.match(await get('/statistics'), {
    totals: { plays: 20, listening_ms: 20_000, first_day: '2025-12-31', last_day: '2026-01-31' },
    days: [
      { day: '2025-12-31', plays: 8, listening_ms: 8000 },
      { day: '2026-01-31', plays: 12 }
    ],
    devices: [{ device_type: 'smartphone', plays: 20 }],
    pipeline: { accepted: { play: 20 }, rejected: { BAD_ID: 2 }, duplicates: 4, sessions: 6 }
  })
  t.same((await get('/statistics')).hours, [{ hour: '2026-01-31T16', plays: 12, listening_ms: 12_000 }], 'of the latest week')
  t.match((await get('/statistics?days=1')).days, [{ day: '2026-01-31' }])
  t.equal(((await get('/statistics?days=1')).days as unknown[]).length, 1)
  const empty = await fixture()
  t.match((await empty.app.inject('/statistics')).json(), {
    totals: { plays: 0, first_day: null },
    days: [],
    hours: [],
    pipeline: { duplicates: 0 }
  })
})
