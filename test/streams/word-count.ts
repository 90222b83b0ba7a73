import { keyValueStore, type MergeFold, mergeStore, type Processor, type Serde } from '../../streams/processor.js'
import type { TopicCodec } from '../../streams/task.js'
import { buildTopology, type TopicInfo } from '../../streams/topology.js'

/** A topology that knows nothing of music: lines are split into words, words are counted. */
export interface Topics {
  lines: string
  words: Word
  counts: number
  letters: object
}

/** A word, and of which line it is: the key of the line, and how many of that key there were. */
export interface Word {
  readonly word: string
  readonly key: string
  readonly nth: number
}

/** A line that makes its key start anew. */
export const FORGET = 'forget'

const json: Serde<number> = { encode: value => Buffer.from(String(value)), decode: bytes => Number(Buffer.from(bytes).toString()) }

export const codec: TopicCodec = {
  encode: (_, value) => Buffer.from(JSON.stringify(value, (_key, v) => (v?.type === 'Buffer' ? Buffer.from(v.data).toString() : v))),
  decode: (topic, bytes) => {
    try {
      return JSON.parse(Buffer.from(bytes).toString())
    } catch (error) {
      throw Object.assign(new Error(`${topic}: ${error}`), { name: 'UndecodableError' })
    }
  }
}

interface Value<T> {
  readonly value: T
  readonly key: string
}

export const split: Processor<Topics, Value<string>, 'words', { seen: ReturnType<typeof keyValueStore<number>> }> = {
  name: 'split',
  from: ['lines'],
  to: ['words'],
  stores: { seen: keyValueStore('seen', json) },
  create: ({ send, stores }) => ({
    process: ({ key, value }) => {
      if (value === 'poison') throw new Error('this line can not be split')
      if (value === FORGET) return stores.seen.delete(key)
      const nth = (stores.seen.get(key) ?? 0) + 1
      stores.seen.put(key, nth)
      for (const word of value.split(' ')) if (word !== '') send('words', word, { word, key, nth })
    }
  })
}

export interface Count {
  count: number
}

export const sum: MergeFold<Count, number> = {
  version: 1,
  empty: () => ({ count: 0 }),
  merge: (value, operand) => {
    value.count += operand
  },
  writeOperand: (operand, out) => out.varint(operand),
  readOperand: input => input.varint(),
  write: (value, out) => out.varint(value.count),
  read: input => ({ count: input.varint() }),
  sizeOf: () => 64
}

export const count: Processor<Topics, Value<Word>, 'counts', { counts: ReturnType<typeof mergeStore<Count, number>> }> = {
  name: 'count',
  from: ['words'],
  to: ['counts'],
  stores: { counts: mergeStore('counts', sum) },
  create: ({ send, stores }) => ({
    process: ({ value }) => stores.counts.merge(value.word, 1),
    emit: word => send('counts', word, stores.counts.get(word)!.count)
  })
}

export const topics = (partitions: number): Map<string, TopicInfo> =>
  new Map([
    ['lines', { partitions, internal: false }],
    ['words', { partitions, internal: true }],
    ['counts', { partitions, internal: false }],
    ['letters', { partitions: 1, internal: false }]
  ])

export const wordCount = (partitions = 2) => buildTopology(topics(partitions), 'letters', { lines: [split], words: [count] })
