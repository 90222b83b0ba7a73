import t, { type Test } from 'tap'
import { type CompactionOptions, compact } from '../../connect/lake/compaction.js'
import { mergeFiles } from '../../connect/lake/merge.js'
import { countingFiles, fileKey, lakeFiles } from '../../connect/lake/names.js'
import { verifyLake } from '../../connect/lake/verify.js'
import type { Objects } from '../../connect/objects/objects.js'
import { MemoryObjects } from '../objects/memory-objects.js'
import { HOUR, lakeOptions, records, START, sameAsLog, type World, withLake, world } from './support.js'

const RECORDS = 300
const AGE = 3 * HOUR
const options = (objects: Objects, more: Partial<CompactionOptions> = {}): CompactionOptions => ({
  objects,
  encoder: { merge: mergeFiles },
  fileBytes: 1_000_000,
  graceMs: 60_000,
  settleMs: 0,
  now: () => START + AGE,
  ...more
})

async function trickle(t: Test): Promise<{ parts: World; objects: MemoryObjects }> {
  const parts = await world(t)
  const objects = new MemoryObjects()
  await withLake(lakeOptions(parts, objects, { rotation: { rows: 7, bytes: 1_000_000, ageMs: 1_000_000 } }), async sink => {
    for (let first = 0; first < RECORDS; first += 60) {
      await parts.log.send(records(parts.codec, first, 60, n => START + n * 30_000))
      await sink.flush()
    }
  })
  return { parts, objects }
}

/** Many small files over three hours. */
const { parts, objects: small } = await trickle(t)
const files = (objects: Objects) => lakeFiles(objects)

t.test('the files of an hour become one; at every step each row counts once', async t => {
  const objects = small.copy()
  const before = await files(objects)
  let steps = 0
  const watched: Objects = {
    place: objects.place,
    list: prefix => objects.list(prefix),
    get: key => objects.get(key),
    put: async (key, body) => {
      const result = await objects.put(key, body)
      if (steps++ % 7 === 0) await sameAsLog(t, parts, objects)
      return result
    },
    delete: async keys => {
      for (const [i, key] of keys.entries()) {
        await objects.delete([key])
        if (i % 30 === 0) await sameAsLog(t, parts, objects)
      }
    },
    close: () => objects.close()
  }
  const first = await compact(before, options(watched))
  t.ok(first.merged > 50 && first.deleted === 0 && first.isLeft)
  const { counting, replaced } = countingFiles(await files(objects))
  t.equal(replaced.length, first.merged)
  const groups = new Set(counting.map(({ key }) => key.replace(/-\d+-\d+\.parquet$/, '')))
  t.equal(counting.length, groups.size, 'one file for each table, hour and partition')
  const later = () => Date.now() + 61_000
  const second = await compact(await files(objects), options(watched, { now: later }))
  t.match(second, { merged: 0, deleted: first.merged, isLeft: false })
  t.equal(await sameAsLog(t, parts, objects), RECORDS)
  t.strictSame((await verifyLake(objects)).problems, [])
  t.match(await compact(await files(objects), options(objects)), { merged: 0, deleted: 0, isLeft: false }, 'nothing is left to do')
})

t.test('hours that are not over are left alone; files are not merged beyond their size', async t => {
  const objects = small.copy()
  const now = () => START + HOUR + 30 * 60_000
  const { isLeft } = await compact(await files(objects), options(objects, { now }))
  t.ok(isLeft)
  const { replaced } = countingFiles(await files(objects))
  t.ok(replaced.length > 0 && replaced.every(({ file }) => file.hour === START))
  await compact(await files(objects), options(objects, { fileBytes: 12_000 }))
  const merged = countingFiles(await files(objects)).counting.filter(({ hour }) => hour > START)
  t.ok(merged.every(({ size }) => size < 20_000))
  t.ok(merged.length > 8, `${merged.length} files`)
  t.equal(await sameAsLog(t, parts, objects), RECORDS)
})

t.test('two that compact at the same time, and one that comes late with an older list, do no harm', async t => {
  const objects = small.copy()
  const list = await files(objects)
  await Promise.all([compact(list, options(objects)), compact(list, options(objects))])
  await compact(await files(objects), options(objects, { now: () => Date.now() + 61_000 }))
  t.equal(await sameAsLog(t, parts, objects), RECORDS)
  await t.rejects(compact(list, options(objects)), /has gone from .* while it was to be merged/)
  const merged = countingFiles(await files(objects)).counting
  await objects.put(list[0]!.key, Buffer.from('what a zombie uploads after its part was deleted'))
  t.strictSame(
    countingFiles(await files(objects)).counting.map(({ key }) => key),
    merged.map(({ key }) => key)
  )
  t.equal(await sameAsLog(t, parts, objects), RECORDS)
})

t.test('verify finds what is damaged, doubled, missing or misplaced', async t => {
  const objects = small.copy()
  const { partitions, problems } = await verifyLake(objects)
  t.strictSame(problems, [])
  t.equal(partitions.length, 8)
  t.equal(
    partitions.reduce((sum, { rows }) => sum + rows, 0),
    RECORDS
  )
  for (const { topic, partition, from, next } of partitions)
    t.strictSame([from, next], [0, await parts.log.endOffset({ topic, partition })])
  const { counting } = countingFiles(await files(objects))
  const plays = counting.filter(({ table, partition }) => table === 'spotify_plays' && partition === 0)
  const damage = async (change: () => Promise<void>) => {
    await change()
    return (await verifyLake(objects)).problems.join('\n')
  }
  const [a, b, c, d] = plays as [(typeof plays)[0], (typeof plays)[0], (typeof plays)[0], (typeof plays)[0]]
  const rewrite = async (key: string, body: Buffer) => {
    await objects.delete([key])
    await objects.put(key, body)
  }
  const [bytesA, bytesB, bytesC] = await Promise.all([a, b, c].map(async ({ key }) => (await objects.get(key))!))
  const flipped = Buffer.from(bytesA!)
  flipped[flipped.length - 100]! ^= 4
  t.match(await damage(() => rewrite(a.key, flipped)), new RegExp(`${a.key} is damaged`))
  await rewrite(a.key, bytesA!)
  t.match(await damage(() => rewrite(b.key, bytesB!.subarray(0, 500))), new RegExp(`${b.key} is damaged`))
  t.match(await damage(() => objects.delete([b.key])), /spotify-plays-0 has \d+ of the \d+ records|spotify-plays-0 lacks the offsets/)
  await rewrite(b.key, bytesB!)
  t.match(await damage(() => rewrite(fileKey({ ...c, to: c.to + 1 }), bytesC!)), /has the offsets/)
  await objects.delete([fileKey({ ...c, to: c.to + 1 })])
  const elsewhere = fileKey({ ...d, hour: d.hour + HOUR * 20 })
  t.match(
    await damage(async () => void (await objects.put(elsewhere, (await objects.get(d.key))!))),
    /spotify-plays-0 has \d+ offsets twice|rows that belong elsewhere/
  )
  await objects.delete([elsewhere])
  t.strictSame((await verifyLake(objects)).problems, [])
})
