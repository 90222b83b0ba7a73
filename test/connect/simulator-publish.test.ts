import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { simulateDay, timeOf } from '../../connect/simulator/day.js'
import { publishAsItHappens } from '../../connect/simulator/natural.js'
import { datesBefore, datesFrom, publishDays, publishUntil } from '../../connect/simulator/publish.js'
import { DayTracker } from '../../connect/simulator/tracker.js'
import { dayMs, defaultWorld, World } from '../../connect/simulator/world.js'
import { digest, RecordingProducer, TestClock } from './support.js'

const world = new World({ ...defaultWorld, listeners: 60, tracks: 300, artists: 40 })
const now = timeOf('2026-06-10') + 1
const dates = ['2026-06-07', '2026-06-08', '2026-06-09']
const expected = dates.flatMap(date => simulateDay(world, date).map(({ event }) => event))

t.test('dates', async t => {
  t.strictSame(datesBefore(now, 3), dates)
  t.strictSame(datesFrom('2024-02-28', 3), ['2024-02-28', '2024-02-29', '2024-03-01'])
  t.throws(() => datesFrom('2024-02-28', 0), { message: 'The number of days must be a whole number from 1 to 36525, not 0.' })
})

t.test('no day is published twice', async t => {
  const file = join(t.testdir(), 'data', 'simulator.json')
  const producer = new RecordingProducer()
  const tracker = new DayTracker(file)
  t.strictSame(await publishDays({ world, producer, tracker }, dates, now), { events: expected.length, known: [] })
  t.equal(digest(producer.events), digest(expected))
  t.strictSame(await publishDays({ world, producer, tracker }, dates, now), { events: 0, known: dates })
  tracker.close()
  const reopened = new DayTracker(file)
  t.strictSame(
    await publishDays({ world, producer, tracker: reopened }, datesBefore(now + dayMs, 3), now + dayMs).then(r => r.known),
    dates.slice(1)
  )
  const other = new World({ ...world.options, seed: 'another' })
  t.equal(reopened.status(other.name, dates[0]!), undefined, 'another world has its own days')
  reopened.close()
  t.notOk(existsSync(`${file}.lock`))
})

t.test('a day that is not over is refused before anything is sent', async t => {
  const tracker = new DayTracker(join(t.testdir(), 'simulator.json'))
  const producer = new RecordingProducer()
  await t.rejects(publishDays({ world, producer, tracker }, ['2026-06-09', '2026-06-10'], now), {
    message: 'The day 2026-06-10 is not over yet (UTC): simulate days up to 2026-06-09, or live.'
  })
  t.equal(producer.calls, 0)
  tracker.close()
})

t.test('after a crash a day goes on where it was left', async t => {
  for (const taken of [false, true]) {
    const file = join(t.testdir(), 'simulator.json')
    const crashing = new RecordingProducer({ at: 2, taken })
    const before = new DayTracker(file)
    await t.rejects(publishDays({ world, producer: crashing, tracker: before }, dates, now), { message: 'the power went' })
    // A killed process leaves its lock.
    const after = new DayTracker(file)
    t.equal(after.status(world.name, dates[0]!), 500, 'one batch was noted')
    const producer = new RecordingProducer()
    await publishDays({ world, producer, tracker: after }, dates, now)
    after.close()
    const repeated = taken ? crashing.events.length - 500 : 0
    const sent = [...crashing.events, ...producer.events.slice(repeated)]
    t.equal(digest(sent), digest(expected), taken ? 'the batch whose fate was unknown came again with the same content' : 'each event once')
    t.equal(digest(producer.events.slice(0, repeated)), digest(crashing.events.slice(500, 500 + repeated)))
  }
})

t.test('stops at a signal and goes on later', async t => {
  const file = join(t.testdir(), 'simulator.json')
  const controller = new AbortController()
  const producer = new RecordingProducer()
  const first = new DayTracker(file)
  const stopped = await publishDays(
    { world, producer, tracker: first, signal: controller.signal, onProgress: () => controller.abort() },
    dates,
    now
  )
  t.equal(stopped.events, 500)
  t.strictSame(await publishDays({ world, producer, tracker: first }, dates, now), { events: expected.length - 500, known: [] })
  t.equal(digest(producer.events), digest(expected))
  first.close()
})

t.test('today until now, then the rest of it tomorrow', async t => {
  const noon = timeOf('2026-06-09') + dayMs / 2
  const tracker = new DayTracker(join(t.testdir(), 'simulator.json'))
  const producer = new RecordingProducer()
  const day = simulateDay(world, '2026-06-09')
  const due = day.filter(({ at }) => at <= noon).length
  t.equal(await publishUntil({ world, producer, tracker }, noon), due)
  t.equal(await publishUntil({ world, producer, tracker }, noon), 0)
  await publishDays({ world, producer, tracker }, ['2026-06-09'], now)
  t.equal(digest(producer.events), digest(day.map(({ event }) => event)))
  tracker.close()
})

t.test('as it happens: each event when it arrives, over midnight, once', async t => {
  const start = timeOf('2026-06-08') + 20 * 3_600_000
  const clock = new TestClock(start, start + 8 * 3_600_000)
  const tracker = new DayTracker(join(t.testdir(), 'simulator.json'))
  const times: number[] = []
  const producer = new RecordingProducer()
  const send = producer.send.bind(producer)
  producer.send = async events => {
    for (const _ of events) times.push(clock.now())
    await send(events)
  }
  await publishAsItHappens({ world, producer, tracker, signal: clock.signal }, clock)
  const first = simulateDay(world, '2026-06-08')
  const second = simulateDay(world, '2026-06-09').filter(({ at }) => at <= start + 8 * 3_600_000)
  const all = [...first, ...second]
  const sent = times.length
  t.ok(sent > first.length && sent <= all.length)
  t.equal(digest(producer.events), digest(all.slice(0, sent).map(({ event }) => event)))
  const midnight = timeOf('2026-06-09')
  for (const [index, { at }] of all.slice(0, sent).entries()) {
    const wanted = index < first.length ? Math.min(Math.max(at, start), midnight) : at
    if (times[index]! < wanted || times[index]! > wanted + 2) t.fail(`event ${index} was due at ${wanted} and sent at ${times[index]}`)
  }
  t.equal(tracker.status(world.name, '2026-06-08'), 'published')
  tracker.close()
})

t.test('two processes do not publish at once', async t => {
  const file = join(t.testdir(), 'simulator.json')
  writeFileSync(`${file}.lock`, `${process.ppid}\n`)
  t.throws(() => new DayTracker(file), { name: 'TrackerLockedError', message: new RegExp(`^The process ${process.ppid} is publishing`) })
  writeFileSync(`${file}.lock`, '999999999\n')
  const tracker = new DayTracker(file)
  t.equal(readFileSync(`${file}.lock`, 'utf8'), `${process.pid}\n`, 'the lock of a dead process is taken over')
  tracker.close()
})

t.test('a damaged record is not taken for an empty one', async t => {
  const file = join(t.testdir({ 'simulator.json': '{"version":1,"wor' }), 'simulator.json')
  t.throws(() => new DayTracker(file), { message: /simulator\.json is not a record of simulated days\. If you delete it/ })
  t.notOk(existsSync(`${file}.lock`))
})
