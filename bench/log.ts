/**
 * What a byte costs in the embedded log: process CPU (all threads) per byte appended, and per byte read.
 *   npm run build && node dist/bench/log.js [megabytes]
 * First LevelDB alone with the layouts and settings one could choose, then the log as it is: appended in transactions
 * over 45 partitions and read by a consumer that keeps up, then read again from the disk, then cleaned.
 *
 * Found on 2 cores, Node 20, 512 MB in transactions of 5 MB (ns of CPU a byte; a plain write of a file costs 2.4 there):
 *   keys by topic, partition, offset: LevelDB's defaults 31 · not compressed 16 · and with a write buffer of 16 MB 14, of 64 MB 11
 *   keys by time, not compressed: 8.4 with an index in the same database · 6.2 without · 8.3 compressed
 */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Level } from 'level'
import { batchKey, sequenceKey } from '../streams/log/embedded/keys.js'
import { openEmbeddedLog } from '../streams/log/embedded/open.js'
import type { Log, NewRecord, TopicPartition } from '../streams/log/log.js'

const MiB = 1 << 20
const TOTAL = Number(process.argv[2] ?? 256) * MiB
const PARTITIONS = 45
const COMMIT_BYTES = 5 * MiB

let seed = 42
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}

/** Bytes that compress about as the pipeline's do: lists of ids, some of them often, with counts and weights. */
function sample(bytes: number): Buffer {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  const ids = Array.from({ length: 20_000 }, () => Array.from({ length: 22 }, () => letters[Math.floor(random() * 62)]).join(''))
  const pool = Buffer.alloc(bytes)
  for (let at = 0; at < bytes - 40; ) {
    at += pool.write(ids[Math.floor(20_000 ** random())] ?? '', at, 'latin1')
    at = pool.writeUInt8(Math.floor(random() * 20), at)
    at = pool.writeDoubleLE(Math.floor(random() * 2 ** 20) / 2 ** 10, at)
  }
  return pool
}

const pool = sample(32 * MiB)
const slice = (bytes: number): Buffer => {
  const at = Math.floor(random() * (pool.length - bytes))
  return pool.subarray(at, at + bytes)
}
/** Shares of a commit's bytes per partition: few large, many small. */
const shares = Array.from({ length: PARTITIONS }, (_, i) => 1 / (1 + (i % 15)))
const whole = shares.reduce((sum, share) => sum + share, 0)
const part = (partition: number): number => Math.floor((COMMIT_BYTES * shares[partition]!) / whole)

async function measured(name: string, work: () => Promise<number>): Promise<void> {
  const before = process.cpuUsage()
  const started = performance.now()
  const bytes = await work()
  const seconds = (performance.now() - started) / 1000
  await quiet()
  const { user, system } = process.cpuUsage(before)
  const figures = `${(((user + system) * 1000) / bytes).toFixed(2)} ns CPU/byte · ${(bytes / MiB / seconds).toFixed(0)} MB/s · ${(process.memoryUsage.rss() / MiB).toFixed(0)} MB resident`
  console.log(`${name.padEnd(58)} ${figures}`)
}

/** Until LevelDB's own thread rests. */
async function quiet(): Promise<void> {
  for (;;) {
    const before = process.cpuUsage()
    await sleep(200)
    const { user, system } = process.cpuUsage(before)
    if (user + system < 20_000) return
  }
}

async function inDirectory(work: (path: string) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'segue-bench-'))
  try {
    const { bavail, bsize } = statfsSync(path)
    if (bavail * bsize < 4 * TOTAL) throw new Error(`${path} has too little space for ${TOTAL / MiB} MB several times.`)
    await work(path)
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

interface Layout {
  readonly byTime: boolean
  readonly options: { compression?: boolean; writeBufferSize?: number; blockSize?: number }
}

/** LevelDB alone: one value per partition and commit. */
async function levelAlone({ byTime, options }: Layout): Promise<void> {
  await inDirectory(async path => {
    const db = new Level<Buffer, Buffer>(path, { keyEncoding: 'buffer', valueEncoding: 'buffer', ...options })
    await db.open()
    let next = 0
    const name = `${byTime ? 'keys by time' : 'keys by topic, partition, offset'} ${JSON.stringify(options).replaceAll('"', '')}`
    await measured(name, async () => {
      let bytes = 0
      while (bytes < TOTAL) {
        const values = shares.map((_, partition) => slice(part(partition)))
        const keys = values.map((_, partition) => (byTime ? sequenceKey('d', next++) : batchKey(1, partition, next++)))
        await db.batch(values.map((value, i) => ({ type: 'put', key: keys[i]!, value })))
        bytes += values.reduce((sum, value) => sum + value.length, 0)
      }
      return bytes
    })
    await db.close()
  })
}

const places: readonly TopicPartition[] = shares.map((_, i) => ({ topic: `topic-${i % 15}`, partition: Math.floor(i / 15) }))

/** One commit: records of about 1.5 KB with keys that come again. */
const commit = (): NewRecord[] =>
  places.flatMap((at, i) => {
    const size = Math.min(1500, part(i))
    return Array.from({ length: Math.floor(part(i) / size) }, () => ({
      ...at,
      timestamp: Date.now(),
      key: Buffer.from(`key-${Math.floor(2_000 * random())}`),
      value: slice(size)
    }))
  })

async function append(log: Log, keepUp: () => number): Promise<number> {
  const producer = await log.transactionalProducer('bench')
  let bytes = 0
  while (bytes < TOTAL) {
    const records = commit()
    await producer.commit({ group: 'bench', records, offsets: [{ ...places[0]!, offset: bytes }] })
    bytes += records.reduce((sum, record) => sum + record.value!.length + record.key!.length, 0)
    keepUp()
  }
  return bytes
}

async function consumerOf(log: Log): Promise<() => number> {
  const topics = places.slice(0, 15).map(({ topic }) => topic)
  let assigned = (): void => {}
  const ready = new Promise<void>(resolve => {
    assigned = resolve
  })
  const consumer = await log.join('readers', [{ name: 'all', topics }], {
    assigned: async () => assigned(),
    revoked: async () => {},
    lost: async () => {}
  })
  await ready
  for (const at of places) consumer.seek(at, 0)
  return () => {
    let records = 0
    for (const at of places)
      for (let polled = consumer.poll(at, 500); polled.length > 0; polled = consumer.poll(at, 500)) records += polled.length
    return records
  }
}

async function readAll(log: Log): Promise<number> {
  let bytes = 0
  for (const at of places) {
    const end = await log.endOffset(at)
    for (let next = 0; next < end; ) {
      const { records, nextOffset } = await log.fetch(at, next, MiB)
      for (const record of records) bytes += record.value!.length + record.key!.length
      next = nextOffset
    }
  }
  return bytes
}

async function theLog(): Promise<void> {
  await inDirectory(async path => {
    let log = await openEmbeddedLog(path, { housekeepingMs: 0 })
    const cleanup = 'compact'
    await log.ensureTopics(places.slice(0, 15).map(({ topic }) => ({ name: topic, partitions: 3, cleanup, retentionMs: -1 })))
    const keepUp = await consumerOf(log)
    let read = 0
    await measured('the log: append, read by a consumer that keeps up', () => append(log, () => (read += keepUp())))
    console.log(`  ${read} records were read`)
    await log.close()
    const started = performance.now()
    log = await openEmbeddedLog(path, { housekeepingMs: 0 })
    console.log(`  opened again in ${(performance.now() - started).toFixed(0)} ms`)
    await measured('the log: read again from the disk', () => readAll(log))
    const maintained = log
    await measured('the log: clean all and give the space back', async () => {
      await maintained.compact()
      return TOTAL
    })
    await log.close()
  })
}

if (!process.env.ONLY_LOG) await levelAlone({ byTime: false, options: {} })
if (!process.env.ONLY_LOG) await levelAlone({ byTime: false, options: { compression: false, writeBufferSize: 16 * MiB } })
if (!process.env.ONLY_LOG) await levelAlone({ byTime: true, options: { writeBufferSize: 8 * MiB } })
if (!process.env.ONLY_LOG)
  await levelAlone({ byTime: true, options: { compression: false, writeBufferSize: 8 * MiB, blockSize: 64 << 10 } })
await theLog()
