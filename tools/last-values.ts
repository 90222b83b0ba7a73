import type { TopicName, TopicValues } from '../schemas/catalogue.js'
import type { Codec } from '../schemas/codec.js'
import type { Log } from '../streams/log/log.js'

/** Encoded values held at a time; a topic with more is read once for each further part. */
const PART_BYTES = 64 * 1024 * 1024
const FETCH_BYTES = 4 * 1024 * 1024

interface Source<N extends TopicName> {
  readonly log: Pick<Log, 'fetch' | 'endOffset' | 'beginningOffset'>
  readonly codec: Pick<Codec, 'decode'>
  readonly topic: N
  readonly partitions: number
}

/** Folds a compacted topic: the last value of each key, in the order of the keys, within bounded memory. */
export async function* lastValues<N extends TopicName>(source: Source<N>, partBytes = PART_BYTES): AsyncIterable<TopicValues[N]> {
  const sizes = new Map<string, number>()
  for await (const [key, value] of committed(source)) {
    if (value === null) sizes.delete(key)
    else sizes.set(key, value.length)
  }
  const keys = [...sizes.keys()].sort()
  for (let from = 0; from < keys.length; ) {
    let to = from
    for (let bytes = 0; to < keys.length && bytes < partBytes; to++) bytes += sizes.get(keys[to]!)!
    yield* part(source, keys.slice(from, to))
    from = to
  }
}

async function* part<N extends TopicName>(source: Source<N>, keys: readonly string[]): AsyncIterable<TopicValues[N]> {
  const wanted = new Set(keys)
  const values = new Map<string, Buffer>()
  for await (const [key, value] of committed(source)) {
    if (!wanted.has(key)) continue
    if (value === null) values.delete(key)
    // A copy: the record is a piece of a much larger buffer.
    else values.set(key, Buffer.from(value))
  }
  for (const key of keys) {
    const value = values.get(key)
    if (value !== undefined) yield source.codec.decode(source.topic, value)
  }
}

async function* committed({ log, topic, partitions }: Source<TopicName>): AsyncIterable<[key: string, value: Buffer | null]> {
  for (let partition = 0; partition < partitions; partition++) {
    const end = await log.endOffset({ topic, partition })
    let offset = await log.beginningOffset({ topic, partition })
    while (offset < end) {
      const { records, nextOffset } = await log.fetch({ topic, partition }, offset, FETCH_BYTES)
      for (const { key, value } of records) yield [key!.toString(), value]
      offset = nextOffset
    }
  }
}
