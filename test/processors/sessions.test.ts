import t from 'tap'
import type { Kept } from '../../processors/clean/history.js'
import { change, like, play } from './events.js'
import { DAY, Listeners, NOON } from './harness.js'
import { sumsOfSessions } from './reference.js'
import { sumsOf } from './sums.js'

const MINUTE = 60_000
const START = NOON - DAY
const at = (minutes: number, track_id: string, user_id = 'u') => play({ user_id, track_id, occurred_at: START + minutes * MINUTE })
const session = (...plays: [minutes: number, track: string][]) =>
  plays.map(([minutes, track]) => ({ time: START + minutes * MINUTE, track }))

t.test('given two sessions, a late play between them makes them one', async t => {
  const listeners = new Listeners()
  for (const event of [at(0, 'x'), at(4, 'y'), at(100, 'x'), at(103, 'z')]) listeners.pipe('spotify-plays', event)
  listeners.commit()
  t.equal(listeners.table('pipeline-counts').get('0')!.sessions, 2)
  listeners.pipe('spotify-plays', at(50, 'w'))
  listeners.commit()
  t.equal(listeners.table('pipeline-counts').get('0')!.sessions, 1)
  t.strictSame(sumsOf(listeners), sumsOfSessions([session([0, 'x'], [4, 'y'], [50, 'w'], [100, 'x'], [103, 'z'])]))
  t.match(listeners.table('user-sessions').get('u'), {
    started_at: START,
    last_play_at: START + 103 * MINUTE,
    plays: 5,
    tracks: [{ track_id: 'z' }, { track_id: 'x', last_played_at: START + 100 * MINUTE }, { track_id: 'w' }, { track_id: 'y' }]
  })
})

t.test('plays in order read nothing but once per listener', async t => {
  const listeners = new Listeners()
  listeners.advance(NOON)
  const history = listeners.store<Kept>('listening-history')
  const before = history.scans
  for (let i = 0; i < 300; i++) listeners.pipe('spotify-plays', at(i * 11 + (i % 5 === 0 ? 0 : 3), `t${i % 40}`, `user${i % 3}`))
  t.equal(history.scans - before, 3)
  t.equal(history.reads, 0)
})

t.test('a history that is imported in order, before what was played already, is read once', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-plays', at(0, 'now'))
  const history = listeners.store<Kept>('listening-history')
  const before = history.scans
  for (let i = 0; i < 200; i++) listeners.pipe('spotify-plays', at(-10 * 24 * 60 + i * 17, `t${i % 40}`))
  t.equal(history.scans - before, 2, 'both sides of the first late play')
  listeners.commit()
  t.match(listeners.table('user-sessions').get('u'), { plays: 1, tracks: [{ track_id: 'now' }] }, 'the latest is still the latest')
})

t.test('given what is left of a session that is over beside open ones', async t => {
  /** Its key was read again, and corrected, when the session was just open: it is still in the store when that is over. */
  const leftOver = (listeners: Listeners, minutes: number) => {
    const event = at(minutes, 'over')
    listeners.pipe('spotify-events', change({ ...event, event_type: 'play' }), NOON)
    listeners.pipe('spotify-plays', event, NOON + 7 * DAY)
  }
  t.test('a play between does not see it, but those behind it', async t => {
    const listeners = new Listeners()
    leftOver(listeners, 30)
    listeners.pipe('spotify-plays', at(70, 'open'), NOON + 8 * DAY)
    listeners.pipe('spotify-plays', at(0, 'p'), NOON + 8 * DAY)
    listeners.pipe('spotify-plays', at(20, 'q'), NOON + 8 * DAY)
    listeners.commit()
    t.strictSame(sumsOf(listeners), sumsOfSessions([session([30, 'over']), session([0, 'p'], [20, 'q'], [70, 'open'])]))
  })
  t.test('the session before it is the latest, and stays one', async t => {
    const listeners = new Listeners()
    leftOver(listeners, 400)
    listeners.pipe('spotify-plays', at(0, 'a'), NOON + 8 * DAY)
    listeners.commit()
    t.match(listeners.table('user-sessions').get('u'), { tracks: [{ track_id: 'a' }] })
    for (const event of [at(50, 'b'), at(200, 'c'), at(60, 'd')]) listeners.pipe('spotify-plays', event, NOON + 8 * DAY)
    listeners.commit()
    const expected = [session([400, 'over']), session([0, 'a'], [50, 'b'], [60, 'd']), session([200, 'c'])]
    t.strictSame(sumsOf(listeners), sumsOfSessions(expected))
  })
})

t.test('the country of a session is that of the latest event that has one, whatever its type', async t => {
  const listeners = new Listeners()
  const country = () => listeners.table('user-sessions').get('u')!.country
  listeners.pipe('spotify-plays', at(0, 'a'))
  listeners.commit()
  t.equal(country(), null)
  listeners.pipe('spotify-likes', like({ occurred_at: START + MINUTE, country: 'se' }))
  listeners.commit()
  t.equal(country(), 'SE')
  listeners.pipe('spotify-events', change({ occurred_at: START - MINUTE, country: 'DE' }))
  listeners.pipe('spotify-plays', at(2, 'b'))
  listeners.commit()
  t.equal(country(), 'SE')
  const sent = listeners.to('user-sessions').length
  listeners.pipe('spotify-events', change({ occurred_at: START + 3 * MINUTE, country: 'SE' }))
  listeners.commit()
  t.equal(listeners.to('user-sessions').length, sent, 'nothing has changed')
})

t.test('pairs that are far apart in a session are together, without a weight', async t => {
  const listeners = new Listeners()
  const tracks = Array.from({ length: 30 }, (_, i) => `t${i}`)
  for (const [i, track] of tracks.entries()) listeners.pipe('spotify-plays', at(i, track))
  listeners.commit()
  const sums = sumsOf(listeners)
  t.strictSame(sums, sumsOfSessions([session(...tracks.map((track, i) => [i, track] as [number, string]))]))
  t.equal(sums.together['t0 t29'], 1)
  t.equal(sums.weight['t0 t29'], undefined)
})

t.test('what comes to nothing within a commit is not sent', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-events', change({ event_type: 'play', device_type: 'tv' }), NOON, 5)
  listeners.commit()
  const before = listeners.to('track-updates').length
  listeners.pipe('spotify-plays', play(), NOON, 5)
  listeners.commit()
  const [update, ...more] = listeners.to('track-updates').slice(before)
  t.same(more, [])
  t.same(update!.value!.track, [], 'neither session nor pairs have changed')
  t.match(update!.value!.plays, [{ count: 0, latest: NOON }], 'the track has the same name')
  t.match(listeners.to('artist-updates').at(-1)!.value!.plays, [{ count: 0, latest: NOON }])
})

t.test('a correction takes the play back from the artist that had it', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-events', change({ event_type: 'play', artist_id: 'b', artist_name: 'B' }), NOON, 5)
  listeners.commit()
  const before = listeners.to('artist-updates').length
  listeners.pipe('spotify-plays', play(), NOON, 5)
  listeners.commit()
  const entries = listeners
    .to('artist-updates')
    .slice(before)
    .flatMap(({ value }) => value!.plays.map(({ artist, name, count }) => [value!.dictionary[artist], value!.dictionary[name], count]))
  t.same(entries.sort(), [
    ['a', 'A', 1],
    ['b', 'B', -1]
  ])
})

t.test('events that are no plays tell the names only', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-likes', like({ country: 'DE' }))
  listeners.commit()
  const [update] = listeners.to('track-updates')
  const { dictionary, plays } = update!.value!
  t.equal(update!.key, '0', "the sender's partition")
  const [{ track, name, artist, country, count, minute }] = plays as [(typeof plays)[0]]
  t.same(
    [track, name, artist, country].map(id => dictionary[id]),
    ['t', 'T', 'a', 'DE']
  )
  t.same([count, minute], [0, NOON / MINUTE])
})

t.test('a listener at two instances in turn', async t => {
  const listeners = new Listeners()
  for (let i = 0; i < 40; i++) {
    listeners.pipe('spotify-plays', at(i * 20 + (i % 4 === 3 ? -45 : 0), `t${i % 7}`))
    listeners.commit()
    listeners.restart()
  }
  const plays = Array.from({ length: 40 }, (_, i) => [i * 20 + (i % 4 === 3 ? -45 : 0), `t${i % 7}`] as [number, string])
  t.strictSame(sumsOf(listeners), sumsOfSessions([session(...plays.sort(([a], [b]) => a - b))]))
  t.equal(listeners.table('user-sessions').get('u')!.started_at, START)
})
