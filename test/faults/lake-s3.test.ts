import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { generator } from '../../bench/reference.js'
import { compact } from '../../connect/lake/compaction.js'
import { eraseRows } from '../../connect/lake/erase.js'
import { mergeFiles } from '../../connect/lake/merge.js'
import { lakeFiles } from '../../connect/lake/names.js'
import { verifyLake } from '../../connect/lake/verify.js'
import { openS3Objects } from '../../connect/objects/s3-objects.js'
import { HOUR, lakeOptions, lakeRows, records, START, sameAsLog, withLake, world } from '../lake/support.js'
import { faultProxy, faults } from '../objects/fault-proxy.js'
import { s3Server } from './s3-server.js'

const RECORDS = 1_200

t.test('503, silence, resets, lost and cut replies, denials: each row once, and never a part of an object', async t => {
  const server = await s3Server()
  const random = generator(3)
  let share = 0.5
  const proxy = await faultProxy(server.endpoint, () => (random() < share ? faults[Math.floor(random() * faults.length)]! : 'none'))
  t.teardown(() => proxy.close())
  const place = { ...server, prefix: 'faults/' }
  const objects = openS3Objects(place)
  const through = openS3Objects({ ...place, endpoint: proxy.url, requestTimeoutMs: 500, maxAttempts: 2 })
  t.teardown(async () => {
    await objects.close()
    await through.close()
  })
  const parts = await world(t)
  const rotation = { rows: 12, bytes: 1_000_000, ageMs: 50 }
  await withLake(lakeOptions(parts, through, { rotation, retryMs: [5, 20] }), async sink => {
    for (let first = 0; first < RECORDS; first += 100) {
      await parts.log.send(records(parts.codec, first, 100, n => START + n * 6_000))
      await sleep(50)
    }
    while ((await sink.lag()).some(({ records }) => records > 0)) await sleep(50)
  })
  for (const fault of faults) t.ok((proxy.counts.get(fault) ?? 0) > 3, `${fault} ${proxy.counts.get(fault)} times`)
  t.equal(await sameAsLog(t, parts, objects), RECORDS)
  t.strictSame((await verifyLake(objects)).problems, [])
  await merging()
  await erasing()

  /** Merging and deleting through the same faults, again and again until it succeeds. */
  async function merging(): Promise<void> {
    share = 0.2
    const options = {
      objects: through,
      encoder: { merge: mergeFiles },
      fileBytes: 1_000_000,
      settleMs: 0,
      graceMs: 0,
      now: () => Date.now() + HOUR
    }
    let failures = 0
    for (let isLeft = true; isLeft; )
      try {
        isLeft = (await compact(await lakeFiles(through), options)).isLeft
      } catch {
        failures++
      }
    t.ok(failures > 0, `${failures} failures`)
    t.equal(await sameAsLog(t, parts, objects), RECORDS)
    const files = await lakeFiles(objects)
    t.equal(
      files.length,
      new Set(files.map(({ key }) => key.replace(/-\d+-\d+\.parquet$/, ''))).size,
      'one file for each hour and partition'
    )
  }

  /** A listener, through the same faults, again and again until nothing of theirs is left. */
  async function erasing(): Promise<void> {
    const erasures = new Map([['user 2', START + RECORDS * 6_000]])
    const isTheirs = (row: Record<string, unknown>) => row.user_id === 'user 2' || row.record_key === 'user 2' || row.key === 'user 2'
    const others = [...(await lakeRows(t, objects)).values()].flat().filter(row => !isTheirs(row))
    let failures = 0
    for (let isDone = false; !isDone; )
      try {
        isDone = (await eraseRows(await lakeFiles(through), erasures, { objects: through, settleMs: 0, now: Date.now })).rows === 0
      } catch {
        failures++
      }
    t.ok(failures > 0, `${failures} failures`)
    const { partitions, problems } = await verifyLake(objects)
    t.strictSame(problems, [])
    t.equal(
      partitions.reduce((sum, { rows }) => sum + rows, 0),
      others.length
    )
    t.equal(
      partitions.reduce((sum, { erased }) => sum + erased, 0),
      RECORDS - others.length
    )
    t.ok(others.length < RECORDS)
  }
})
