import { type Log, type LogRecord, OffsetOutOfRangeError, type TopicPartition } from '../streams/log/log.js'

export type Readable = Pick<Log, 'fetch' | 'beginningOffset' | 'endOffset'>

/** How many records a search may still read; shared by its parts. */
export interface Budget {
  left: number
}

const FETCH_BYTES = 512 * 1024
const FIRST_WINDOW = 256
const LARGEST_WINDOW = 8_192

/**
 * The records of a partition from its end to its beginning, in windows that grow; each window's records in their order. Ends with the
 * partition or the budget. What is purged meanwhile is passed over.
 */
export async function* backwards(log: Readable, at: TopicPartition, budget: Budget): AsyncGenerator<LogRecord[]> {
  const beginning = await log.beginningOffset(at)
  let high = await log.endOffset(at)
  for (let width = FIRST_WINDOW; high > beginning && budget.left > 0; width = Math.min(2 * width, LARGEST_WINDOW)) {
    const low = Math.max(beginning, high - Math.min(width, budget.left))
    const records = await between(log, at, low, high)
    budget.left -= high - low
    yield records
    high = low
  }
}

/** The records of several partitions from their ends on, a window of each in turn. */
export async function* backwardsOf(log: Readable, partitions: readonly TopicPartition[], budget: Budget): AsyncGenerator<LogRecord[]> {
  let searches = partitions.map(at => backwards(log, at, budget))
  while (searches.length > 0) {
    const going: typeof searches = []
    for (const search of searches) {
      const { value, done } = await search.next()
      if (done) continue
      going.push(search)
      yield value
    }
    searches = going
  }
}

/** The records from one offset to another, exclusive; those that there are. */
export async function between(log: Pick<Log, 'fetch'>, at: TopicPartition, from: number, to: number): Promise<LogRecord[]> {
  const found: LogRecord[] = []
  try {
    for (let offset = from; offset < to; ) {
      const { records, nextOffset } = await log.fetch(at, offset, FETCH_BYTES)
      for (const record of records) if (record.offset < to) found.push(record)
      if (nextOffset <= offset) break
      offset = nextOffset
    }
  } catch (error) {
    if (!(error instanceof OffsetOutOfRangeError)) throw error
  }
  return found
}

/** The last record of a key in its topic, within the budget. */
export async function lastOfKey(log: Readable, at: TopicPartition, key: Buffer, budget: Budget): Promise<LogRecord | undefined> {
  for await (const records of backwards(log, at, budget)) {
    const found = records.findLast(record => record.key?.equals(key))
    if (found !== undefined) return found
  }
  return undefined
}
