/** Writes transactions until it is killed, and says which were acknowledged. Argument: the log's directory. */
import { writeSync } from 'node:fs'
import type { EmbeddedLog } from '../../streams/log/embedded/log.js'
import { openEmbeddedLog } from '../../streams/log/embedded/open.js'

export const KEYS = 17
export const GROUP = 'group'
export const EVENTS = { topic: 'events', partition: 0 }
export const TABLE = { topic: 'table', partition: 0 }
export const BOTH = [EVENTS, TABLE]
/** So long that a batch spans several blocks of LevelDB's log. */
export const padding = (n: number): string => 'x'.repeat((n * 7919) % 20_000)

export const settings = {
  housekeepingMs: 2,
  purgeBytes: 500_000,
  cacheBytes: 100_000,
  cleaner: { minDirtyBytes: 50_000, busyDirtyBytes: 50_000, busyDirtyRatio: 0.5 }
}

async function compact(log: EmbeddedLog): Promise<void> {
  await log.compact()
  writeSync(1, 'compacted\n')
}

async function write(log: EmbeddedLog): Promise<never> {
  await log.ensureTopics([
    { name: 'events', partitions: 1, cleanup: 'delete', retentionMs: -1 },
    { name: 'table', partitions: 1, cleanup: 'compact', retentionMs: -1 }
  ])
  const producer = await log.transactionalProducer('writer')
  const [done] = await log.committed(GROUP, [EVENTS])
  let next = done ?? 0
  const one = async (): Promise<void> => {
    const n = next++
    const value = Buffer.from(`${n} ${padding(n)}`)
    const records = [
      { ...EVENTS, key: null, value },
      { ...TABLE, key: Buffer.from(`${n % KEYS}`), value }
    ]
    await producer.commit({ group: GROUP, records, offsets: [{ ...EVENTS, offset: n + 1 }] })
    writeSync(1, `${n}\n`)
  }
  writeSync(1, 'ready\n')
  for (;;) {
    await Promise.all([one(), one(), one()])
    if (next % 60 === 0) await log.deleteRecords([{ ...EVENTS, offset: Math.max(0, next - 100) }])
    if (next % 90 === 0) void compact(log)
  }
}

const directory = process.argv[2]
if (directory && process.argv[1]?.endsWith('log-child.js')) {
  const onError = (error: Error): void => {
    throw error
  }
  await write(await openEmbeddedLog(directory, { ...settings, onError }))
}
