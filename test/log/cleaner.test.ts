import t, { type Test } from 'tap'
import { systemClock } from '../../streams/clock.js'
import { createEmbeddedLog, type EmbeddedLog } from '../../streams/log/embedded/log.js'
import type { Database, EmbeddedLogOptions } from '../../streams/log/embedded/options.js'
import { readAll, record, texts, until } from '../contract/log-helpers.js'
import { memory } from './harness.js'

const at = { topic: 'table', partition: 0 }

async function open(t: Test, db: Database, options: EmbeddedLogOptions = {}): Promise<EmbeddedLog> {
  const log = await createEmbeddedLog(db, { housekeepingMs: 0, ...options })
  t.teardown(() => log.close())
  await log.ensureTopics([{ name: 'table', partitions: 1, cleanup: 'compact', retentionMs: -1 }])
  return log
}

const entries = async (db: Database, prefix: string): Promise<number> =>
  (await db.keys().all()).filter(key => key[0] === prefix.charCodeAt(0)).length

t.test('a tombstone stays for its grace after it was first cleaned, then goes', async t => {
  let now = 1_000_000
  const log = await open(t, memory(), { clock: { ...systemClock, now: () => now }, cleaner: { tombstoneGraceMs: 100 } })
  await log.send([record('table', 'a', '1'), record('table', 'b', '1')])
  now += 1_000
  await log.send([record('table', 'a', null, { timestamp: 5 })])
  await log.compact()
  t.strictSame(texts(await readAll(log, at)), ['b=1', 'a=null'])
  now += 99
  await log.send([record('table', 'c', '1')])
  await log.compact()
  t.strictSame(texts(await readAll(log, at)), ['b=1', 'a=null', 'c=1'])
  now += 1
  await log.send([record('table', 'd', '1')])
  await log.compact()
  t.strictSame(texts(await readAll(log, at)), ['b=1', 'c=1', 'd=1'])
  t.equal(await log.endOffset(at), 5)
})

t.test('when all records have gone, the end stays', async t => {
  let now = 0
  const db = memory()
  const log = await open(t, db, { clock: { ...systemClock, now: () => now }, cleaner: { tombstoneGraceMs: 1 } })
  await log.send([record('table', 'a', '1'), record('table', 'a', null)])
  await log.compact()
  now = 10
  await log.send([record('table', 'b', null)])
  await log.compact()
  now = 20
  await log.send([record('table', 'c', null)])
  await log.compact()
  now = 30
  await log.send([record('table', 'c', null)])
  await log.compact()
  t.strictSame(texts(await readAll(log, at)), ['c=null'])
  await log.close()
  const again = await open(t, db)
  t.strictSame(texts(await readAll(again, at)), ['c=null'])
  t.equal(await again.endOffset(at), 5)
})

t.test('records without a key are kept', async t => {
  const log = await open(t, memory())
  await log.send([record('table', null, '1'), record('table', 'a', '1'), record('table', null, '2'), record('table', 'a', '2')])
  await log.compact()
  t.strictSame(texts(await readAll(log, at)), ['null=1', 'null=2', 'a=2'])
})

t.test('what nothing refers to is removed from the journal, batches become few', async t => {
  const db = memory()
  const log = await open(t, db)
  for (let i = 0; i < 200; i++) await log.send([record('table', `k${i % 50}`, `${i}`)])
  t.ok((await entries(db, 'd')) > 200)
  await log.compact()
  t.equal((await readAll(log, at)).length, 50)
  t.equal(await entries(db, 'd'), 2, 'one batch and a snapshot of the metadata')
  t.equal(await entries(db, 'g'), 0)
  t.equal(await entries(db, 'b'), 1)
})

t.test('by itself it keeps the journal bounded under updates of few keys, and readers go on meanwhile', async t => {
  const db = memory()
  const log = await open(t, db, {
    housekeepingMs: 1,
    purgeBytes: 5_000,
    cacheBytes: 1_000,
    cleaner: { minDirtyBytes: 2_000, busyDirtyBytes: 4_000 }
  })
  let most = 0
  for (let i = 0; i < 600; i++) {
    await log.send([record('table', `k${i % 10}`, `${i}`.padEnd(100))])
    if (i % 10 === 0) most = Math.max(most, await entries(db, 'd'))
    if (i % 10 === 0)
      t.ok((await readAll(log, at)).some(r => r.key?.toString() === `k${i % 10}` && r.value?.toString() === `${i}`.padEnd(100)))
    await new Promise(resolve => setImmediate(resolve))
  }
  await until(async () => (await entries(db, 'd')) < 300)
  const found = new Map((await readAll(log, at)).map(r => [`${r.key}`, Number(`${r.value}`)]))
  t.strictSame(
    [...found.values()].sort((a, b) => a - b),
    Array.from({ length: 10 }, (_, i) => 590 + i)
  )
  t.ok(most < 600, `at most ${most} entries of more than 600 that were written`)
})

t.test('dropping a topic frees its space', async t => {
  const db = memory()
  const log = await open(t, db)
  await log.send([record('table', 'a', '1')])
  await log.deleteTopics(['table'])
  await log.compact()
  t.equal(await entries(db, 'b'), 0)
  await log.ensureTopics([{ name: 'table', partitions: 1, cleanup: 'compact', retentionMs: -1 }])
  t.strictSame(await readAll(log, at), [])
})
