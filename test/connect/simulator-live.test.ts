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
  for (const rate of [0.5, 5, 40]) {
    const seconds = 300
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
  const clock = new TestClock(noon, noon + 1_800_000)
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
  t.ok(next > 700, `${next} times somebody went on to another track`)
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

t.test('demo: history once, then live; after a restart only what is missing', async t => {
  const trackerFile = join(t.testdir(), 'simulator.json')
  const run = async (from: number, seconds: number) => {
    const clock = new TestClock(from, from + seconds * 1000)
    const producer = new RecordingProducer()
    const said: string[] = []
    await startDemo(producer, {
      ...sizes,
      trackerFile,
      days: 3,
      rate: 2,
      clock,
      signal: clock.signal,
      say: sentence => said.push(sentence)
    })
    return { events: producer.events, said }
  }
  const world = new World(sizes)
  const past = datesBefore(noon, 3).flatMap(date => simulateDay(world, date))
  const today = simulateDay(world, dateOf(noon)).filter(({ at }) => at <= noon)
  const first = await run(noon, 30)
  const history = [...past, ...today].map(({ event }) => event)
  t.equal(digest(first.events.slice(0, history.length)), digest(history))
  const live = first.events.length - history.length
  t.ok(live >= 55 && live <= 65, `${live} events live`)
  t.match(first.said, [`The simulator published ${past.length} events of 3 past days.`, /makes 2 events per second/])

  const again = await run(noon + 60_000, 30)
  t.ok(again.events.length <= 65, 'the same day: only live events')
  const later = await run(noon + 3 * dayMs, 30)
  const missed = ['2026-07-16', '2026-07-17'].flatMap(date => simulateDay(world, date))
  const laterToday = simulateDay(world, '2026-07-18').filter(({ at }) => at <= noon + 3 * dayMs)
  t.equal(
    digest(later.events.slice(0, missed.length + laterToday.length)),
    digest([...missed, ...laterToday].map(({ event }) => event)),
    'the days between, but not the day that was live'
  )
  const tracker = new DayTracker(trackerFile)
  t.equal(tracker.status(world.name, '2026-07-15'), 'live')
  t.equal(tracker.status(world.name, '2026-07-16'), 'published')
  tracker.close()
})

t.test('demo: says what is wrong and tries again', async t => {
  const clock = new TestClock(noon, noon + 20_000)
  const producer = new RecordingProducer({ at: 1, taken: false })
  const said: string[] = []
  const options = { ...sizes, trackerFile: join(t.testdir(), 'simulator.json'), days: 1, rate: 1, clock, signal: clock.signal }
  await startDemo(producer, { ...options, say: sentence => said.push(sentence) })
  t.equal(said[0], 'The simulator stopped and tries again in 5 s: the power went')
  t.match(said[1], /^The simulator published \d+ events of 1 past days?\.$/)
  await t.rejects(startDemo(producer, { ...options, rate: 0 }), RangeError)
})
