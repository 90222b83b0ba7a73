import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { anySteps, artistOf, isPlay, run } from './any-steps.js'
import { play } from './events.js'
import { DAY, HOUR, Listeners, NOON } from './harness.js'
import { type Counted, sessionsFromScratch } from './reference.js'

const timeOf = ({ input }: Counted): number => input.event.occurred_at
const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Plays and the first time by what `of` names, the most played first. */
function tally(events: readonly Counted[], of: (event: Counted) => string): [string, number, number][] {
  const rows = new Map<string, { plays: number; first: number }>()
  for (const event of events) {
    const row = rows.get(of(event)) ?? { plays: 0, first: Number.POSITIVE_INFINITY }
    rows.set(of(event), { plays: row.plays + 1, first: Math.min(row.first, timeOf(event)) })
  }
  return [...rows]
    .map(([id, { plays, first }]): [string, number, number] => [id, plays, first])
    .sort(([a, x], [b, y]) => y - x || bytes(a, b))
}

/** Monday is 0. */
const hourOfWeek = (time: number): number => ((new Date(time).getUTCDay() + 6) % 7) * 24 + new Date(time).getUTCHours()

t.test('in any order of arrival a profile is what the events say', async t => {
  fc.assert(
    fc.property(anySteps, steps => {
      const { listeners, reference } = run(steps)
      const plays = reference.counted.filter(isPlay)
      const sessions = sessionsFromScratch(reference.counted)
      const published = listeners.table('listener-profiles')
      const users = [...new Set(plays.map(({ input }) => input.event.user_id))]
      assert.deepEqual([...published.keys()].sort(), users.sort())
      for (const user of users) {
        const own = plays.filter(({ input }) => input.event.user_id === user)
        const lengths = sessions.get(user)!.map(session => timeOf(session.at(-1)!) - timeOf(session[0]!))
        const clock = new Array<number>(168).fill(0)
        for (const event of own) clock[hourOfWeek(timeOf(event))]!++
        const { tracks, artists, ...sums } = published.get(user)!
        assert.deepEqual(sums, {
          user_id: user,
          plays: own.length,
          listening_ms: own.reduce((sum, { input: { event } }) => sum + (event.ms_played ?? event.duration_ms ?? 0), 0),
          first_play_at: Math.min(...own.map(timeOf)),
          clock,
          sessions: lengths.length,
          session_ms: lengths.reduce((sum, length) => sum + length, 0),
          longest_session_ms: Math.max(...lengths)
        })
        assert.deepEqual(
          tracks.map(({ track_id, plays, first_played_at }) => [track_id, plays, first_played_at]),
          tally(own, ({ input }) => input.event.track_id)
        )
        assert.deepEqual(
          artists.map(({ artist_id, plays, first_played_at }) => [artist_id, plays, first_played_at]),
          tally(own, artistOf)
        )
      }
    }),
    { numRuns: 200 }
  )
  t.pass()
})

t.test('fifty of each are listed; a restart from operands and from values changes nothing', async t => {
  const listeners = new Listeners()
  for (let i = 0; i < 70; i++)
    for (let plays = 0; plays < 1 + (i % 7); plays++)
      listeners.pipe(
        'spotify-plays',
        play({ track_id: `t${i}`, artist_id: `a${i % 60}`, occurred_at: NOON - DAY * plays - i * HOUR, duration_ms: 1_000 })
      )
  listeners.commit()
  const before = listeners.table('listener-profiles').get('u')!
  t.equal(before.tracks.length, 50)
  t.equal(before.artists.length, 50)
  t.match(before.tracks[0], { track_id: 't13', plays: 7, first_played_at: NOON - 6 * DAY - 13 * HOUR })
  t.equal(
    before.clock.reduce((sum, plays) => sum + plays, 0),
    before.plays
  )
  for (const from of ['operands', 'values'] as const) {
    const store = listeners.stores.get('listener-profiles')
    if (store !== undefined && 'restore' in store) store.restore(from)
    listeners.restart()
    listeners.pipe('spotify-plays', play({ track_id: 't0', artist_id: 'a0', occurred_at: NOON }))
    listeners.commit()
    t.match(listeners.table('listener-profiles').get('u'), { tracks: before.tracks.slice(0, 5), first_play_at: before.first_play_at }, from)
  }
})

t.test('hours of the week are UTC, Monday first', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-plays', play({ occurred_at: Date.UTC(2024, 1, 26, 0, 0) }))
  listeners.pipe('spotify-plays', play({ occurred_at: Date.UTC(2024, 1, 25, 23, 59, 59, 999) }))
  listeners.commit()
  const { clock } = listeners.table('listener-profiles').get('u')!
  t.strictSame([clock[0], clock[167], clock.length], [1, 1, 168])
})
