import { type Log, OffsetOutOfRangeError, type TopicPartition } from '../streams/log/log.js'

/** A gap of so many offsets may hold nothing but the markers that end transactions. */
const MAY_BE_MARKERS = 64

/** Records from an offset to the end: exact where it is close, else at most so many. */
export async function remaining(log: Pick<Log, 'fetch' | 'endOffset'>, partition: TopicPartition, from: number): Promise<number> {
  return remainingTo(log, partition, from, await log.endOffset(partition))
}

/** Records from one offset to another: exact where they are close, else at most so many. What is undecided counts. */
export async function remainingTo(log: Pick<Log, 'fetch'>, partition: TopicPartition, from: number, to: number): Promise<number> {
  if (to - from > MAY_BE_MARKERS) return to - from
  let count = 0
  try {
    for (let offset = from; offset < to; ) {
      const { records, nextOffset } = await log.fetch(partition, offset, 1)
      if (nextOffset === offset) return count + to - offset
      count += records.filter(record => record.offset < to).length
      offset = nextOffset
    }
  } catch (error) {
    // It was purged: others have gone on since.
    if (!(error instanceof OffsetOutOfRangeError)) throw error
    return Math.max(0, to - from)
  }
  return count
}
