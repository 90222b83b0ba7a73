import t from 'tap'
import type { Recommendations } from '../../api/schemas/recommendations.js'
import { fixture, type MapView, MINUTE, NOW } from './support.js'

/** u plays b after a; the artist of a is loved. */
function playing(view: MapView): void {
  for (const [id, artist] of [
    ['a', 'A'],
    ['b', 'B'],
    ['x', 'A'],
    ['y', 'B'],
    ['z', 'C']
  ] as const)
    view.track(id, artist)
  for (const artist of ['A', 'B', 'C']) view.artist(artist)
  view.session('u', NOW - MINUTE, [
    ['b', 'B'],
    ['a', 'A']
  ])
  view.affinity('u', NOW - MINUTE, [['A', 0.8]])
  view.list('a', 5, 2, [
    ['b', 2, 1],
    ['x', 3, 2],
    ['y', 1, 0.5]
  ])
  view.list('b', 4, 4, [
    ['a', 2, 1],
    ['y', 2, 2],
    ['z', 1, 0.4]
  ])
}

t.test('what the listener plays now', async t => {
  const { app, view } = await fixture()
  playing(view)
  const response = await app.inject('/recommendations?user_id=u')
  t.equal(response.statusCode, 200)
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  const answer = response.json<Recommendations>()
  t.match(answer, {
    track_id: 'b',
    track_name: 'Name of b',
    artist_name: 'Name of B',
    user_id: 'u',
    strategy: 'session',
    context: ['b', 'a'],
    total_recommendations: 3,
    fallback: null,
    cache_hit: false,
    generated_at: '2026-01-31T17:05:00.000Z',
    as_of: '2026-01-31T17:04:00.000Z'
  })
  t.ok(answer.query_time_ms >= 0)
  t.same(
    answer.recommendations.map(item => item.track_id),
    ['y', 'x', 'z']
  )
  // c(y) = 2/4 + 0.5 · 0.5/2 = 0.625, the greatest; c(x) = 0.5 · 2/2; c(z) = 0.4/4.
  const [y, x, z] = answer.recommendations
  t.same([y!.cooccurrence_score, x!.cooccurrence_score, z!.cooccurrence_score], [1, 0.5 / 0.625, 0.1 / 0.625])
  t.equal(y!.recommendation_score, 100 * (0.7 + 0.3 * (0.5 * 0.5)), 'B has half of the session')
  t.equal(x!.recommendation_score, 100 * (0.7 * 0.8 + 0.3 * (0.5 * 0.5 + 0.5 * 0.8)))
  t.same([y!.sessions_together, x!.sessions_together, z!.sessions_together], [2, 0, 1])
  t.same([y!.artist_affinity_score, x!.artist_affinity_score], [0, 80])
  t.same(y!.because.tracks, [
    { track_id: 'b', track_name: 'Name of b' },
    { track_id: 'a', track_name: 'Name of a' }
  ])
  t.same(x!.because, { tracks: [{ track_id: 'a', track_name: 'Name of a' }], artist: { artist_id: 'A', artist_name: 'Name of A' } })
  t.equal(z!.because.artist, null)
  t.equal(x!.reasoning, "Often heard around “Name of a”; Name of A is one of this listener's favourite artists.")
  t.equal(z!.reasoning, 'Heard with “Name of b” in 1 session.')
  t.equal(y!.reasoning, 'Often heard around “Name of b” and “Name of a” (in 2 sessions with “Name of b”).')
})

t.test('baseline looks at the current track alone', async t => {
  const { app, view } = await fixture()
  playing(view)
  const answer = (await app.inject('/recommendations?user_id=u&strategy=baseline')).json<Recommendations>()
  t.same(answer.context, ['b'])
  t.same(
    answer.recommendations.map(item => [item.track_id, item.recommendation_score, item.cooccurrence_score]),
    [
      ['y', 35, 0.5],
      ['z', 17.5, 0.25]
    ]
  )
  t.equal(answer.recommendations[0]!.reasoning, 'In 2 sessions with “Name of b”, 50 % of the sessions that have it.')
})

t.test('after a track: it comes first, the current session follows', async t => {
  const { app, view } = await fixture()
  playing(view)
  const get = async (url: string) => (await app.inject(url)).json<Recommendations>()
  const ids = (answer: Recommendations) => answer.recommendations.map(item => item.track_id)

  const within = await get('/recommendations/a?user_id=u')
  t.same(
    [within.context, ids(within)],
    [
      ['a', 'b'],
      ['x', 'y', 'z']
    ],
    'a track of the session moves to the front'
  )
  const nobody = await get('/recommendations/a')
  t.same([nobody.context, nobody.user_id, ids(nobody)], [['a'], null, ['x', 'b', 'y']])
  t.equal(nobody.recommendations[0]!.recommendation_score, 100 * (0.7 + 0.3 * 0.5), 'the session is the given track alone')
  t.equal(nobody.as_of, '2026-01-31T17:04:00.000Z', 'rests on what all listeners did')
  const stranger = await get('/recommendations/a?user_id=stranger')
  t.same([stranger.context, ids(stranger)], [['a'], ['x', 'b', 'y']])
  const later = await get('/recommendations/a?user_id=u&at=2026-01-31T19:00:00Z')
  t.same(later.context, ['a'], 'the session is over')
  t.same(ids(await get('/recommendations/a?limit=1')), ['x'])
})

t.test('the context is the last ten distinct tracks', async t => {
  const { app, view } = await fixture()
  const tracks = Array.from({ length: 14 }, (_, i) => [`t${i}`, 'A'] as const)
  view.session('u', NOW, tracks)
  view.list('t9', 1, 1, [['ten', 1, 1]])
  view.list('t10', 1, 1, [['eleven', 1, 1]])
  const answer = (await app.inject('/recommendations?user_id=u')).json<Recommendations>()
  t.equal(answer.context.length, 10)
  t.same(
    answer.recommendations.map(item => item.track_id),
    ['ten']
  )
})

t.test('a session is current for 60 minutes', async t => {
  const { app, view } = await fixture()
  playing(view)
  const context = async (at: number) =>
    (await app.inject(`/recommendations?user_id=u&at=${new Date(at).toISOString()}`)).json<Recommendations>().context
  t.same(await context(NOW - MINUTE + 60 * MINUTE), ['b', 'a'])
  t.same(await context(NOW - MINUTE + 60 * MINUTE + 1), [])
})

t.test('names that are not there yet fall back to ids', async t => {
  const { app, view } = await fixture()
  view.session('u', NOW, [['s', 'S']])
  view.list('s', 1, 1, [['x', 1, 1]])
  const answer = (await app.inject('/recommendations?user_id=u')).json<Recommendations>()
  t.match(answer, { track_id: 's', track_name: 's', artist_name: 'S' })
  t.match(answer.recommendations[0], { track_id: 'x', track_name: 'x', artist_id: null, artist_name: null, artist_affinity_score: 0 })
})

t.test('fallback', async t => {
  const { app, view } = await fixture()
  const get = async (url: string) => (await app.inject(url)).json<Recommendations>()
  const ids = (answer: Recommendations) => answer.recommendations.map(item => item.track_id)
  for (const [id, artist] of Object.entries({ lone: 'L', a1: 'A', a2: 'A', b1: 'B', w: 'W', g: 'G' })) view.track(id, artist)

  const nothing = await get('/recommendations/lone')
  t.same([nothing.fallback?.source, nothing.recommendations], ['global_chart', []])
  t.match(nothing.fallback?.reason, /No other track has been played in a session with this one yet, and no chart has an entry/)

  view.chart('tracks', 'all', null, 0, NOW, [
    ['lone', 9],
    ['g', 5]
  ])
  view.chart('tracks', 'all', null, 1, NOW - MINUTE, [['w', 7]])
  const global = await get('/recommendations/lone?user_id=nobody')
  t.same([global.fallback?.source, ids(global)], ['global_chart', ['w', 'g']], 'merged, without the track itself')
  t.match(global.fallback?.reason, /: this is the chart of all time\.$/)
  t.equal(global.recommendations[0]!.reasoning, 'No. 2 of the chart of all time with 7 plays.')

  view.chart('tracks', 'week', null, 2, NOW, [['g', 1]])
  t.same(ids(await get('/recommendations/lone?user_id=somebody')), ['g'], 'the week comes before all time')

  view.affinity('u', NOW - 2 * MINUTE, [['A', 0]], 'DE')
  view.chart('tracks', 'all', 'DE', 0, NOW, [['a1', 3]])
  const country = await get('/recommendations?user_id=u')
  t.same([country.fallback?.source, ids(country)], ['country_chart', ['a1']])
  t.equal(country.fallback?.reason, 'The listener plays nothing at this time: this is the chart of all time in DE.')
  t.match(country, { track_id: null, track_name: null, artist_name: null, context: [] })

  view.artist('A', ['a1', 'a2'])
  view.artist('B', ['b1', 'lone'])
  view.affinity('u', NOW - 2 * MINUTE, [
    ['A', 1],
    ['B', 0.75],
    ['nameless', 0.5]
  ])
  const affine = await get('/recommendations/lone?user_id=u&strategy=baseline')
  t.same([affine.fallback?.source, ids(affine)], ['affine_artists', ['a1', 'b1', 'a2']], "each artist's best before anyone's second")
  t.match(affine.recommendations[1], {
    recommendation_score: 100 * (0.3 * 0.75),
    cooccurrence_score: 0,
    artist_affinity_score: 75,
    reasoning: 'The most played by Name of B, whom this listener likes.',
    because: { tracks: [], artist: { artist_id: 'B' } }
  })
  t.equal(affine.recommendations[2]!.reasoning, 'No. 2 of the most played by Name of A, whom this listener likes.')
  t.same(ids(await get('/recommendations/lone?user_id=u&limit=2')), ['a1', 'b1'])

  view.session('u', NOW, [['a1', 'A']])
  t.same(ids(await get('/recommendations?user_id=u')), ['a2', 'b1', 'lone'], 'less the tracks of the session; A fills the session')
})

t.test('all neighbours are in the session', async t => {
  const { app, view } = await fixture()
  view.session('u', NOW, [
    ['a', 'A'],
    ['b', 'A']
  ])
  view.list('a', 1, 1, [['b', 1, 1]])
  view.chart('tracks', 'all', null, 0, NOW, [['g', 5]])
  const answer = (await app.inject('/recommendations?user_id=u')).json<Recommendations>()
  t.match(answer.fallback?.reason, /^All tracks that are known .* are in the session already: /)
})

t.test('unknown tracks and listeners are 404', async t => {
  const { app, view } = await fixture()
  playing(view)
  for (const url of ['/recommendations/nope', '/recommendations/nope?user_id=u', '/recommendations?user_id=nope']) {
    const response = await app.inject(url)
    t.equal(response.statusCode, 404, url)
    t.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8')
    t.match(response.json(), { type: 'about:blank', title: 'Not Found', status: 404, detail: /^There is no (track|listener) "nope"/ })
  }
})

t.test('a track that is known from the session alone is no 404', async t => {
  const { app, view } = await fixture()
  view.session('u', NOW, [['fresh', 'A']])
  const response = await app.inject('/recommendations/fresh?user_id=u')
  t.equal(response.statusCode, 200)
})
