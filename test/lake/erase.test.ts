import t, { type Test } from 'tap'
import { compact } from '../../connect/lake/compaction.js'
import { eraseRows, readErasures } from '../../connect/lake/erase.js'
import { FileReader } from '../../connect/lake/file-reader.js'
import { mergeFiles } from '../../connect/lake/merge.js'
import { countingFiles, lakeFiles } from '../../connect/lake/names.js'
import { checkReplay, replayLake } from '../../connect/lake/replay.js'
import { verifyLake } from '../../connect/lake/verify.js'
import { openFileObjects } from '../../connect/objects/file-objects.js'
import type { Objects } from '../../connect/objects/objects.js'
import { inputTopics } from '../../schemas/catalogue.js'
import type { LogRecord } from '../../streams/log/log.js'
import { readAll } from '../contract/log-helpers.js'
import { MemoryObjects } from '../objects/memory-objects.js'
import { flushed, HOUR, lakeOptions, PARTITIONS, records, START, type World, world } from './support.js'

const RECORDS = 300
const time = (n: number) => START + n * 30_000
/** Who asks, and when: the first while much of theirs is still to come, the other at the end. */
const asked = new Map([
  ['user 3', time(120)],
  ['another', time(RECORDS)]
])
const options = (objects: Objects, now = time(RECORDS) + 2 * HOUR) => ({ objects, settleMs: 0, now: () => now })
const compaction = { encoder: { merge: mergeFiles }, fileBytes: 1_000_000, graceMs: 0, settleMs: 0, now: () => Date.now() + HOUR }

async function fill(t: Test, objects: Objects): Promise<World> {
  const parts = await world(t)
  await parts.log.send(records(parts.codec, 0, RECORDS, time))
  for (const [user_id, requested_at] of asked) {
    const value = parts.codec.encode('erasures', { user_id, requested_at, days: [] })
    await parts.log.send([{ topic: 'erasures', partition: 1, timestamp: requested_at, key: Buffer.from(user_id), value }])
  }
  await flushed(lakeOptions(parts, objects, { rotation: { rows: 4, bytes: 1_000_000, ageMs: 1_000_000 } }))
  return parts
}

/** Whether a record is to go: it is keyed by, or names, someone who asked at its time or later. */
function goes({ codec }: World, { topic, key, value, timestamp }: LogRecord): boolean {
  const names = [key?.toString()]
  try {
    names.push(codec.decode(topic as 'spotify-plays', value!).user_id)
  } catch {}
  return names.some(name => timestamp <= (asked.get(name ?? '') ?? -1))
}

/** `topic-partition-offset` of the input, by whether it goes. */
async function placesOf(parts: World): Promise<{ going: string[]; staying: string[] }> {
  const [going, staying]: [string[], string[]] = [[], []]
  for (const topic of inputTopics)
    for (let partition = 0; partition < PARTITIONS; partition++)
      for (const record of await readAll(parts.log, { topic, partition }))
        (goes(parts, record) ? going : staying).push(`${topic}-${partition}-${record.offset}`)
  return { going: going.sort(), staying: staying.sort() }
}

async function placesInLake(objects: Objects): Promise<string[]> {
  const places: string[] = []
  for (const { key, table } of countingFiles(await lakeFiles(objects)).counting)
    if (table !== 'erasures')
      for await (const row of new FileReader(key, (await objects.get(key))!).objects())
        places.push(`${row.topic}-${row.partition}-${row.offset}`)
  return places.sort()
}

for (const [name, open] of Object.entries({ memory: async () => new MemoryObjects(), files: (t: Test) => openFileObjects(t.testdir()) }))
  t.test(`${name}: rows of who asked are gone, all others are there at every step, and verify knows what was erased`, async t => {
    const objects = await open(t)
    const parts = await fill(t, objects)
    const { going, staying } = await placesOf(parts)
    t.ok(going.length > 30 && staying.length > 150)
    let puts = 0
    const watched: Objects = {
      place: objects.place,
      list: prefix => objects.list(prefix),
      get: key => objects.get(key),
      put: async (key, body) => {
        const result = await objects.put(key, body)
        if (++puts % 10 === 0) {
          const there = (await placesInLake(objects)).filter(place => !going.includes(place))
          t.strictSame(there, staying, 'nobody else misses a row, or has one twice')
        }
        return result
      },
      delete: keys => objects.delete(keys),
      close: () => objects.close()
    }
    const erasures = await readErasures(objects)
    t.strictSame(erasures, asked)
    const open1 = await eraseRows(await lakeFiles(objects), erasures, options(watched, START + HOUR))
    t.ok(open1.open > 0 && open1.rows > 0 && open1.rows < going.length, 'hours that are not over are left alone')
    const rest = await eraseRows(await lakeFiles(objects), erasures, options(watched))
    t.equal(open1.rows + rest.rows, going.length)
    t.strictSame(await placesInLake(objects), staying)

    const check = async (what: string) => {
      const { partitions, problems } = await verifyLake(objects)
      t.strictSame(problems, [], what)
      t.equal(
        partitions.reduce((sum, { erased }) => sum + erased, 0),
        going.length,
        what
      )
      t.equal(
        partitions.reduce((sum, { rows }) => sum + rows, 0),
        staying.length + asked.size,
        what
      )
    }
    await check('erased')
    t.match(await eraseRows(await lakeFiles(objects), erasures, options(objects)), { files: 0, rows: 0, open: 0 }, 'nothing is left to do')
    const { counting, replaced } = countingFiles(await lakeFiles(objects))
    t.ok(counting.some(({ key, revision }) => revision === 1 && key.endsWith('-0001.parquet')))
    await compact(await lakeFiles(objects), { objects, ...compaction })
    await check('merged')
    await compact(await lakeFiles(objects), { objects, ...compaction })
    t.strictSame(await placesInLake(objects), staying)
    await check('what was replaced is deleted')
    const keys = new Set((await lakeFiles(objects)).map(({ key }) => key))
    t.ok(replaced.length > 0 && replaced.every(({ file }) => !keys.has(file.key)))
    await objects.close()
  })

t.test('a second listener, a missing offset, and a replay of what is left', async t => {
  const objects = new MemoryObjects()
  const parts = await fill(t, objects)
  const first = await eraseRows(await lakeFiles(objects), new Map([...asked].slice(0, 1)), options(objects))
  const second = await eraseRows(await lakeFiles(objects), new Map(asked), options(objects))
  t.ok(first.rows > 0 && second.rows > 0)
  const { going, staying } = await placesOf(parts)
  t.equal(first.rows + second.rows, going.length)
  const { counting } = countingFiles(await lakeFiles(objects))
  t.ok(
    counting.some(({ revision }) => revision === 2),
    'a file may be written anew more than once'
  )
  const { partitions, problems } = await verifyLake(objects)
  t.strictSame(problems, [])

  const replay = { log: (await world(t)).log, codec: parts.codec, objects, group: undefined }
  await t.rejects(checkReplay({ ...replay, group: 'segue-lake' }, partitions), /they would get other offsets/)
  await checkReplay(replay, partitions)
  t.equal(await replayLake(replay, partitions), staying.length + asked.size)

  const revised = counting.find(({ revision, table }) => revision === 1 && table === 'spotify_plays')!
  await objects.delete([revised.key])
  const original = { ...revised, key: revised.key.replace('-0001.parquet', '.parquet') }
  t.ok(
    (await lakeFiles(objects)).some(({ key }) => key === original.key),
    'the original counts again'
  )
  t.strictSame((await verifyLake(objects)).problems, [])
  await objects.delete([original.key])
  t.not((await verifyLake(objects)).problems.length, 0, 'a file that is gone is missed')
})
