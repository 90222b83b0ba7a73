import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { listenerCharts } from '../../processors/charts/listener-charts.js'
import { chartKey } from '../../schemas/catalogue.js'
import type { Chart, ChartWindow } from '../../schemas/events.js'
import { anySteps, countryOf, isPlay, run } from './any-steps.js'
import { play } from './events.js'
import { DAY, HOUR, Listeners, NOON } from './harness.js'
import type { Counted } from './reference.js'

const LENGTHS = { hour: HOUR, day: DAY, week: 7 * DAY, all: Number.POSITIVE_INFINITY }
const windows = Object.keys(LENGTHS) as ChartWindow[]
/** T: the end of the minute of stream time. */
const END = NOON + 60_000

/** Plays by listener from `from` to `to`, exclusively, straight from the text. */
function naive(events: readonly Counted[], country: string | null, from: number, to: number): Chart['entries'] {
  const plays = new Map<string, number>()
  for (const event of events) {
    const { user_id, occurred_at } = event.input.event
    if (!isPlay(event) || (country !== null && countryOf(event) !== country) || occurred_at < from || occurred_at >= to) continue
    plays.set(user_id, (plays.get(user_id) ?? 0) + 1)
  }
  return [...plays]
    .sort(([a, x], [b, y]) => y - x || Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([id, count]) => ({ id, plays: count }))
}

const listenersOf = (listeners: Listeners) => [...listeners.table('charts').values()].filter(({ kind }) => kind === 'listeners')

t.test('in any order of arrival, whoever played most, and in the window before', async t => {
  fc.assert(
    fc.property(anySteps, steps => {
      const { listeners, reference } = run(steps)
      const charts = listeners.table('charts')
      for (const window of windows) {
        for (const country of [null, 'DE', 'GB']) {
          const length = LENGTHS[window]
          const chart = charts.get(chartKey('listeners', window, country, 0))
          assert.deepEqual(chart?.entries ?? [], naive(reference.counted, country, END - length, END), `${window} ${country}`)
          const [from, to] = window === 'all' ? [0, END - DAY] : [END - 2 * length, END - length]
          if (chart !== undefined)
            assert.deepEqual(chart.before, naive(reference.counted, country, from, to), `before ${window} ${country}`)
        }
      }
    }),
    { numRuns: 100 }
  )
  t.pass()
})

t.test('a forgotten listener is on no leaderboard, and leaves no trace when the windows move on', async t => {
  const hours = fc.array(
    fc.record({
      user: fc.constantFrom('ann', 'bob'),
      at: fc.integer({ min: -16 * 24, max: 0 }).map(hour => NOON + hour * HOUR),
      country: fc.constantFrom(null, 'DE', 'FR')
    }),
    { maxLength: 30 }
  )
  const pipe = (listeners: Listeners, { user, at, country }: { user: string; at: number; country: string | null }, i: number) =>
    listeners.pipe('spotify-plays', play({ user_id: user, track_id: `t${i}`, occurred_at: at, country }))
  const shown = (listeners: Listeners) =>
    listenersOf(listeners)
      .filter(({ entries, before }) => entries.length + before.length > 0)
      .map(({ window_end: _, ...chart }) => chart)
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  fc.assert(
    fc.property(hours, hours, fc.boolean(), fc.integer({ min: 1, max: 20 * 24 }), (earlier, later, commits, wait) => {
      const [erased, without] = [new Listeners(), new Listeners()]
      for (const [i, one] of earlier.entries()) {
        pipe(erased, one, i)
        if (one.user === 'bob') pipe(without, one, i)
      }
      if (commits) erased.commit()
      erased.pipe('erasures', { user_id: 'ann', requested_at: NOON, days: [] })
      if (commits) erased.restart()
      for (const [i, one] of later.entries()) {
        pipe(erased, one, i + 100)
        pipe(without, one, i + 100)
      }
      for (const listeners of [erased, without]) {
        listeners.commit()
        listeners.advance(NOON + wait * HOUR)
        listeners.commit()
      }
      assert.deepEqual(
        shown(erased).filter(({ entries }) => entries.length > 0),
        shown(without).filter(({ entries }) => entries.length > 0)
      )
      if (later.every(({ user }) => user === 'bob')) assert.doesNotMatch(JSON.stringify(listenersOf(erased)), /ann/)
    }),
    { numRuns: 150 }
  )
  t.pass()
})

t.test('many listeners: a hundred are stated, and nobody twice', async t => {
  const listeners = new Listeners(1)
  for (let i = 0; i < 150; i++)
    for (let plays = 0; plays <= i % 30; plays++)
      listeners.pipe('spotify-plays', play({ user_id: `user${i}`, track_id: `t${plays}`, occurred_at: NOON - plays * HOUR }))
  listeners.commit()
  const chart = listeners.table('charts').get(chartKey('listeners', 'week', null, 1))!
  t.equal(chart.entries.length, 100)
  t.equal(new Set(chart.entries.map(({ id }) => id)).size, 100)
  t.strictSame(chart.entries[0], { id: 'user119', plays: 30 })
  t.equal(listenerCharts.name, 'listener-charts')
})
