import t, { type Test } from 'tap'
import { artistListenerKey, sharedKey } from '../../schemas/catalogue.js'
import { type Guarded, guarded } from './auth-support.js'
import { fixture, type MapView, MINUTE, NOW } from './support.js'

interface Similar {
  readonly considered: number
  readonly listeners: {
    listener_id: string
    name: string | null
    similarity: number
    shared_artists: { artist_id: string; share: number }[]
  }[]
}

function shares(view: MapView, user_id: string, alias: string, name: string | null = null): void {
  for (const key of [sharedKey('user', user_id), sharedKey('alias', alias)]) view.put('shared-listeners', key, { user_id, alias, name })
}

/** As the processors write it. */
function indexed(view: MapView, user_id: string, artist_id: string, step: number): void {
  view.put('artist-listeners', artistListenerKey(artist_id, step, user_id), { artist_id, user_id, step })
}

t.test('similarity is the cosine; artists contribute by their products', async t => {
  const { app, view } = await fixture()
  for (const artist of ['A', 'B', 'C', 'A|x']) view.artist(artist)
  // The sums are ten times as much.
  view.affinity('u', NOW, [
    ['A', 0.3],
    ['B', 0.4],
    ['C', -1]
  ])
  view.affinity('same', NOW, [
    ['A', 0.6],
    ['B', 0.8]
  ])
  view.affinity('half', NOW, [
    ['A', 1],
    ['C', 1]
  ])
  view.affinity('none', NOW, [['C', 1]])
  view.affinity('bar', NOW, [['A|x', 1]])
  view.affinity('hater', NOW, [['A', -1]])
  for (const user of ['u', 'same', 'half']) indexed(view, user, 'A', 2)
  for (const user of ['none', 'hater']) indexed(view, user, 'B', 0)
  indexed(view, 'bar', 'A|x', 0)
  const similar = (await app.inject('/v1/users/u/similar')).json<Similar>()
  t.match(similar, {
    considered: 4,
    listeners: [
      { listener_id: 'same', name: null, is_me: false, similarity: 1 },
      { listener_id: 'half', shared_artists: [{ artist_id: 'A', artist_name: 'Name of A', share: 1 }] }
    ]
  })
  t.equal(similar.listeners.length, 2, 'who has nothing in common is not like one')
  t.ok(Math.abs(similar.listeners[1]!.similarity - 0.6 / Math.SQRT2) < 1e-12)
  const [b, a] = similar.listeners[0]!.shared_artists
  t.strictSame([b!.artist_id, a!.artist_id], ['B', 'A'])
  t.ok(Math.abs(b!.share - 0.64) < 1e-12 && Math.abs(a!.share - 0.36) < 1e-12)
  t.equal((await app.inject('/v1/users/u/similar?limit=1')).json<Similar>().listeners.length, 1)
  t.match((await app.inject('/v1/users/none/similar')).json(), { listeners: [] })
})

t.test('listeners find those who share, by alias and name, and nobody else', async t => {
  const { app, view, as } = await guarded(t)
  view.affinity('cleo', NOW, [['A', 1]])
  view.affinity('dan', NOW, [['A', 1]])
  for (const user of ['ann', 'cleo', 'dan']) indexed(view, user, 'A', 0)
  shares(view, 'cleo', 'listener-cccc', 'Cleo C.')
  shares(view, 'mallory', 'listener-mmmm')
  const mine = await app.inject({ url: '/v1/me/similar', headers: as('mallory', 'listener') })
  t.match(mine.json(), { user_id: 'mallory', considered: 1, listeners: [{ listener_id: 'listener-cccc', name: 'Cleo C.', similarity: 1 }] })
  t.notMatch(mine.body, /ann|dan|"cleo"/)
  const all = (await app.inject({ url: '/v1/users/mallory/similar', headers: as('boss', 'admin') })).json<Similar>()
  t.strictSame(
    all.listeners.map(({ listener_id }) => listener_id),
    ['ann', 'cleo', 'dan']
  )
})

t.test('of many who share those are compared who love the same artists', async t => {
  const { app, view, as } = await guarded(t)
  for (let i = 0; i < 320; i++) {
    view.affinity(`s${i}`, NOW, [[i < 310 ? `other${i}` : 'A', 1]])
    shares(view, `s${i}`, `listener-${i}`)
    indexed(view, `s${i}`, i < 310 ? `other${i}` : 'A', 0)
  }
  view.affinity('private', NOW, [['A', 1]])
  indexed(view, 'private', 'A', 0)
  const mine = (await app.inject({ url: '/v1/me/similar?limit=50', headers: as('ann', 'listener') })).json<Similar>()
  t.equal(mine.considered, 10)
  t.strictSame(
    mine.listeners.map(({ listener_id }) => listener_id).sort(),
    [310, 311, 312, 313, 314, 315, 316, 317, 318, 319].map(i => `listener-${i}`)
  )
})

const comparing = (parts: Guarded, subject: string, other: string, scope: 'listener' | 'admin' = 'listener') =>
  parts.app.inject({ url: `/v1/me/compare/${other}`, headers: parts.as(subject, scope) })

async function twoListeners(t: Test): Promise<Guarded> {
  const parts = await guarded(t)
  const { view } = parts
  view.track('b', 'B')
  view.artist('B')
  view.affinity('ann', NOW, [
    ['A', 1],
    ['B', 0.5]
  ])
  view.affinity('mallory', NOW, [
    ['A', 1],
    ['B', 0.1],
    ['C', 0.1]
  ])
  const at = (minutes: number) => NOW - minutes * MINUTE
  view.profile('ann', {
    tracks: [
      { track_id: 'a', plays: 9, first_played_at: at(50) },
      { track_id: 'b', plays: 3, first_played_at: at(10) },
      { track_id: 'x', plays: 1, first_played_at: at(1) }
    ],
    artists: [{ artist_id: 'A', plays: 10, first_played_at: at(50) }]
  })
  view.profile('mallory', {
    tracks: [
      { track_id: 'b', plays: 8, first_played_at: at(20) },
      { track_id: 'a', plays: 2, first_played_at: at(50) },
      { track_id: 'y', plays: 1, first_played_at: at(1) }
    ],
    artists: [
      { artist_id: 'B', plays: 8, first_played_at: at(20) },
      { artist_id: 'A', plays: 2, first_played_at: at(60) }
    ]
  })
  return parts
}

t.test('what two have in common, and who heard it first', async t => {
  const parts = await twoListeners(t)
  shares(parts.view, 'ann', 'listener-aaaa', 'Ann')
  const response = await comparing(parts, 'mallory', 'listener-aaaa')
  t.equal(response.statusCode, 200)
  t.notMatch(response.body, '"ann"')
  const answer = response.json()
  const similarity = (10 * 10 + 5 * 1) / (Math.hypot(10, 5) * Math.hypot(10, 1, 1))
  t.ok(Math.abs(answer.similarity - similarity) < 1e-12)
  t.match(answer, {
    listener: { is_me: true },
    other: { listener_id: 'listener-aaaa', name: 'Ann', is_me: false },
    total_shared_artists: 2,
    shared_artists: [
      {
        artist_id: 'A',
        artist_name: 'Name of A',
        plays: 2,
        other_plays: 10,
        first: 'listener',
        other_first_played_at: '2026-01-31T16:15:00.000Z'
      },
      { artist_id: 'B', plays: 8, other_plays: null, first: null, first_played_at: '2026-01-31T16:45:00.000Z', other_first_played_at: null }
    ],
    total_shared_tracks: 2,
    shared_tracks: [
      { track_id: 'b', track_name: 'Name of b', plays: 8, other_plays: 3, first: 'listener' },
      { track_id: 'a', plays: 2, other_plays: 9, first: 'same_time' }
    ]
  })
  const limited = (await parts.app.inject({ url: '/v1/me/compare/listener-aaaa?limit=1', headers: parts.as('mallory', 'listener') })).json()
  t.strictSame([limited.shared_tracks.length, limited.shared_artists.length, limited.total_shared_tracks], [1, 1, 2])
})

t.test('who does not share, who is not there and whose id was guessed can not be told apart', async t => {
  const parts = await twoListeners(t)
  const refusals = await Promise.all(['ann', 'nobody', 'listener-unknown', 'mallory'].map(other => comparing(parts, 'mallory', other)))
  for (const refusal of refusals) t.equal(refusal.statusCode, 404)
  const texts = refusals.map((refusal, i) => refusal.body.replaceAll(['ann', 'nobody', 'listener-unknown', 'mallory'][i]!, 'X'))
  t.equal(new Set(texts).size, 1)
  shares(parts.view, 'ann', 'listener-aaaa')
  t.equal((await comparing(parts, 'mallory', 'ann')).statusCode, 404, 'an id is no alias')
  t.equal((await comparing(parts, 'boss', 'ann', 'admin')).statusCode, 404, 'an admin who listens to nothing')
  const asked = (other: string) => parts.app.inject({ url: `/v1/users/mallory/compare/${other}`, headers: parts.as('boss', 'admin') })
  t.match((await asked('ann')).json(), { listener: { listener_id: 'mallory' }, other: { listener_id: 'ann' } })
  t.match((await asked('listener-aaaa')).json(), { other: { listener_id: 'ann' } })
  t.equal((await comparing(parts, 'mallory', 'x'.repeat(129))).json().errors[0].field, 'other')
  t.equal((await comparing(parts, 'mallory', '%01')).statusCode, 400)
})

t.test('a listener chooses to share, under a name; a bad choice is refused', async t => {
  const choices: unknown[] = []
  const personalData = {
    async *export() {
      yield ''
    },
    erase: async () => {},
    share: async (choice: unknown) => void choices.push(choice)
  }
  const { app, view, as } = await guarded(t, { personalData })
  const headers = as('ann', 'listener')
  const put = (payload: object) => app.inject({ method: 'PUT', url: '/v1/me/sharing', headers, payload })
  const before = (await app.inject({ url: '/v1/me/sharing', headers })).json<{ listener_id: string }>()
  t.match(before, { user_id: 'ann', shares: false, name: null, listener_id: /^listener-[0-9a-z]{12}$/ })
  t.match((await put({ shares: true, name: 'Ann' })).json(), { user_id: 'ann', shares: true, name: 'Ann', listener_id: before.listener_id })
  t.match((await put({ shares: false, name: 'Ann' })).json(), { shares: false, name: null })
  t.strictSame(choices, [
    { user_id: 'ann', shares: true, alias: before.listener_id, name: 'Ann' },
    { user_id: 'ann', shares: false, alias: before.listener_id, name: null }
  ])
  for (const [payload, field] of [
    [{}, 'shares'],
    [{ shares: 'perhaps' }, 'shares'],
    [{ shares: true, name: '' }, 'name'],
    [{ shares: true, name: 'x'.repeat(41) }, 'name'],
    [{ shares: true, name: 'a\u0000b' }, 'name']
  ] as const)
    t.match((await put(payload)).json(), { status: 400, errors: [{ field }] }, JSON.stringify(payload))
  t.equal(choices.length, 2)
  shares(view, 'ann', 'listener-before', 'Ann')
  t.match((await app.inject({ url: '/v1/me/sharing', headers })).json(), { shares: true, name: 'Ann', listener_id: 'listener-before' })
  view.chart('listeners', 'all', null, 0, NOW, [['ann', 3]])
  const board = await app.inject({ url: '/v1/leaderboards/listeners', headers: as('mallory', 'listener') })
  t.match(board.json(), { entries: [{ listener_id: 'listener-before', name: 'Ann' }] }, 'the name is on the leaderboards, too')
})
