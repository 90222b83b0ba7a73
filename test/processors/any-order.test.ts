import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { anySteps, artistOf, countryOf, isPlay, run } from './any-steps.js'
import { play } from './events.js'
import { DAY, HOUR, Listeners, NOON, partitionOf } from './harness.js'
import { type Counted, sessionsFromScratch, sumsOfSessions } from './reference.js'
import { sumsOf } from './sums.js'

/** Of the latest event that has one. */
function latestCountry(events: readonly Counted[]): string | null {
  const sorted = events
    .filter(event => countryOf(event) !== null)
    .sort((a, b) => a.input.event.occurred_at - b.input.event.occurred_at || (countryOf(a)! < countryOf(b)! ? -1 : 1))
  return sorted.length === 0 ? null : countryOf(sorted.at(-1)!)
}

t.test('in any order of arrival, with any commits and restarts, the numbers are those of the text', async t => {
  fc.assert(
    fc.property(anySteps, steps => {
      const { listeners, reference } = run(steps)
      const sessions = sessionsFromScratch(reference.counted)
      const all = [...sessions.values()].flat()
      const plays = all.map(own => own.map(({ input: { event } }) => ({ time: event.occurred_at, track: event.track_id })))
      assert.deepEqual(sumsOf(listeners), sumsOfSessions(plays))

      const counts = listeners.table('pipeline-counts').get('0')
      const accepted: Record<string, number> = {}
      for (const { type } of reference.counted) accepted[type] = (accepted[type] ?? 0) + 1
      if (reference.counted.length > 0) {
        assert.deepEqual(counts, { shard: 0, accepted, rejected: {}, duplicates: reference.duplicates, sessions: all.length })
      }

      const published = listeners.table('user-sessions')
      assert.deepEqual([...published.keys()].sort(), [...sessions.keys()].sort())
      for (const [user, own] of sessions) {
        const latest = own.at(-1)!
        const distinct = [...new Set(latest.map(event => event.input.event.track_id).reverse())]
        const lastOf = (track: string) => latest.findLast(event => event.input.event.track_id === track)!
        assert.deepEqual(published.get(user), {
          user_id: user,
          started_at: latest[0]!.input.event.occurred_at,
          last_play_at: latest.at(-1)!.input.event.occurred_at,
          plays: latest.length,
          country: latestCountry(reference.counted.filter(event => event.input.event.user_id === user)),
          tracks: distinct.map(track => ({
            track_id: track,
            artist_id: artistOf(lastOf(track)),
            last_played_at: lastOf(track).input.event.occurred_at
          }))
        })
      }
    }),
    { numRuns: 100 }
  )
  t.pass()
})

t.test('in any order of arrival plays, listening time and affinities are those of the text', async t => {
  fc.assert(
    fc.property(anySteps, steps => {
      const { listeners, reference } = run(steps)
      const sums = new Map<string, { plays: number; listening_ms: number }>()
      const days = new Map<string, Counted[]>()
      for (const event of reference.counted.filter(isPlay)) {
        const { occurred_at, duration_ms, ms_played, user_id } = event.input.event
        const time = new Date(occurred_at).toISOString()
        for (const key of [`hour|${time.slice(0, 13)}|0`, `day|${time.slice(0, 10)}|0`, 'device|computer|0', 'total|total|0']) {
          const sum = sums.get(key) ?? { plays: 0, listening_ms: 0 }
          sums.set(key, { plays: sum.plays + 1, listening_ms: sum.listening_ms + (ms_played ?? duration_ms ?? 0) })
        }
        const day = `${user_id}|${time.slice(0, 10)}`
        days.set(day, [...(days.get(day) ?? []), event])
      }
      const statistics = [...listeners.table('play-statistics')].map(
        ([key, { plays, listening_ms }]) => [key, { plays, listening_ms }] as const
      )
      assert.deepEqual(new Map(statistics), sums)

      const published = listeners.table('user-days')
      assert.deepEqual([...published.keys()].sort(), [...days.keys()].sort())
      for (const [key, events] of days) {
        const day = published.get(key)!
        const listened = events.reduce((sum, { input: { event } }) => sum + (event.ms_played ?? event.duration_ms ?? 0), 0)
        assert.equal(day.plays, events.length)
        assert.equal(day.listening_ms, listened)
        assert.equal(day.distinct_tracks, new Set(events.map(event => event.input.event.track_id)).size)
        assert.equal(day.distinct_artists, new Set(events.map(artistOf)).size)
      }

      const users = new Set(reference.counted.map(event => event.input.event.user_id))
      const affinities = listeners.table('artist-affinity')
      assert.deepEqual([...affinities.keys()].sort(), [...users].sort())
      for (const user of users)
        checkAffinity(
          affinities.get(user)!,
          reference.counted.filter(event => event.input.event.user_id === user)
        )
    }),
    { numRuns: 60 }
  )
  t.pass()

  function checkAffinity(
    published: { as_of: number; country: string | null; artists: { artist_id: string; a: number; plays: number }[] },
    events: Counted[]
  ): void {
    const asOf = Math.max(...events.map(event => event.input.event.occurred_at))
    assert.equal(published.as_of, asOf)
    assert.equal(published.country, latestCountry(events))
    const weights: Record<string, number> = { play: 1, like: 3, unlike: -3, skip: -0.5 }
    const weighted = events.filter(event => weights[event.type] !== undefined)
    assert.deepEqual(published.artists.map(artist => artist.artist_id).sort(), [...new Set(weighted.map(artistOf))].sort())
    for (const { artist_id, a, plays } of published.artists) {
      const own = weighted.filter(event => artistOf(event) === artist_id)
      const sum = own.reduce((total, { type, input }) => total + weights[type]! * 2 ** (-(asOf - input.event.occurred_at) / (90 * DAY)), 0)
      assert.ok(Math.abs(a - sum) < 1e-9)
      assert.equal(plays, own.filter(isPlay).length)
    }
  }
})

t.test('in any order of arrival the plays sent to tracks and artists add up to what was accepted', async t => {
  fc.assert(
    fc.property(anySteps, steps => {
      const { listeners, reference } = run(steps)
      const expected = new Map<string, number>()
      const bump = (map: Map<string, number>, key: string, count: number) => map.set(key, (map.get(key) ?? 0) + count)
      for (const event of reference.counted.filter(isPlay)) {
        const { track_id, track_name, occurred_at } = event.input.event
        bump(expected, JSON.stringify([track_id, track_name, artistOf(event), Math.floor(occurred_at / 60_000), countryOf(event)]), 1)
      }
      const tracks = new Map<string, number>()
      const artists = new Map<string, number>()
      for (const { value, partition } of listeners.to('track-updates')) {
        const text = (id: number) => (id === -1 ? null : value!.dictionary[id]!)
        for (const entry of value!.plays) {
          assert.equal(partition, partitionOf(text(entry.track)!, 3))
          assert.equal(Math.floor(entry.latest / 60_000), entry.minute)
          bump(
            tracks,
            JSON.stringify([text(entry.track), text(entry.name), text(entry.artist), entry.minute, text(entry.country)]),
            entry.count
          )
        }
        for (const track of value!.track) assert.equal(partition, partitionOf(text(track)!, 3))
      }
      for (const { value, partition } of listeners.to('artist-updates')) {
        for (const entry of value!.plays) {
          const artist = value!.dictionary[entry.artist]!
          assert.equal(partition, partitionOf(artist, 3))
          bump(artists, artist, entry.count)
        }
      }
      const nonZero = (map: Map<string, number>) => new Map([...map].filter(([, count]) => count !== 0))
      assert.deepEqual(nonZero(tracks), expected)
      const byArtist = new Map<string, number>()
      for (const event of reference.counted.filter(isPlay)) bump(byArtist, artistOf(event), 1)
      assert.deepEqual(nonZero(artists), byArtist)
    }),
    { numRuns: 60 }
  )
  t.pass()
})

t.test('a session of one moment to the next hour', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-plays', play({ track_id: 'a', occurred_at: NOON - 2 * HOUR }))
  listeners.pipe('spotify-plays', play({ track_id: 'b', occurred_at: NOON - HOUR }))
  listeners.pipe('spotify-plays', play({ track_id: 'c', occurred_at: NOON + 1 }))
  listeners.commit()
  t.equal(listeners.table('pipeline-counts').get('0')!.sessions, 2, 'exactly 60 minutes are one session, a millisecond more are two')
})
