import t from 'tap'
import { guarded } from './auth-support.js'
import { fixture, MINUTE, NOW } from './support.js'

interface Board {
  readonly compared_with: string | null
  readonly entries: { rank: number; previous_rank: number | null; movement: string; plays: number; listener_id?: string }[]
  readonly me?: { rank: number; listener_id: string } | null
}

t.test('charts are merged from the shards', async t => {
  const { app, view } = await fixture()
  view.chart('tracks', 'hour', null, 0, NOW, [
    ['a', 5],
    ['c', 2]
  ])
  view.chart('tracks', 'hour', null, 1, NOW - 59 * MINUTE, [
    ['b', 5],
    ['d', 9]
  ])
  view.chart('tracks', 'hour', null, 2, NOW - 60 * MINUTE, [['stale', 99]])
  view.chart('tracks', 'hour', 'SE', 0, NOW, [['regional', 1]])
  const chart = async (query: string) => (await app.inject(`/charts/tracks?${query}`)).json<{ entries: { track_id: string }[] }>()
  const hour = await chart('window=hour&limit=3')
  t.match(hour, { window: 'hour', country: null, window_end: '2026-01-31T17:05:00.000Z', oldest_shard_end: '2026-01-31T16:06:00.000Z' })
  t.same(
    hour.entries.map(entry => entry.track_id),
    ['d', 'a', 'b'],
    'by plays, then id; a shard that ended an hour before is left out'
  )
  t.match(hour.entries[0], { place: 1, plays: 9 })
  t.match(await chart('window=hour&country=se'), { country: 'SE', entries: [{ track_id: 'regional' }] })
  t.match(await chart('window=week'), { entries: [], window_end: null, oldest_shard_end: null })
})

t.test('places and movements, merged from the shards', async t => {
  const { app, view } = await fixture()
  const before = (from: number, count: number) => Array.from({ length: count }, (_, i): [string, number] => [`x${from + i}`, 50 - i])
  view.chart(
    'tracks',
    'day',
    null,
    0,
    NOW,
    [
      ['risen', 9],
      ['same', 7]
    ],
    [
      ['same', 70],
      ['risen', 10]
    ]
  )
  view.chart(
    'tracks',
    'day',
    null,
    1,
    NOW - MINUTE,
    [
      ['fallen', 8],
      ['new', 1]
    ],
    [['fallen', 90], ...before(0, 1)]
  )
  view.chart('tracks', 'day', null, 2, NOW - 24 * 60 * MINUTE, [['stale', 99]], [['stale', 99]])
  const board = (await app.inject('/v1/leaderboards/tracks?window=day')).json<Board>()
  t.match(board, { window: 'day', window_end: '2026-01-31T17:05:00.000Z', compared_with: '2026-01-30T17:05:00.000Z' })
  t.match(board.entries, [
    { track_id: 'risen', rank: 1, previous_rank: 4, movement: '+3', plays: 9 },
    { track_id: 'fallen', rank: 2, previous_rank: 1, movement: '-1' },
    { track_id: 'same', rank: 3, previous_rank: 2, movement: '-1' },
    { track_id: 'new', rank: 4, previous_rank: null, movement: 'new' }
  ])
  t.equal(board.entries.length, 4)
  const first = (await app.inject('/v1/leaderboards/tracks?window=day&limit=1')).json<Board>()
  t.strictSame(first.entries, board.entries.slice(0, 1))
  const none = (await app.inject('/v1/leaderboards/artists?window=hour&country=se')).json<Board>()
  t.match(none, { country: 'SE', window_end: null, compared_with: null, entries: [] })
})

t.test('of all time: compared with a day before', async t => {
  const { app, view } = await fixture()
  view.artist('A')
  view.chart('artists', 'all', 'DE', 0, NOW, [['A', 5]], [['A', 4]])
  t.match((await app.inject('/v1/leaderboards/artists?country=de')).json(), {
    window: 'all',
    country: 'DE',
    compared_with: '2026-01-30T17:05:00.000Z',
    entries: [{ artist_id: 'A', artist_name: 'Name of A', rank: 1, previous_rank: 1, movement: '0', plays: 5 }]
  })
})

t.test('listeners see aliases of each other, admins ids; everybody their own place', async t => {
  const { app, view, as } = await guarded(t)
  const many = Array.from({ length: 60 }, (_, i): [string, number] => [`user${i}`, 100 - i])
  view.chart('listeners', 'week', null, 0, NOW, [...many, ['mallory', 3], ['ann', 2]], [['ann', 1]])
  const read = async (who: 'listener' | 'admin', subject: string) => {
    const response = await app.inject({ url: '/v1/leaderboards/listeners?window=week&limit=50', headers: as(subject, who) })
    return { body: response.body, board: response.json<Board>() }
  }
  const mine = await read('listener', 'mallory')
  t.notMatch(mine.body, /user\d|ann/)
  t.equal(mine.board.entries.length, 50)
  t.ok(mine.board.entries.every(({ listener_id }) => /^listener-[0-9a-z]{12}$/.test(listener_id!)))
  t.equal(new Set(mine.board.entries.map(({ listener_id }) => listener_id)).size, 50)
  t.match(mine.board.me, { rank: 61, is_me: true, movement: 'new', plays: 3 })
  const hers = await read('listener', 'ann')
  t.match(hers.board.me, { rank: 62, previous_rank: 1, movement: '-61' })
  t.strictSame(hers.board.entries, mine.board.entries, 'an alias is the same for everybody')
  const all = await read('admin', 'boss')
  t.equal(all.board.entries[0]!.listener_id, 'user0')
  t.equal(all.board.me, null)
})
