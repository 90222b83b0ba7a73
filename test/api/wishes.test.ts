/** What clients ask for beside the length of a list. */
import t from 'tap'
import type { Recommendations } from '../../api/schemas/recommendations.js'
import { userDayKey } from '../../schemas/catalogue.js'
import { idHash, packHashes } from '../../schemas/heard.js'
import { guarded } from './auth-support.js'
import { facts, fixture, type MapView, MINUTE, NOW } from './support.js'

const DAY = 86_400_000

/** u plays s; n0, n1, … follow it, the first ones best, with artists A, B, A, B, … */
function world(view: MapView, neighbours = 12): void {
  const tracks = Array.from({ length: neighbours }, (_, i) => `n${i}`)
  view.track('s', 'S')
  for (const [i, track] of tracks.entries()) view.track(track, i % 2 === 0 ? 'A' : 'B')
  for (const artist of ['A', 'B', 'S']) view.artist(artist)
  view.list(
    's',
    100,
    100,
    tracks.map((track, i) => [track, 50 - i, 50 - i] as const)
  )
  view.session('u', NOW - MINUTE, [['s', 'S']])
  view.affinity('u', NOW - MINUTE, [['S', 1]])
}

function heard(view: MapView, user: string, day: number, tracks: readonly string[]): void {
  const label = new Date(day).toISOString().slice(0, 10)
  const counts = { plays: tracks.length, listening_ms: 1, distinct_tracks: tracks.length, distinct_artists: 1 }
  view.put('user-days', userDayKey(user, label), { user_id: user, day: label, ...counts, heard: packHashes(tracks.map(idHash)) })
}

const ids = (answer: Recommendations) => answer.recommendations.map(item => item.track_id)

async function asking(dependencies: Parameters<typeof fixture>[0] = {}) {
  const parts = await fixture(dependencies)
  world(parts.view)
  const get = async (url: string) => (await parts.app.inject(url)).json<Recommendations>()
  const post = (url: string, payload: object) => parts.app.inject({ method: 'POST', url, payload })
  return { ...parts, get, post }
}

t.test('given ids are left out, and the next ones come in their places', async t => {
  const { get } = await asking()
  const url = '/v1/recommendations?user_id=u&limit=3'
  t.same(ids(await get(url)), ['n0', 'n1', 'n2'])
  const rest = await get(`${url}&exclude=n0&exclude=n2`)
  t.same(ids(rest), ['n1', 'n3', 'n4'])
  const all = await get('/v1/recommendations?user_id=u&limit=5')
  t.equal(rest.recommendations[0]!.recommendation_score, all.recommendations[1]!.recommendation_score, 'scores stay what they are')
  t.ok(
    rest.recommendations.every(({ because }) => because.tracks[0]?.track_id === 's'),
    'each says why'
  )
  t.same(ids(await get('/v1/recommendations/s?limit=1&exclude=n0')), ['n1'])
  t.match(await get(`${url}&exclude=n0`), { cache_hit: false })
  t.match(await get(`${url}&exclude=n0`), { cache_hit: false }, 'not kept')
})

t.test('what the listener heard is left out, as far back as is said', async t => {
  const { get, view } = await asking()
  heard(view, 'u', NOW, ['n0', 's'])
  heard(view, 'u', NOW - 89 * DAY, ['n3'])
  heard(view, 'u', NOW - 90 * DAY, ['n1'])
  heard(view, 'another', NOW, ['n2'])
  const url = '/v1/recommendations?user_id=u&limit=4&exclude_heard=true'
  t.same(ids(await get(url)), ['n1', 'n2', 'n4', 'n5'])
  t.match(await get(url), { cache_hit: true })
  heard(view, 'u', NOW, ['n0', 's', 'n1'])
  const after = await get(url)
  t.same([after.cache_hit, ids(after)], [false, ['n2', 'n4', 'n5', 'n6']], 'a day that changes ends what was kept')
  t.same(ids(await get('/v1/recommendations?user_id=u&limit=2&exclude_heard=false')), ['n0', 'n1'])
  t.same(ids(await get('/v1/recommendations/s?limit=1&exclude_heard=true')), ['n0'], 'nobody has heard nothing')
})

t.test('at most so many of an artist', async t => {
  const { get, view } = await asking()
  const url = '/v1/recommendations?user_id=u&limit=50'
  t.same(ids(await get(`${url}&max_per_artist=1`)), ['n0', 'n1'])
  t.same(ids(await get(`${url}&max_per_artist=2&exclude=n1`)), ['n0', 'n2', 'n3', 'n5'])
  view.list('s', 100, 100, [
    ['x', 9, 9],
    ['y', 8, 8]
  ])
  t.same(ids(await get(`${url}&max_per_artist=1`)), ['n0', 'n1'], 'kept')
  t.same(ids(await get(`${url}&max_per_artist=1&at=2026-01-31T17:05:00Z`)), ['x', 'y'], 'tracks without a known artist are not counted')
})

t.test('a fallback leaves out the same', async t => {
  const { get, view } = await asking()
  view.session('v', NOW - DAY, [['s', 'S']])
  view.affinity('v', NOW - DAY, [
    ['A', 1],
    ['B', 0.5]
  ])
  view.artist('A', ['n0', 'n2', 'n4'])
  view.artist('B', ['n1', 'n3'])
  const url = '/v1/recommendations?user_id=v&limit=10'
  t.match(await get(url), { fallback: { source: 'affine_artists' }, total_recommendations: 5 })
  heard(view, 'v', NOW - DAY, ['n2'])
  t.same(ids(await get(`${url}&exclude=n0&exclude_heard=true&max_per_artist=1`)).sort(), ['n1', 'n4'])
  view.chart('tracks', 'week', null, 0, NOW, [
    ['n0', 9],
    ['n2', 8],
    ['n1', 7]
  ])
  const chart = await get(`${url}&exclude=n0&exclude=n2&exclude=n4&exclude=n3&exclude=n1`)
  t.match(chart, { total_recommendations: 0, fallback: { source: 'global_chart' } }, 'nothing is left at all')
  view.affinity('w', NOW, [])
  t.same(ids(await get('/v1/recommendations?user_id=w&max_per_artist=1')), ['n0', 'n1'])
})

t.test('radio: from any tracks, the last ones first, never one of them again', async t => {
  const { post, view } = await asking()
  view.list('n0', 10, 10, [
    ['n1', 5, 9],
    ['n9', 5, 5]
  ])
  const play = async (body: object) => (await post('/v1/radio', body)).json<Recommendations>()
  const answer = await play({ tracks: ['n0', 's'], limit: 3 })
  t.match(answer, { context: ['s', 'n0'], user_id: null, recommendation_id: null, track_id: 's', strategy: 'session', cache_hit: false })
  t.same(
    ids(answer),
    ['n1', 'n2', 'n9'].sort((a, b) => ids(answer).indexOf(a) - ids(answer).indexOf(b))
  )
  t.same((await play({ tracks: ['s', 'n0'] })).context, ['n0', 's'])
  const played = ['s']
  for (let i = 0; i < 4; i++) {
    const next = ids(await play({ tracks: played, limit: 3 }))
    t.equal(next.length, 3)
    t.notOk(
      next.some(track => played.includes(track)),
      'it goes on'
    )
    played.push(...next)
  }
  t.same(ids(await play({ tracks: ['s'], exclude: ['n0'], max_per_artist: 1 })), ['n1', 'n2'])
  t.match(await play({ tracks: ['s'], strategy: 'baseline' }), { strategy: 'baseline' })
  t.match(await play({ tracks: ['nope', 's'] }), { context: ['s', 'nope'] }, 'one known track is enough')
})

t.test('radio with a seed: drawn from the best, the same again', async t => {
  const { post, view } = await asking()
  world(view, 60)
  const play = async (seed: number) => (await post('/v1/radio', { tracks: ['s'], limit: 4, seed })).json<Recommendations>()
  const lists = new Set<string>()
  const drawn = new Map<string, number>()
  for (let seed = 0; seed < 200; seed++) {
    const answer = await play(seed)
    const scores = answer.recommendations.map(item => item.recommendation_score)
    t.same(
      scores,
      [...scores].sort((a, b) => b - a)
    )
    for (const track of ids(answer)) drawn.set(track, (drawn.get(track) ?? 0) + 1)
    lists.add(ids(answer).join())
  }
  t.same(ids(await play(7)), ids(await play(7)))
  t.ok(lists.size > 150, `${lists.size} different lists of 200`)
  t.same(
    [...drawn.keys()].filter(track => Number(track.slice(1)) >= 20),
    [],
    'of the best twenty'
  )
  t.equal(drawn.size, 20, 'all of them')
  t.ok(drawn.get('n0')! > drawn.get('n19')!, 'the better the likelier')
})

t.test('batch: each listener as alone, in order', async t => {
  const { get, post, view } = await asking()
  view.session('v', NOW, [['n0', 'A']])
  view.list('n0', 5, 5, [['n1', 5, 5]])
  const response = await post('/v1/recommendations/batch', { user_ids: ['v', 'nobody', 'u'], limit: 2 })
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  const { answers, not_found } = response.json<{ answers: Recommendations[]; not_found: string[] }>()
  t.same(not_found, ['nobody'])
  t.same(
    answers.map(answer => [answer.user_id, answer.cache_hit, ids(answer)]),
    [
      ['v', false, ['n1']],
      ['u', false, ['n0', 'n1']]
    ]
  )
  const alone = await get('/v1/recommendations?user_id=u&limit=2')
  t.same({ ...alone, cache_hit: false, query_time_ms: 0 }, { ...answers[1], query_time_ms: 0 }, 'and kept as alone')
})

t.test('batch: of oneself, or of anybody for an admin', async t => {
  const { app, as } = await guarded(t)
  const ask = (user_ids: string[], headers: object) =>
    app.inject({ method: 'POST', url: '/v1/recommendations/batch', payload: { user_ids }, headers: headers as Record<string, string> })
  t.equal((await ask(['mallory'], as('mallory', 'listener'))).statusCode, 200)
  t.equal((await ask(['mallory', 'ann'], as('mallory', 'listener'))).statusCode, 403)
  t.equal((await ask(['mallory', 'ann'], as('boss', 'admin'))).json<{ answers: unknown[] }>().answers.length, 2)
})

t.test('what is wrong is said by its name', async t => {
  const { app, post } = await asking({ facts: facts().sink })
  const long = 'x'.repeat(129)
  const many = Array.from({ length: 101 }, (_, i) => `exclude=t${i}`).join('&')
  for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=51', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1.5', 'limit'],
    ['strategy=popular', 'strategy'],
    ['max_per_artist=0', 'max_per_artist'],
    ['max_per_artist=51', 'max_per_artist'],
    ['exclude_heard=maybe', 'exclude_heard'],
    ['exclude=', 'exclude.0'],
    [`exclude=${long}`, 'exclude.0'],
    ['exclude=a&exclude=%00', 'exclude.1'],
    [many, 'exclude'],
    ['at=yesterday', 'at']
  ] as const)
    for (const path of ['/v1/recommendations', '/v1/recommendations/s']) {
      const response = await app.inject(`${path}?user_id=u&${query}`)
      t.match([response.statusCode, response.json()], [400, { errors: [{ field }] }], `${path} ${query.slice(0, 40)}`)
    }
  for (const [url, body, field] of [
    ['/v1/radio', {}, 'tracks'],
    ['/v1/radio', { tracks: [] }, 'tracks'],
    ['/v1/radio', { tracks: Array(101).fill('s') }, 'tracks'],
    ['/v1/radio', { tracks: ['s', ''] }, 'tracks.1'],
    ['/v1/radio', { tracks: ['s'], seed: -1 }, 'seed'],
    ['/v1/radio', { tracks: ['s'], limit: 0 }, 'limit'],
    ['/v1/radio', { tracks: ['s'], max_per_artist: 'many' }, 'max_per_artist'],
    ['/v1/recommendations/batch', {}, 'user_ids'],
    ['/v1/recommendations/batch', { user_ids: Array.from({ length: 51 }, (_, i) => `u${i}`) }, 'user_ids'],
    ['/v1/recommendations/batch', { user_ids: ['u', 'u'] }, 'user_ids'],
    ['/v1/recommendations/batch', { user_ids: ['u\u0000'] }, 'user_ids.0'],
    ['/v1/recommendations/batch', { user_ids: ['u'], strategy: 'best' }, 'strategy'],
    ['/v1/feedback', { track_id: 's', action: 'liked' }, 'recommendation_id'],
    ['/v1/feedback', { recommendation_id: 'x', track_id: 's', action: 'liked' }, 'recommendation_id']
  ] as const) {
    const response = await post(url, body)
    t.match([response.statusCode, response.json()], [400, { errors: [{ field }] }], `${url} ${JSON.stringify(body).slice(0, 60)}`)
  }
})
