/** Rebuilds the input topics from the lake: the same records in the same partitions, order and record times. */
import type { SourceTopic } from '../../schemas/catalogue.js'
import type { Codec } from '../../schemas/codec.js'
import type { Sharing } from '../../schemas/events.js'
import { fromJson } from '../../schemas/json.js'
import type { Log, NewRecord, TopicPartition } from '../../streams/log/log.js'
import type { Objects } from '../objects/objects.js'
import { FileReader } from './file-reader.js'
import { countingFiles, type LakeFile, lakeFiles, tableOf, UNDECODABLE } from './names.js'
import type { VerifiedPartition } from './verify.js'

const BATCH = 1_000

/** The topics can't be rebuilt; its message says why, and what to do. */
export class LakeReplayError extends Error {
  override name = 'LakeReplayError'
}

export interface LakeReplay {
  readonly log: Log
  readonly codec: Pick<Codec, 'encode'>
  readonly objects: Objects
  /** The group of the sink that goes on in this lake; undefined: the records get new offsets, and a lake of their own. */
  readonly group: string | undefined
  /** Called with the records that were sent since the last call. */
  readonly onSent?: (records: number) => void
}

/**
 * What is left to do. A replay that was interrupted goes on where it stood, as offsets stay what they were.
 * @throws LakeReplayError the topics hold other records, or offsets would not stay what they were.
 */
export async function checkReplay({ log, group }: LakeReplay, partitions: readonly VerifiedPartition[]): Promise<void> {
  for (const { topic, partition, from, next, rows } of partitions) {
    const name = `${topic}-${partition}`
    const [begin, end] = await Promise.all([log.beginningOffset({ topic, partition }), log.endOffset({ topic, partition })])
    if (group !== undefined && (from > 0 || rows !== next))
      throw new LakeReplayError(
        `${name} has ${rows} records in the lake for the offsets ${from} to ${next - 1}: they would get other offsets, and new files would not fit to those that are there. Name the lake (--from-lake PLACE) and let SEGUE_LAKE be a new one.`
      )
    const isPart = group !== undefined && begin === 0 && end <= next
    if (end > 0 && !isPart)
      throw new LakeReplayError(`${name} is not empty: its offsets end at ${end}. Rebuild into a new data directory, or new topics.`)
  }
}

/** Sends what is not there yet; then the sink goes on behind it. Returns how many were sent. @throws LakeReplayError */
export async function replayLake(replay: LakeReplay, partitions: readonly VerifiedPartition[]): Promise<number> {
  const { log, objects, group } = replay
  const { counting } = countingFiles(await lakeFiles(objects))
  let sent = 0
  for (const at of partitions) {
    const isOurs = (file: LakeFile) =>
      file.partition === at.partition && (file.table === UNDECODABLE ? file.topic === at.topic : file.table === tableOf(at.topic))
    sent += await replayPartition(replay, at, counting.filter(isOurs))
    if (group !== undefined) await log.setCommitted(group, [{ topic: at.topic, partition: at.partition, offset: at.next }])
  }
  return sent
}

async function replayPartition(replay: LakeReplay, at: TopicPartition, files: readonly LakeFile[]): Promise<number> {
  const { log, codec, objects, group, onSent } = replay
  const end = await log.endOffset(at)
  let sent = 0
  let batch: NewRecord[] = []
  const flush = async () => {
    await log.send(batch)
    sent += batch.length
    onSent?.(batch.length)
    batch = []
  }
  for await (const row of rowsInOrder(objects, files)) {
    if (group !== undefined && Number(row.offset) < end) {
      if (Number(row.offset) === end - 1) await checkSame(log, at, row)
      continue
    }
    batch.push(recordOf(codec, row))
    if (batch.length === BATCH) await flush()
  }
  if (batch.length > 0) await flush()
  return sent
}

/** Of all files of a partition; hours and tables have offsets in between one another. */
async function* rowsInOrder(objects: Objects, files: readonly LakeFile[]): AsyncGenerator<Row> {
  const waiting = files.toSorted((a, b) => b.from - a.from)
  const open: { row: Row; rows: AsyncGenerator<Row> }[] = []
  for (;;) {
    open.sort((a, b) => Number((a.row.offset as bigint) - (b.row.offset as bigint)))
    const next = waiting.at(-1)
    if (next !== undefined && (open.length === 0 || BigInt(next.from) < (open[0]!.row.offset as bigint))) {
      waiting.pop()
      await advance(open, rowsOf(objects, next))
      continue
    }
    const first = open.shift()
    if (first === undefined) return
    yield first.row
    await advance(open, first.rows)
  }
}

type Row = Record<string, unknown>

async function advance(open: { row: Row; rows: AsyncGenerator<Row> }[], rows: AsyncGenerator<Row>): Promise<void> {
  const { value, done } = await rows.next()
  if (!done) open.push({ row: value, rows })
}

async function* rowsOf(objects: Objects, { key, table }: LakeFile): AsyncGenerator<Row> {
  const bytes = await objects.get(key)
  if (bytes === undefined) throw new LakeReplayError(`${key} has gone from ${objects.place} while it was to be read. Try again.`)
  for await (const row of new FileReader(key, bytes).objects()) yield { table, ...row }
}

function recordOf(codec: Pick<Codec, 'encode'>, { table, topic, partition, record_time, ...row }: Row): NewRecord {
  const at = { topic: topic as SourceTopic, partition: partition as number, timestamp: Number(record_time) }
  if (table === UNDECODABLE) return { ...at, key: bytesOf(row.key), value: bytesOf(row.value) }
  const fields = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]))
  const key = row.record_key === null ? Buffer.from(row.user_id as string) : bytesOf(row.record_key)
  return { ...at, key: key?.length === 0 && row.record_key !== null ? null : key, value: encoded(codec, at.topic, fields) }
}

function encoded(codec: Pick<Codec, 'encode'>, topic: SourceTopic, fields: Row): Buffer {
  if (topic === 'sharing') return codec.encode(topic, fields as unknown as Sharing)
  if (topic !== 'erasures') return codec.encode(topic, fromJson(topic, fields))
  const { user_id, requested_at, days } = fields as { user_id: string; requested_at: number; days: string }
  return codec.encode(topic, { user_id, requested_at, days: JSON.parse(days) as string[] })
}

const bytesOf = (bytes: unknown) => (bytes === null ? null : Buffer.from(bytes as Uint8Array))

/** The last record that an interrupted replay has sent. @throws LakeReplayError it is of another origin. */
async function checkSame(log: Log, at: TopicPartition, row: Row): Promise<void> {
  const { records } = await log.fetch(at, Number(row.offset), 1)
  if (records[0]?.timestamp === Number(row.record_time)) return
  throw new LakeReplayError(
    `${at.topic}-${at.partition} holds other records than the lake. Rebuild into a new data directory, or new topics.`
  )
}
