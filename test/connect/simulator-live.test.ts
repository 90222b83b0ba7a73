import { join } from 'node:path'
import t from 'tap'
import { dateOf, simulateDay, timeOf } from '../../connect/simulator/day.js'
import { startDemo } from '../../connect/simulator/demo.js'
import { Heap } from '../../connect/simulator/heap.js'
import { runLive } from '../../connect/simulator/live.js'
import { datesBefore } from '../../connect/simulator/publish.js'
import { Random } from '../../connect/simulator/random.js'
import { DayTracker } from '../../connect/simulator/tracker.js'
import { dayMs, World } from '../../connect/simulator/world.js'
import { digest, RecordingProducer, TestClock, typeOf } from './support.js'

const sizes = { seed: 'live', listeners: 40, tracks: 400, artists: 60 }
const noon = timeOf('2026-07-15') + dayMs / 2

t.test('a heap gives the lowest first', async t => {
  const random = new Random('heap')
  const heap = new Heap<number>(n => n)
  const numbers = Array.from({ length: 500 }, () => random.below(100))
  for (const n of numbers.slice(0, 300)) heap.push(n)
  const popped = Array.from({ length: 100 }, () => heap.pop()!)
  for (const n of numbers.slice(300)) heap.push(n)
  t.strictSame(
    popped,
    numbers
      .slice(0, 300)
      .sort((a, b) => a - b)
      .slice(0, 100)
  )
  const rest = Array.from({ length: heap.size }, () => heap.pop()!)
  t.strictSame([...popped, ...rest].sort(), [...numbers].sort())
  t.strictSame(
    rest,
    [...rest].sort((a, b) => a - b)
  )
  t.equal(heap.pop(), undefined)
})

t.test('live: the rate asked for, from the first second, at wall-clock times', async t => {
  const world = new World(sizes)
  for (const rate of [0.5, 20]) {
    const seconds = 240
    const clock = new TestClock(noon, noon + seconds * 1000)
    const producer = new RecordingProducer()
    const counts: number[] = []
    const send = producer.send.bind(producer)
    producer.send = async events => {
      const second = Math.floor((clock.now() - noon) / 1000)
      counts[second] = (counts[second] ?? 0) + events.length
      for (const { event } of events) {
        if (event.occurred_at > clock.now()) t.fail('an event lies in the future')
        if (clock.now() - event.occurred_at > 6 * 3_600_000) t.fail('an event is older than a long offline phone')
      }
      await send(events)
    }
    await runLive({ world, producer, rate, signal: clock.signal, clock })
    t.ok(counts[0]! >= 1, 'something happens at once')
    t.ok(Math.abs(producer.events.length / (rate * seconds) - 1) < 0.02, `${producer.events.length} events at ${rate}/s`)
    const steady = counts.slice(10).filter(count => count > 3 * rate + 3)
    t.equal(steady.length, 0, 'no bursts')
    const listeners = new Set(producer.events.map(({ key }) => key))
    t.ok(listeners.size > 15 * rate, `${listeners.size} listeners`)
  }
})

t.test('live: each plays in real time', async t => {
  const clock = new TestClock(noon, noon + 1_200_000)
  const producer = new RecordingProducer()
  await runLive({ world: new World(sizes), producer, rate: 4, signal: clock.signal, clock })
  const ends = new Map<string, number>()
  const plays = producer.events.filter(event => typeOf(event) === 'play').sort((a, b) => a.event.occurred_at - b.event.occurred_at)
  let next = 0
  for (const { key, event } of plays) {
    const before = ends.get(key)
    if (before !== undefined && event.occurred_at !== before) next++
    if (before !== undefined && event.occurred_at - before < 30_000 && event.occurred_at !== before)
      t.fail(`${key} began a track during another`)
    ends.set(key, event.occurred_at)
  }
  t.ok(next > 400, `${next} times somebody went on to another track`)
})

t.test('live: after a pause of the machine nothing is made up for; a clock set back does not stop it', async t => {
  const world = new World(sizes)
  for (const jump of [8 * 3_600_000, -3_600_000]) {
    const clock = new TestClock(noon, noon + 24 * 3_600_000)
    const controller = new AbortController()
    const producer = new RecordingProducer()
    let largest = 0
    let jumped = 0
    await runLive({
      world,
      producer,
      rate: 5,
      signal: controller.signal,
      clock,
      onSent(events) {
        largest = Math.max(largest, events)
        if (producer.events.length > 200 && jumped === 0) {
          clock.jump(jump)
          jumped = producer.events.length
        }
        if (jumped > 0 && producer.events.length > jumped + 200) controller.abort()
      }
    })
    t.ok(largest <= 25, `the largest batch has ${largest} events`)
    const last = producer.events.slice(-100)
    t.ok(last.every(({ event }) => event.occurred_at <= clock.now()))
  }
})

t.test('live: a rate that makes no sense is refused', async t => {
  const clock = new TestClock(noon, noon)
  for (const rate of [0, -1, Number.NaN, 5000]) {
    await t.rejects(runLive({ world: new World(sizes), producer: new RecordingProducer(), rate, signal: clock.signal, clock }), RangeError)
  }
})

const eventsOf = (dates: readonly string[], world: World) => dates.flatMap(date => simulateDay(world, date).map(({ event }) => event))

t.test('demo: history beside what is live, once; after a restart only what is missing', async t => {
  const trackerFile = join(t.testdir(), 'simulator.json')
  const world = new World(sizes)
  const run = async (from: number, seconds: number) => {
    const clock = new TestClock(from, from + seconds * 1000)
    const producer = new RecordingProducer()
    const said: string[] = []
    const say = (sentence: string) => said.push(sentence)
    await startDemo(producer, { ...sizes, trackerFile, days: 3, rate: 2, clock, signal: clock.signal, say })
    const today = simulateDay(world, dateOf(from)).filter(({ at }) => at <= from)
    const started = producer.events.slice(0, today.length)
    return { events: producer.events.slice(today.length), said, started: digest(started), today: digest(today.map(({ event }) => event)) }
  }
  const first = await run(noon, 30)
  t.equal(first.started, first.today, 'today until now comes first')
  const history = eventsOf(datesBefore(noon, 3).reverse(), world)
  const known = new Set(history.map(event => event.event.event_id))
  t.equal(digest(first.events.filter(({ event }) => known.has(event.event_id))), digest(history), 'the latest day first')
  const live = first.events.filter(({ event }) => !known.has(event.event_id)).length
  t.ok(live >= 50 && live <= 65, `${live} events live`)
  t.ok(
    first.events.slice(0, 1000).some(({ event }) => !known.has(event.event_id)),
    'live events do not wait for the history'
  )
  t.match(first.said, [/makes 2 events per second/, `The simulator published ${history.length} events of the past (3 of 3 days).`])

  const again = await run(noon + 60_000, 30)
  t.not(again.started, again.today)
  t.ok(again.events.length <= 65, 'the same day: only live events')

  const later = await run(noon + 3 * dayMs, 30)
  t.equal(later.started, later.today)
  const missed = eventsOf(['2026-07-17', '2026-07-16'], world)
  const between = new Set(missed.map(event => event.event.event_id))
  t.equal(digest(later.events.filter(({ event }) => between.has(event.event_id))), digest(missed), 'the days between')
  t.ok(later.events.length <= missed.length + 65, 'but not the day that was live')
  const tracker = new DayTracker(trackerFile)
  const statuses = ['2026-07-14', '2026-07-15', '2026-07-16', '2026-07-18'].map(date => tracker.status(world.name, date))
  t.strictSame(statuses, ['published', 'live', 'published', 'live'])
  tracker.close()
})

t.test('demo: says what is wrong and tries again', async t => {
  const world = new World(sizes)
  for (const at of [1, 3, 4, 5]) {
    const clock = new TestClock(noon, noon + 30_000)
    const producer = new RecordingProducer({ at, taken: false })
    const said: string[] = []
    const say = (sentence: string) => said.push(sentence)
    const options = { ...sizes, trackerFile: join(t.testdir(), 'simulator.json'), days: 1, rate: 1, clock, signal: clock.signal }
    await startDemo(producer, { ...options, say })
    t.ok(said.includes('The simulator stopped and tries again in 5 s: the power went'), `call ${at}`)
    const yesterday = eventsOf(['2026-07-14'], world)
    const known = new Set(yesterday.map(event => event.event.event_id))
    t.equal(
      digest(producer.events.filter(({ event }) => known.has(event.event_id))),
      digest(yesterday),
      'nothing is missing, nothing doubled'
    )
    await t.rejects(startDemo(producer, { ...options, rate: 0 }), RangeError)
  }
})

t.test('demo: at the natural pace', async t => {
  const clock = new TestClock(noon, noon + 3_600_000)
  const producer = new RecordingProducer()
  const trackerFile = join(t.testdir(), 'simulator.json')
  await startDemo(producer, { ...sizes, trackerFile, days: 2, rate: 'natural', clock, signal: clock.signal })
  const world = new World(sizes)
  const history = eventsOf(datesBefore(noon, 2).reverse(), world)
  const today = eventsOf([dateOf(noon)], world)
  const sent = producer.events.length - history.length
  t.equal(digest(producer.events), digest([...history, ...today.slice(0, sent)]))
  const due = simulateDay(world, dateOf(noon)).filter(({ at }) => at <= noon + 3_500_000).length
  t.ok(sent >= due, `${sent} of today, ${due} due`)
})
