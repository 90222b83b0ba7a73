import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { COUNTED_PLAYS, type DeltaSink, decay, q, SessionDeltas } from '../../processors/sessions/deltas.js'
import type { Plays } from '../../processors/sessions/session.js'
import { DAY, NOON } from './harness.js'
import { sumsOfSessions } from './reference.js'
import { add, emptySums, type Sums } from './sums.js'

/** Adds up what it is told, with the tracks' ids as names. */
class SummingSink implements DeltaSink {
  readonly sums: Sums = emptySums()

  sessions(track: number, change: number): void {
    add(this.sums.sessions, String(track), change)
  }

  n(track: number, change: number): void {
    add(this.sums.n, String(track), change)
  }

  pair(a: number, b: number, forward: number, backward: number, together: number): void {
    assert.notEqual(a, b)
    add(this.sums.weight, `${a} ${b}`, forward)
    add(this.sums.weight, `${b} ${a}`, backward)
    add(this.sums.together, `${a} ${b}`, together)
    add(this.sums.together, `${b} ${a}`, together)
  }
}

const playsOf = (tracks: readonly number[], from = 0): Plays => ({
  times: tracks.map((_, i) => NOON + (from + i) * 60_000),
  tracks: [...tracks],
  artists: tracks.map(() => 0)
})

const slice = ({ times, tracks, artists }: Plays, from: number, to?: number): Plays => ({
  times: times.slice(from, to),
  tracks: tracks.slice(from, to),
  artists: artists.slice(from, to)
})

const concat = (...parts: Plays[]): Plays => ({
  times: parts.flatMap(part => part.times),
  tracks: parts.flatMap(part => part.tracks),
  artists: parts.flatMap(part => part.artists)
})

const expected = (...sessions: Plays[]): Sums =>
  sumsOfSessions(sessions.map(({ times, tracks }) => tracks.map((track, i) => ({ time: times[i]!, track: String(track) }))))

/** The sums of the sessions before, and then what a step changes. */
function after(before: readonly Plays[], step: (deltas: SessionDeltas) => void): Sums {
  const sink = new SummingSink()
  for (const session of before) {
    const growing = new SessionDeltas(sink)
    for (let i = 1; i <= session.tracks.length; i++) growing.append(slice(session, 0, i))
  }
  step(new SessionDeltas(sink))
  return sink.sums
}

/** Albums played in order and again, shuffles, one track on repeat. */
const anyTracks = (maxLength: number): fc.Arbitrary<number[]> =>
  fc.integer({ min: 1, max: 60 }).chain(tracks => fc.array(fc.integer({ min: 0, max: tracks }), { maxLength, size: 'max' }))

t.test('a session that grows play by play', async t => {
  fc.assert(
    fc.property(anyTracks(60), tracks => {
      const session = playsOf(tracks)
      assert.deepEqual(
        after([session], () => {}),
        expected(session)
      )
    }),
    { numRuns: 60 }
  )
  t.pass()
})

t.test('a play inserted anywhere', async t => {
  fc.assert(
    fc.property(anyTracks(80), fc.nat(), fc.integer({ min: 0, max: 60 }), (tracks, place, track) => {
      const at = place % (tracks.length + 1)
      const whole = playsOf([...tracks.slice(0, at), track, ...tracks.slice(at)])
      const before = concat(slice(whole, 0, at), slice(whole, at + 1))
      assert.deepEqual(
        after([before], deltas => deltas.insert(before, whole, at)),
        expected(whole)
      )
    }),
    { numRuns: 100 }
  )
  t.pass()
})

t.test('a play that connects two sessions', async t => {
  fc.assert(
    fc.property(anyTracks(50), anyTracks(50), fc.integer({ min: 0, max: 60 }), (a, b, track) => {
      const left = playsOf([1, ...a])
      const right = playsOf([1, ...b], left.tracks.length + 1)
      const merged = concat(left, playsOf([track], left.tracks.length), right)
      assert.deepEqual(
        after([left, right], deltas => deltas.merge(left, right, merged, left.tracks.length)),
        expected(merged)
      )
    }),
    { numRuns: 100 }
  )
  t.pass()
})

t.test('only the first 500 plays of a session count', async t => {
  const many = (count: number, tracks: number, from = 0) =>
    playsOf(
      Array.from({ length: count }, (_, i) => (i * 7 + (i >> 3)) % tracks),
      from
    )

  t.test('a session that outgrows them', async t => {
    const session = many(COUNTED_PLAYS + 5, 90)
    t.same(
      after([session], () => {}),
      expected(session)
    )
  })

  for (const [at, length] of [
    [0, 500],
    [10, 505],
    [490, 500],
    [499, 500],
    [499, 510],
    [500, 500],
    [503, 520]
  ] as const) {
    t.test(`the play ${at} comes last, into a session of ${length}`, async t => {
      // The track that is pushed out may occur only there, or before it too.
      for (const pushedOut of [1000, 3]) {
        const before = many(length, 90)
        before.tracks[499] = pushedOut
        const whole = concat(slice(before, 0, at), playsOf([2000], at), slice(before, at))
        whole.times.forEach((_, i) => {
          whole.times[i] = NOON + i * 60_000
          if (i < at) before.times[i] = whole.times[i]!
          if (i > at) before.times[i - 1] = whole.times[i]!
        })
        t.strictSame(
          after([before], deltas => deltas.insert(before, whole, at)),
          expected(whole)
        )
      }
    })
  }

  for (const [a, b] of [
    [300, 300],
    [499, 100],
    [498, 600],
    [500, 20],
    [700, 20],
    [20, 700]
  ] as const) {
    t.test(`sessions of ${a} and ${b} become one`, async t => {
      const left = many(a, 60)
      const right = many(b, 110, a + 1)
      const merged = concat(left, playsOf([2000], a), right)
      t.strictSame(
        after([left, right], deltas => deltas.merge(left, right, merged, a)),
        expected(merged)
      )
    })
  }
})

t.test('the weights of semantics.md', async t => {
  t.equal(decay(Date.UTC(2020, 0, 1)), 1)
  t.equal(decay(Date.UTC(2020, 0, 1) + 365 * DAY), 2)
  t.equal(decay(Date.UTC(2020, 0, 1) - 730 * DAY), 0.25)
  t.ok(Number.isFinite(decay(8.64e15)), 'a time in the far future is still a number')
  t.equal(q(1 / 3), Math.round(2 ** 20 / 3) / 2 ** 20)
})
