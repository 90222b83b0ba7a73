import t from 'tap'
import { fixture, type MapView, MINUTE, NOW } from './support.js'

function shows(view: MapView, fields: { track_id?: string; since?: number; duration_ms?: number | null; paused?: boolean } = {}): void {
  view.put('now-playing', 'ann', {
    ...{ user_id: 'ann', track_id: 'b', track_name: 'B', artist_id: 'B', artist_name: 'Bea', since: NOW - MINUTE },
    ...{ duration_ms: 3 * MINUTE, paused: false, country: 'NO' },
    ...fields
  })
}

async function application() {
  const it = await fixture()
  const { view } = it
  for (const [track, artist] of [
    ['a', 'A'],
    ['b', 'B'],
    ['x', 'A'],
    ['y', 'B']
  ] as const)
    view.track(track, artist)
  view.list('a', 4, 2, [['x', 2, 1]])
  view.list('b', 4, 2, [['y', 2, 1]])
  const recommended = async (query = '') => {
    const answer = (await it.app.inject(`/v1/recommendations?user_id=ann${query}`)).json()
    return { ...answer, tracks: answer.recommendations?.map((item: { track_id: string }) => item.track_id) }
  }
  const session = async () => (await it.app.inject('/v1/users/ann/session')).json()
  return { ...it, recommended, session }
}

t.test('what plays now comes before the session', async t => {
  const { view, recommended, session } = await application()
  view.session('ann', NOW - 5 * MINUTE, [['a', 'A']])
  t.match(await recommended(), { track_id: 'a', context: ['a'], tracks: ['x'] })
  t.match(await session(), { playing: null })
  shows(view)
  t.match(await recommended(), { track_id: 'b', context: ['b', 'a'], cache_hit: false }, 'the cached answer is not given any more')
  t.match(await recommended('&strategy=baseline'), { track_id: 'b', tracks: ['y'] })
  t.match(await session(), { plays: 1, playing: { track_id: 'b', artist_name: 'Bea', since: new Date(NOW - MINUTE).toISOString() } })
})

t.test('not when it has ended, is paused, or has been silent for too long', async t => {
  const { view, recommended, session, clock } = await application()
  view.session('ann', NOW - 5 * MINUTE, [['a', 'A']])
  shows(view, { since: NOW - 5 * MINUTE })
  t.match(await recommended(), { track_id: 'a' }, 'its play is in the session')
  shows(view, { paused: true })
  t.match(await recommended(), { track_id: 'a' })
  shows(view)
  t.match(await recommended(), { track_id: 'b' })
  clock.now = NOW + 4 * MINUTE
  t.match(await recommended(), { track_id: 'a' }, 'a minute after its end; the cache knows')
  t.match(await session(), { playing: null })
  shows(view, { duration_ms: null })
  t.match(await recommended(), { track_id: 'b' }, 'a track of unknown length may be longer')
  t.match(await recommended(`&at=${new Date(NOW - 30 * MINUTE).toISOString()}`), { track_id: 'a' }, 'nor at a time before')
})

t.test('the first track of a new listener', async t => {
  const { view, app, recommended, session } = await application()
  t.match(await recommended(), { status: 404 })
  shows(view)
  t.match(await recommended(), { track_id: 'b', tracks: ['y'] })
  t.match(await session(), { plays: 0, tracks: [], country: 'NO', playing: { track_id: 'b' } })
  t.equal((await app.inject('/v1/users/bob/session')).statusCode, 404)
})

t.test('a track that nobody has played to its end', async t => {
  const { view, recommended } = await application()
  view.session('ann', NOW - 5 * MINUTE, [['a', 'A']])
  shows(view, { track_id: 'new' })
  t.match(await recommended(), { track_id: 'new', track_name: 'B', artist_name: 'Bea', context: ['new', 'a'], tracks: ['x'] })
  t.match(await recommended('&strategy=baseline'), { track_id: 'new', fallback: {} }, 'nothing goes with it yet')
  const other = await application()
  shows(other.view, { track_id: 'new' })
  t.match(await other.recommended(), { track_id: 'new', context: ['new'] }, 'the first one of a new listener')
})
