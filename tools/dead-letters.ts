import type { DeadLetter } from '../schemas/events.js'
import type { NewRecord } from '../streams/log/log.js'
import type { Base } from './embedded.js'

const TOPIC = 'dead-letters'
const FETCH_BYTES = 1024 * 1024

export interface Letter extends DeadLetter {
  /** `topic-partition-offset` of the record that was rejected. */
  readonly id: string
}

/** All dead letters, the oldest of each partition first. */
export async function* deadLetters({ log, codec, partitions }: Base): AsyncIterable<Letter> {
  for (let partition = 0; partition < partitions; partition++) {
    const at = { topic: TOPIC, partition }
    const end = await log.endOffset(at)
    for (let offset = await log.beginningOffset(at); offset < end; ) {
      const { records, nextOffset } = await log.fetch(at, offset, FETCH_BYTES)
      for (const { key, value } of records) if (key && value) yield { ...codec.decode(TOPIC, value), id: key.toString() }
      offset = nextOffset
    }
  }
}

/** The record as it was, with its time: it is judged anew. */
export const recordOf = ({ topic, key, value, record_time: timestamp }: DeadLetter): NewRecord => ({
  topic,
  timestamp,
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value)
})
