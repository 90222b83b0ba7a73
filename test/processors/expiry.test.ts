import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { historyKey, type Kept } from '../../processors/clean/history.js'
import { type StoredPlay, splitSessions } from '../../processors/sessions/split.js'
import { change, type Input, like, play } from './events.js'
import { DAY, HOUR, Listeners, NOON } from './harness.js'
import { Reference } from './reference.js'
import { sumsOf } from './sums.js'

const RECORDS = NOON
const MINUTE = 60_000

type Step = { readonly input: Input; readonly waited: number } | 'commit' | 'restart'

/** Records some days of record time apart: sessions and memories of keys expire in between, or just do not. */
const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc
        .record({
          user_id: fc.constantFrom('u', 'u', 'v'),
          track_id: fc.constantFrom('a', 'b', 'c', 'd'),
          slot: fc.integer({ min: 0, max: 14 }),
          again: fc.boolean(),
          waited: fc.constantFrom(0, 0, 0, MINUTE, DAY, 3 * DAY, 4 * DAY, 7 * DAY, 7 * DAY + 1, 9 * DAY)
        })
        .map(({ waited, slot, again, ...ids }): Step => {
          const event = { ...ids, occurred_at: NOON - 10 * DAY + slot * 25 * MINUTE }
          const input: Input = again
            ? { topic: 'spotify-events', event: change({ ...event, event_type: 'play' }) }
            : { topic: 'spotify-plays', event: play(event) }
          return { input, waited }
        })
    },
    { weight: 2, arbitrary: fc.constantFrom<Step>('commit', 'restart') }
  ),
  { minLength: 1, maxLength: 50, size: 'max' }
)

t.test('sessions and duplicates expire by stream time alone, whatever is swept, cached or restarted', async t => {
  fc.assert(
    fc.property(anySteps, steps => {
      const listeners = new Listeners()
      const reference = new Reference()
      let now = RECORDS
      let offset = 0
      for (const step of steps) {
        if (typeof step === 'string') {
          listeners.commit()
          if (step === 'restart') listeners.restart()
          continue
        }
        now += step.waited
        listeners.pipe(step.input.topic, step.input.event as never, now, offset)
        reference.read({ input: step.input, offset: offset++, now })
      }
      listeners.commit()
      assert.deepEqual(sumsOf(listeners), reference.sums())
      const counts = listeners.table('pipeline-counts').get('0')
      assert.equal(counts?.duplicates ?? 0, reference.duplicates)
      assert.equal(counts?.sessions ?? 0, reference.sessions.length)
      assert.equal(counts?.accepted.play ?? 0, reference.counted.length)
    }),
    { numRuns: 200 }
  )
  t.pass()
})

t.test('given a key read seven days ago', async t => {
  const listeners = new Listeners()
  const fact = play({ occurred_at: NOON - HOUR })
  listeners.pipe('spotify-plays', fact, NOON)
  t.test('then the same fact is a duplicate', async t => {
    listeners.pipe('spotify-plays', fact, NOON + 7 * DAY)
    listeners.commit()
    t.equal(listeners.table('pipeline-counts').get('0')!.duplicates, 1)
  })
  t.test('then a millisecond later it counts again: a duplicate does not prolong the memory', async t => {
    listeners.pipe('spotify-plays', fact, NOON + 7 * DAY + 1)
    listeners.commit()
    t.match(listeners.table('pipeline-counts').get('0'), { duplicates: 1, accepted: { play: 2 }, sessions: 2 })
  })
})

t.test('given a session whose last play came six days after the first', async t => {
  const listeners = new Listeners()
  const first = play({ track_id: 'a', occurred_at: NOON - 2 * HOUR })
  listeners.pipe('spotify-plays', first, NOON)
  listeners.pipe('spotify-plays', play({ track_id: 'b', occurred_at: NOON - HOUR }), NOON + 6 * DAY)
  listeners.commit()
  const before = sumsOf(listeners)
  t.test('when its first play is read again after its key was forgotten', async t => {
    listeners.pipe('spotify-plays', first, NOON + 8 * DAY)
    listeners.commit()
    t.equal(listeners.table('pipeline-counts').get('0')!.accepted.play, 3, 'then the play counts twice')
    t.same(sumsOf(listeners), before, 'but the session, which is open, has it already')
  })
  t.test('when a play comes to the end of it, nine days after the start', async t => {
    listeners.pipe('spotify-plays', play({ track_id: 'c', occurred_at: NOON - HOUR / 2 }), NOON + 9 * DAY)
    listeners.commit()
    t.equal(sumsOf(listeners).together['a c'], 1, 'then it joins: the session was touched since')
  })
})

t.test('the store is swept as stream time goes on', async t => {
  const listeners = new Listeners()
  const history = listeners.store<Kept>('listening-history')
  for (let i = 0; i < 3_000; i++)
    listeners.pipe('spotify-plays', play({ user_id: `u${i % 50}`, track_id: `t${i}`, occurred_at: NOON - i * MINUTE }), NOON)
  listeners.pipe('spotify-likes', like({ user_id: 'u1', occurred_at: NOON }), NOON)
  t.equal(history.values.size, 3_001)
  // u0 goes on: his chain of plays stays as long as its session is open.
  listeners.pipe('spotify-plays', play({ user_id: 'u0', track_id: 'late', occurred_at: NOON + MINUTE }), NOON + 6 * DAY)
  for (let minute = 0; minute < 10; minute++) listeners.advance(NOON + 7 * DAY + minute * MINUTE)
  for (let minute = 0; minute < 10; minute++) listeners.advance(NOON + 8 * DAY + minute * MINUTE)
  const users = new Set([...history.values.keys()].map(key => key.split('\u0001')[0]))
  t.same([...users], ['u0'])
  for (let minute = 0; minute < 10; minute++) listeners.advance(NOON + 14 * DAY + minute * MINUTE)
  t.equal(history.values.size, 0)
})

t.test('sessions from what is in the store', async t => {
  const at = (minutes: number, joined: number): StoredPlay => ({
    occurredAt: NOON + minutes * MINUTE,
    joinedAt: joined * DAY,
    track: 't',
    artist: 'a'
  })
  const minutes = (sessions: StoredPlay[][]) => sessions.map(session => session.map(entry => (entry.occurredAt - NOON) / MINUTE))
  t.same(minutes(splitSessions([at(0, 0), at(60, 7), at(121, 7)], 7 * DAY)), [[0, 60], [121]], 'by their gaps')
  t.same(minutes(splitSessions([at(0, 0), at(10, 8), at(20, 0)], 7 * DAY)), [[0, 20], [10]], 'a play that came too late began its own')
  t.same(minutes(splitSessions([at(0, 0), at(10, 8), at(20, 4)], 7 * DAY)), [[0, 10, 20]], 'unless it was touched since')
  t.same(
    minutes(
      splitSessions(
        [at(0, 0), at(30, 9), at(80, 9), at(10, 0)].sort((a, b) => a.occurredAt - b.occurredAt),
        7 * DAY
      )
    ),
    [
      [0, 10],
      [30, 80]
    ]
  )
})

t.test('keys keep a listener together, in order of time', async t => {
  const key = historyKey('u', 9, 't', 'play')
  t.ok(key < historyKey('u', 10, 'a', 'play'))
  t.ok(historyKey('u', 2 ** 41, 't', 'play') < historyKey('u', 2 ** 42, 'a', 'play'))
  t.ok(historyKey('u', 2 ** 42, 'z', 'skip') < historyKey('u ', 1, 'a', 'play'))
})
