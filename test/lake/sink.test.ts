import { join } from 'node:path'
import t from 'tap'
import { startLake } from '../../connect/lake/sink.js'
import { openFileObjects } from '../../connect/objects/file-objects.js'
import { sourceTopics } from '../../schemas/catalogue.js'
import { until } from '../contract/log-helpers.js'
import { MemoryObjects } from '../objects/memory-objects.js'
import { play } from '../schemas/samples.js'
import { filesOf, flushed, HOUR, lakeOptions, PARTITIONS, records, START, sameAsLog, world } from './support.js'

t.test('every record is in the lake once, decodable or not, under the hour of its record time', async t => {
  const parts = await world(t)
  const objects = await openFileObjects(join(t.testdir(), 'lake'))
  await parts.log.send(records(parts.codec, 0, 1_200, n => START + n * 10_000))
  await flushed(lakeOptions(parts, objects, { rotation: { rows: 60, bytes: 1_000_000, ageMs: 1_000_000 } }))
  t.equal(await sameAsLog(t, parts, objects), 1_200)
  const hours = new Set((await filesOf(objects)).map(({ hour }) => hour))
  t.strictSame(
    [...hours].sort(),
    [0, 1, 2, 3].map(n => START + n * HOUR)
  )
  await parts.log.send(records(parts.codec, 1_200, 100, n => START + n * 10_000))
  await flushed(lakeOptions(parts, objects))
  t.equal(await sameAsLog(t, parts, objects), 1_300, 'the next run goes on')
})

t.test('record times in any order: of the hours that are past, files of their own', async t => {
  const parts = await world(t)
  const objects = await openFileObjects(join(t.testdir(), 'lake'))
  const times = (n: number) => (n % 97 === 0 ? n : START + ((n * 7919) % 5) * HOUR)
  await parts.log.send(records(parts.codec, 0, 800, times))
  await flushed(lakeOptions(parts, objects))
  t.equal(await sameAsLog(t, parts, objects), 800)
})

t.test('files are complete by rows, by bytes, or by age; what is younger waits', async t => {
  const parts = await world(t)
  const objects = new MemoryObjects()
  let now = 0
  const sink = await startLake(lakeOptions(parts, objects, { rotation: { rows: 20, bytes: 5_000, ageMs: 60 }, now: () => now }))
  const sizes = async () => (await filesOf(objects)).filter(({ table }) => table === 'spotify_plays').map(({ from, to }) => to - from + 1)
  const send = async (first: number, count: number, album: string | null = null) => {
    const value = (n: number) => parts.codec.encode('spotify-plays', { ...play, event_id: `e${n}`, album_name: album })
    await parts.log.send(
      Array.from({ length: count }, (_, i) => ({
        topic: 'spotify-plays',
        partition: 0,
        timestamp: START,
        key: null,
        value: value(first + i)
      }))
    )
  }
  await send(0, 45)
  await until(async () => (await sizes()).length === 2)
  t.strictSame(await sizes(), [20, 20])
  now += 61
  await until(async () => (await sizes()).length === 3)
  t.strictSame(await sizes(), [20, 20, 5], 'age')
  await send(45, 25, 'x'.repeat(1_000))
  await until(async () => (await sizes()).length === 8)
  t.strictSame(await sizes(), [20, 20, 5, 5, 5, 5, 5, 5], 'bytes')
  await send(70, 4)
  t.strictSame((await sink.lag()).find(({ topic, partition }) => topic === 'spotify-plays' && partition === 0)?.records, 4)
  await sink.close()
})

t.test('a schema that the registry does not know is no reason to wait; a registry that is down is', async t => {
  const parts = await world(t)
  const objects = new MemoryObjects()
  await parts.log.send(records(parts.codec, 0, 100))
  parts.registry.down = true
  const notices: string[] = []
  const sink = await startLake(
    lakeOptions(parts, objects, { rotation: { rows: 1, bytes: 1_000_000, ageMs: 1_000 }, onNotice: sentence => notices.push(sentence) })
  )
  await until(() => notices.some(notice => /registry is down/.test(notice)))
  t.strictSame(await filesOf(objects), [])
  parts.registry.down = false
  await until(
    async () => (await sink.lag()).length === sourceTopics.length * PARTITIONS && (await sink.lag()).every(({ records }) => records === 0)
  )
  t.ok(notices.some(notice => /is written to the lake again/.test(notice)))
  await sink.close()
  t.equal(await sameAsLog(t, parts, objects), 100)
})
