/** The dead letters of a running application: listed, opened, tried again. */
import type { DeadLetters, Letter, OpenedLetter } from '../api/diagnosis.js'
import type { Codec } from '../schemas/codec.js'
import type { DeadLetter } from '../schemas/events.js'
import type { Log, LogRecord, NewRecord } from '../streams/log/log.js'
import { partitionOf } from '../streams/log/partitioner.js'
import { recordOf } from './dead-letters.js'
import { backwardsOf, lastOfKey } from './search-log.js'

const TOPIC = 'dead-letters'
/** Records that are read for one request. */
const BUDGET = 50_000

export interface LetterParts {
  readonly log: Pick<Log, 'fetch' | 'beginningOffset' | 'endOffset' | 'send'>
  readonly codec: Pick<Codec, 'decode'>
  readonly partitions: number
}

export function openDeadLetters({ log, codec, partitions }: LetterParts): DeadLetters {
  /** With the key that says which record it was. */
  const find = async (id: string) => {
    const key = Buffer.from(id)
    const record = await lastOfKey(log, { topic: TOPIC, partition: partitionOf(key, partitions) }, key, { left: BUDGET })
    return record && { record, letter: codec.decode(TOPIC, record.value!) }
  }
  return {
    async list(limit, code) {
      const budget = { left: BUDGET }
      const everywhere = Array.from({ length: partitions }, (_, partition) => ({ topic: TOPIC, partition }))
      const letters: Letter[] = []
      for await (const records of backwardsOf(log, everywhere, budget)) {
        for (const record of records.reverse()) {
          const letter = codec.decode(TOPIC, record.value!)
          if (code === undefined || letter.code === code) letters.push(letterOf(record, letter))
        }
        // All partitions have had a turn, so that the newest of each are there.
        if (letters.length >= limit * partitions) break
      }
      letters.sort((a, b) => b.record_time - a.record_time)
      return { letters: letters.slice(0, limit), searched: BUDGET - budget.left, complete: letters.length <= limit && budget.left > 0 }
    },

    async find(id) {
      const found = await find(id)
      return found && opened(codec, letterOf(found.record, found.letter), found.letter)
    },

    async retry(ids) {
      const records: NewRecord[] = []
      const known: string[] = []
      for (const id of new Set(ids)) {
        const found = await find(id)
        if (found === undefined) continue
        known.push(id)
        records.push(recordOf(found.letter))
      }
      if (records.length > 0) await log.send(records)
      return known
    }
  }
}

export function letterOf({ topic, partition, offset, key }: LogRecord, letter: DeadLetter): Letter {
  const { code, reason, topic: from, record_time, processor } = letter
  return { id: String(key), code, reason, topic: from, record_time, processor, at: { topic, partition, offset } }
}

function opened(codec: Pick<Codec, 'decode'>, letter: Letter, { topic, key, value }: DeadLetter): OpenedLetter {
  const bytes = value === null ? null : Buffer.from(value)
  return { ...letter, key: key === null ? null : Buffer.from(key).toString(), event: decoded(codec, topic, bytes), bytes }
}

/** Null where no schema that is known here decodes it. */
export function decoded(codec: Pick<Codec, 'decode'>, topic: string, bytes: Buffer | null): unknown {
  if (bytes === null) return null
  try {
    return codec.decode(topic as 'spotify-plays', bytes)
  } catch {
    return null
  }
}
