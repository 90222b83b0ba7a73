import t, { type Test } from 'tap'
import { createEmbeddedLog, type EmbeddedLog } from '../../streams/log/embedded/log.js'
import type { Database, EmbeddedLogOptions } from '../../streams/log/embedded/options.js'
import { type Log, LogCorruptedError, OutcomeUnknownError, RetriableLogError } from '../../streams/log/log.js'
import { readAll, record, texts } from '../contract/log-helpers.js'
import { memory } from './harness.js'

const topics = ['table', 'events'] as const

async function open(t: Test, db: Database, options: EmbeddedLogOptions = {}): Promise<EmbeddedLog> {
  const log = await createEmbeddedLog(db, { housekeepingMs: 0, ...options })
  t.teardown(() => log.close().catch(() => {}))
  return log
}

async function fill(log: EmbeddedLog, rounds: number): Promise<void> {
  await log.ensureTopics([
    { name: 'table', partitions: 1, cleanup: 'compact', retentionMs: -1 },
    { name: 'events', partitions: 1, cleanup: 'delete', retentionMs: -1 }
  ])
  const producer = await log.transactionalProducer('producer')
  for (let i = 0; i < rounds; i++) {
    await producer.commit({
      group: 'group',
      records: [record('table', `k${i % 3}`, `${i}`), record('events', `${i}`, `${i}`)],
      offsets: [{ topic: 'events', partition: 0, offset: i + 1 }]
    })
    if (i % 7 === 6) await log.compact()
    if (i % 10 === 9) await log.deleteRecords([{ topic: 'events', partition: 0, offset: i - 4 }])
  }
}

/** All that a reader can see. */
async function contents(log: Log): Promise<unknown> {
  const partitions = topics.map(topic => ({ topic, partition: 0 }))
  const records = await Promise.all(partitions.map(async at => texts(await readAll(log, at))))
  const bounds = await Promise.all(partitions.map(async at => [await log.beginningOffset(at), await log.endOffset(at)]))
  return { records, bounds, committed: await log.committed('group', partitions), topics: await log.topics() }
}

async function copyOf(db: Database, keep: (key: Buffer) => boolean = () => true): Promise<Database> {
  const copy = memory()
  for await (const [key, value] of db.iterator()) if (keep(key)) await copy.put(key, value)
  return copy
}

const isIndex = (key: Buffer): boolean => 'bgms'.includes(String.fromCharCode(key[0]!))

t.test('the index is made anew from the journal where it is missing, unreadable, foreign or ahead', async t => {
  const db = memory()
  const log = await open(t, db)
  await fill(log, 25)
  const wanted = await contents(log)
  await log.close()
  await db.open()
  const foreign = await copyOf(db)
  await foreign.put(
    Buffer.from('m'),
    Buffer.from((await foreign.get(Buffer.from('m')))!.toString().replace(/"journal":"[^"]*"/, '"journal":"1:other"'))
  )
  const unreadable = await copyOf(db)
  await unreadable.put(Buffer.from('m'), Buffer.from('{"jour'))
  const ahead = await copyOf(db)
  await ahead.put(
    Buffer.from('m'),
    Buffer.from((await ahead.get(Buffer.from('m')))!.toString().replace(/"applied":\d+/, '"applied":99999'))
  )
  for (const [name, found] of Object.entries({ same: db, missing: await copyOf(db, key => !isIndex(key)), foreign, unreadable, ahead })) {
    const again = await open(t, found)
    t.strictSame(await contents(again), wanted, name)
    await fill(again, 3)
    await again.compact()
    t.equal((await again.committed('group', [{ topic: 'events', partition: 0 }]))[0], 3, `${name}: it can be written to`)
  }
})

t.test('after a crash at any write, each transaction is there as a whole', async t => {
  const db = memory()
  const images: Database[] = []
  const write = db.batch.bind(db) as (...args: unknown[]) => Promise<void>
  let acknowledged = 0
  const acknowledgedAt: number[] = []
  db.batch = (async (...args: unknown[]) => {
    await write(...args)
    images.push(await copyOf(db))
    acknowledgedAt.push(acknowledged)
  }) as unknown as Batch
  const log = await open(t, db, { cacheBytes: 300 })
  const producer = log.transactionalProducer.bind(log)
  log.transactionalProducer = async id => {
    const opened = await producer(id)
    return { ...opened, commit: async tx => opened.commit(tx).finally(() => acknowledged++) }
  }
  await fill(log, 24)
  await log.close()
  t.ok(images.length > 40, `${images.length} images`)
  for (const [i, image] of images.entries()) {
    const again = await open(t, image)
    if ((await again.topics()).length === 0) continue
    const count = (await again.committed('group', [{ topic: 'events', partition: 0 }]))[0] ?? 0
    if (count < acknowledgedAt[i]!) t.fail(`image ${i}: ${count} transactions of ${acknowledgedAt[i]} that were acknowledged`)
    const events = (await readAll(again, { topic: 'events', partition: 0 })).map(r => Number(`${r.value}`))
    if (count > 0 && events.at(-1) !== count - 1) t.fail(`image ${i}: ${count} commits, but the last event is ${events.at(-1)}`)
    const table = new Map((await readAll(again, { topic: 'table', partition: 0 })).map(r => [`${r.key}`, Number(`${r.value}`)]))
    for (let n = Math.max(0, count - 3); n < count; n++)
      if (table.get(`k${n % 3}`) !== n) t.fail(`image ${i}: k${n % 3} is ${table.get(`k${n % 3}`)}, not ${n}`)
    await again.close()
  }
})

type Batch = Database['batch']
const full = (): Error => Object.assign(new Error('IO error: No space left on device'), { code: 'LEVEL_IO_ERROR' })

t.test('a write that fails is retriable, and nothing of it is there', async t => {
  const db = memory()
  const log = await open(t, db)
  await fill(log, 2)
  const write = db.batch
  db.batch = (() => Promise.reject(full())) as unknown as Batch
  const failed = await Promise.allSettled([log.send([record('events', 'x', 'x')]), log.send([record('events', 'y', 'y')])])
  for (const result of failed)
    t.ok(result.status === 'rejected' && result.reason instanceof RetriableLogError && /no space left/.test(result.reason.message))
  db.batch = write
  await log.send([record('events', 'z', 'z')])
  t.strictSame(texts(await readAll(log, { topic: 'events', partition: 0 })), ['0=0', '1=1', 'z=z'])
})

t.test('a write whose answer is an error, but which took effect, counts', async t => {
  const db = memory()
  const log = await open(t, db)
  await fill(log, 2)
  const heard: string[] = []
  log.onAppend(['events'], topic => heard.push(topic))
  const write = db.batch
  db.batch = (async (...args: Parameters<typeof write>) => {
    await write.apply(db, args)
    throw full()
  }) as unknown as Batch
  const ends = await log.send([record('events', 'x', 'x')])
  t.strictSame(ends, [{ topic: 'events', partition: 0, offset: 3 }])
  t.strictSame(heard, ['events'])
  db.batch = write
  t.strictSame(texts(await readAll(log, { topic: 'events', partition: 0 })), ['0=0', '1=1', 'x=x'])
})

t.test('while the database can not be opened again the outcome is unknown; later writes wait for it', async t => {
  const db = memory()
  const log = await open(t, db)
  await fill(log, 2)
  const { batch, open: reopen } = db
  db.batch = (async (...args: Parameters<typeof batch>) => {
    await batch.apply(db, args)
    throw full()
  }) as unknown as Batch
  db.open = () => Promise.reject(full())
  await t.rejects(log.send([record('events', 'x', 'x')]), OutcomeUnknownError)
  await t.rejects(log.send([record('events', 'y', 'y')]), RetriableLogError)
  Object.assign(db, { batch, open: reopen })
  await log.send([record('events', 'z', 'z')])
  t.strictSame(texts(await readAll(log, { topic: 'events', partition: 0 })), ['0=0', '1=1', 'x=x', 'z=z'])
})

t.test('damage is found and named', async t => {
  const db = memory()
  const log = await open(t, db)
  await fill(log, 5)
  await log.close()
  await db.open()
  const batches = (await db.iterator().all()).filter(([key, value]) => key[0] === 'd'.charCodeAt(0) && value[0] === 1)
  const [key, value] = batches.at(-1)!
  const flipped = await copyOf(db)
  const damaged = Buffer.from(value)
  damaged[damaged.length - 1]! ^= 1
  await flipped.put(key, damaged)
  const opened = await open(t, flipped)
  await t.rejects(contents(opened), LogCorruptedError)
  await t.rejects(open(t, await withoutIndex(flipped)), LogCorruptedError)
  const [middle] = batches.at(-3)!
  const holed = await withoutIndex(db)
  await holed.del(middle)
  await t.rejects(open(t, holed), /are missing from offset/)
  const headless = await copyOf(db, key => key[0] !== 'F'.charCodeAt(0))
  await t.rejects(open(t, headless), LogCorruptedError)
})

const withoutIndex = (db: Database): Promise<Database> => copyOf(db, key => !isIndex(key))
