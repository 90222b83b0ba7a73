import t, { type Test } from 'tap'
import { artistCharts, trackCharts } from '../../processors/charts/charts.js'
import { chartKey } from '../../schemas/catalogue.js'
import type { Chart, ChartKind, TrackPlays } from '../../schemas/events.js'
import { generator, Task } from './tracks-harness.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const LENGTHS = { hour: HOUR, day: DAY, week: 7 * DAY, all: Number.POSITIVE_INFINITY }
const START = Date.UTC(2026, 0, 31, 12, 0, 20)

interface Play {
  item: string
  country: string | null
  at: number
  count: number
}

function record(kind: ChartKind, plays: readonly Play[]) {
  const dictionary: string[] = ['a name', 'another']
  const index = (name: string) => (dictionary.includes(name) ? dictionary.indexOf(name) : dictionary.push(name) - 1)
  const rows: TrackPlays[] = plays.map(({ item, country, at, count }) => {
    const place = { minute: Math.floor(at / MINUTE), country: country === null ? -1 : index(country), count, latest: at, others: 0 }
    return kind === 'tracks' ? { track: index(item), name: 0, artist: 1, ...place } : { track: 1, name: 0, artist: index(item), ...place }
  })
  return { dictionary, plays: rows, play_corrections: [], chart_corrections: [] }
}

const feed = (task: Task<any>, kind: ChartKind, plays: readonly Play[], time: number) =>
  task.process(kind === 'tracks' ? 'track-updates' : 'artist-updates', { ...record(kind, plays) }, time)

/** The window before: as long, ending where this one begins; of all time, what stood a day before. */
function naiveBefore(plays: readonly Play[], window: keyof typeof LENGTHS, country: string | null, end: number): Chart['entries'] {
  return naive(plays, window, country, end - (window === 'all' ? DAY : LENGTHS[window]))
}

/** Section 7, by the letter: T - window <= start of the minute < T. */
function naive(plays: readonly Play[], window: keyof typeof LENGTHS, country: string | null, end: number): Chart['entries'] {
  const counts = new Map<string, number>()
  for (const play of plays) {
    const minute = Math.floor(play.at / MINUTE) * MINUTE
    if (minute >= end || minute < end - LENGTHS[window] || (country !== null && country !== play.country)) continue
    counts.set(play.item, (counts.get(play.item) ?? 0) + play.count)
  }
  return [...counts]
    .filter(([, count]) => count > 0)
    .sort(([a, x], [b, y]) => y - x || Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .slice(0, 100)
    .map(([id, count]) => ({ id, plays: count }))
}

const charts = (task: Task<any>) => [...task.sent.values()] as Chart[]

/** Every chart equals the naive count at its stated T and now; none is missing. */
function check(t: Test, task: Task<any>, plays: readonly Play[], streamTime: number): void {
  const now = Math.floor(streamTime / MINUTE) * MINUTE + MINUTE
  const wrong: unknown[] = []
  for (const chart of charts(task)) {
    for (const end of [chart.window_end, now]) {
      for (const [counted, by] of [[chart.entries, naive] as const, [chart.before, naiveBefore] as const]) {
        const entries = JSON.stringify(counted)
        const expected = JSON.stringify(by(plays, chart.window, chart.country, end))
        if (entries !== expected) wrong.push({ ...chart, entries, end, expected })
      }
    }
  }
  for (const window of Object.keys(LENGTHS) as (keyof typeof LENGTHS)[]) {
    for (const country of [null, ...new Set(plays.flatMap(play => play.country ?? []))]) {
      if (naive(plays, window, country, now).length === 0) continue
      if (!charts(task).some(chart => chart.window === window && chart.country === country)) wrong.push({ window, country, missing: true })
    }
  }
  t.strictSame(wrong.slice(0, 1), [], `${charts(task).length} charts at ${new Date(now).toISOString()}`)
}

function randomPlay(random: () => number, items: number, now: number): Play {
  const item = `${['item', '\uff5e', '😀'][Math.floor(random() * 3)]}${Math.floor(items * random() ** 2)}`
  const country = random() < 0.1 ? null : ['DE', 'FR', 'BR'][Math.floor(random() * 3)]!
  const kind = random()
  const age =
    kind < 0.1 ? -10 * MINUTE * random() : kind < 0.6 ? 5 * MINUTE * random() : kind < 0.8 ? 2 * HOUR * random() : 30 * DAY * random()
  return { item, country, at: Math.floor(now - age), count: 1 }
}

t.test('charts equal a naive count, whatever is late, early or taken back, and whenever the task restarts', async t => {
  for (const [seed, items] of [5, 60, 150, 400].entries()) {
    for (const processor of [trackCharts, artistCharts]) {
      const kind: ChartKind = processor === trackCharts ? 'tracks' : 'artists'
      const random = generator(seed + 7)
      const task = new Task(processor)
      const plays: Play[] = []
      let now = START
      for (let round = 0; round < 60; round++) {
        const size = 1 + Math.floor(random() * 20)
        const some = Array.from({ length: size }, () => randomPlay(random, items, now))
        if (plays.length > 0 && random() < 0.3) some.push({ ...plays[Math.floor(random() * plays.length)]!, count: -1 })
        feed(task, kind, some, now)
        plays.push(...some)
        if (random() < 0.2) task.restart(random() < 0.5 ? 'operands' : 'values')
        const emits = random() < 0.7
        task.commit(emits)
        if (emits && round % 6 === 0) check(t, task, plays, now)
        const jump = random()
        now += jump < 0.4 ? 5_000 : jump < 0.8 ? MINUTE * 3 * random() : jump < 0.95 ? 3 * HOUR * random() : 9 * DAY * random()
        if (random() < 0.5) task.punctuate(now)
      }
      task.punctuate(now)
      task.commit()
      check(t, task, plays, now)
    }
  }
})

t.test('windows end at the end of the minute of stream time and slide by minutes', async t => {
  const task = new Task(trackCharts, 2)
  const hour = (country: string | null = null) => task.sent.get(`charts ${chartKey('tracks', 'hour', country, 2)}`) as Chart | undefined
  feed(
    task,
    'tracks',
    [
      { item: 'a', country: 'DE', at: START, count: 2 },
      { item: 'b', country: null, at: START, count: 1 }
    ],
    START
  )
  task.commit()
  const end = START - 20_000 + MINUTE
  const entries = [
    { id: 'a', plays: 2 },
    { id: 'b', plays: 1 }
  ]
  t.strictSame(hour(), { kind: 'tracks', window: 'hour', country: null, shard: 2, window_end: end, entries, before: [] })
  t.strictSame(hour('DE')?.entries, [{ id: 'a', plays: 2 }], 'no regional row without a country')

  feed(task, 'tracks', [{ item: 'c', country: null, at: START + 3 * MINUTE, count: 1 }], START + 1000)
  task.commit()
  t.strictSame(hour()?.entries, entries, 'a future minute waits')
  task.punctuate(START + 3 * MINUTE)
  task.commit()
  t.strictSame(hour()?.entries.at(-1), { id: 'c', plays: 1 })

  task.punctuate(START + 59 * MINUTE)
  task.commit()
  t.strictSame(hour('DE')?.entries, [{ id: 'a', plays: 2 }], 'T - window <= minute')
  task.punctuate(START + 60 * MINUTE)
  task.commit()
  t.strictSame([hour('DE')?.entries, hour('DE')?.window_end], [[], end + 60 * MINUTE], 'an empty chart that had entries')
})

t.test('a chart is published only when it changed, and with the current T', async t => {
  const task = new Task(trackCharts)
  const many = Array.from({ length: 300 }, (_, i): Play => ({ item: `i${i}`, country: 'DE', at: START, count: i < 150 ? 5 : 1 }))
  feed(task, 'tracks', many, START)
  task.commit()
  t.equal(task.sends, 8)
  feed(task, 'tracks', [many[200]!], START)
  task.commit()
  t.equal(task.sends, 8, 'nothing for a change below the hundredth place in the same minute')
  feed(task, 'tracks', [many[3]!], START)
  task.commit()
  t.equal(task.sends, 16)
  task.punctuate(START + 20 * MINUTE)
  task.commit()
  t.equal(task.sends, 16, 'nothing left any window')
  feed(task, 'tracks', [many[201]!], START)
  task.commit()
  t.equal(task.sends, 24, 'a late play may belong into the stated window: stated anew')
})

t.test('a busy minute leaves as it came', async t => {
  const task = new Task(trackCharts)
  const plays = Array.from({ length: 130 }, (_, i): Play => ({ item: `i${i}`, country: 'DE', at: START, count: 1 }))
  for (let second = 0; second < 20; second++) feed(task, 'tracks', plays, START + second)
  task.restart('values')
  task.commit()
  t.equal(charts(task).find(chart => chart.window === 'hour')?.entries[99]?.plays, 20)
  for (const [length, left] of [
    [HOUR, 3],
    [DAY, 2],
    [7 * DAY, 1]
  ] as const) {
    task.punctuate(START + length)
    task.commit()
    t.equal(charts(task).filter(chart => chart.country === 'DE' && chart.entries.length > 0).length, left)
  }
})

t.test('the log of minutes is bounded by two weeks', async t => {
  const task = new Task(trackCharts)
  const store = task.keyValues
  for (let day = 0; day < 40; day++) {
    const plays = Array.from(
      { length: 400 },
      (_, i): Play => ({ item: `i${i}`, country: 'DE', at: START + day * DAY + i * MINUTE, count: 1 })
    )
    feed(task, 'tracks', plays, START + day * DAY + 400 * MINUTE)
    if (day === 16) t.ok(store.values.size > 500)
  }
  t.ok(store.values.size < 16 * 82, `${store.values.size} keys`)
  task.punctuate(START + 60 * DAY)
  t.strictSame([...store.values.keys()], ['clock'])
})
