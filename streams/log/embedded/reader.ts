/** Reads batches: from memory where they are recent, else from the journal. */
import type { FetchResult, LogRecord } from '../log.js'
import { OffsetOutOfRangeError } from '../log.js'
import { BatchCursor, isWhole } from './batch.js'
import { corrupted } from './errors.js'
import type { BatchInfo, Partition } from './partition.js'
import type { State } from './state.js'

/** A batch and its place. */
export interface Chunk {
  readonly first: number
  readonly last: number
  readonly value: Buffer
}

/** Tries at reading batches that are replaced by cleaned ones, and removed, just then. */
const ATTEMPTS = 5

export function checkRange(partition: Partition, offset: number): void {
  if (offset >= partition.start && offset <= partition.end) return
  const range = `${partition.start} to ${partition.end}`
  throw new OffsetOutOfRangeError(
    `Offset ${offset} of topic '${partition.topic}', partition ${partition.number}, does not exist: it has ${range}.`
  )
}

/** The record at which a cursor stands. */
export function recordAt(partition: Partition, cursor: BatchCursor): LogRecord {
  const { topic, number } = partition
  const { offset, timestamp, key, value, headers } = cursor
  if (headers) return { topic, partition: number, offset, timestamp, key, value, headers }
  return { topic, partition: number, offset, timestamp, key, value }
}

export class Reader {
  constructor(readonly state: State) {}

  /** The batch that covers an offset, if it is in memory. */
  cached(partition: Partition, offset: number): Chunk | undefined {
    const info = partition.recent[partition.indexOf(offset)]
    return info?.value && { first: info.first, last: info.last, value: info.value }
  }

  /**
   * Batches without a hole from the one that covers an offset, up to about `maxBytes`; none at the end.
   * @throws OffsetOutOfRangeError it was deleted.
   */
  async load(partition: Partition, offset: number, maxBytes: number): Promise<Chunk[]> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      checkRange(partition, offset)
      if (offset === partition.end) return []
      const infos = await this.state.index.find(partition, offset, maxBytes)
      const chunks = await this.#values(infos)
      if (chunks.length > 0 && chunks[0]!.first <= offset) return chunks
    }
    checkRange(partition, offset)
    throw corrupted(this.state.settings.name, `topic '${partition.topic}', partition ${partition.number}, has no batch at offset ${offset}`)
  }

  async fetch(partition: Partition, offset: number, maxBytes: number): Promise<FetchResult> {
    checkRange(partition, offset)
    const records: LogRecord[] = []
    let next = offset
    let bytes = 0
    while (next < partition.end) {
      const cached = this.cached(partition, next)
      for (const chunk of cached ? [cached] : await this.load(partition, next, maxBytes)) {
        const cursor = new BatchCursor(chunk.value)
        while (cursor.next()) {
          if (cursor.offset < next) continue
          if (records.length > 0 && bytes + cursor.size > maxBytes) return { records, nextOffset: next }
          records.push(recordAt(partition, cursor))
          bytes += cursor.size
          next = cursor.offset + 1
        }
        next = chunk.last + 1
      }
      if (bytes >= maxBytes) break
    }
    return { records, nextOffset: next }
  }

  /** The first offset whose record time is at or after a time; the end where there is none. */
  async offsetForTime(partition: Partition, timestamp: number): Promise<number> {
    for (let next = partition.start; next < partition.end; ) {
      const infos = await this.state.index.find(partition, next, Number.MAX_SAFE_INTEGER)
      if (infos.length === 0) break
      const info = infos.find(({ maxTime }) => maxTime >= timestamp)
      next = Math.max(next, info?.first ?? infos.at(-1)!.last + 1)
      if (!info) continue
      const [chunk] = await this.load(partition, next, 1)
      if (!chunk) break
      const cursor = new BatchCursor(chunk.value)
      while (cursor.next()) if (cursor.offset >= next && cursor.timestamp >= timestamp) return cursor.offset
      next = chunk.last + 1
    }
    return partition.end
  }

  /** Values as far as they are there without a hole. */
  async #values(infos: readonly BatchInfo[]): Promise<Chunk[]> {
    const missing = infos.filter(info => info.value === undefined)
    const read = missing.length > 0 ? await this.state.journal.read(missing.map(info => info.sequence)) : []
    const bySequence = new Map(missing.map((info, i) => [info.sequence, read[i]]))
    const chunks: Chunk[] = []
    for (const { first, last, sequence, value: cached } of infos) {
      const value = cached ?? bySequence.get(sequence)
      if (!value) break
      if (!cached && !isWhole(value)) throw corrupted(this.state.settings.name, `entry ${sequence} of the journal has a wrong checksum`)
      chunks.push({ first, last, value })
    }
    return chunks
  }
}
