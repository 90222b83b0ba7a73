import { keyValueStore, type MergeFold, mergeStore, type Processor, type Serde } from '../../streams/processor.js'
import type { TopicCodec } from '../../streams/task.js'
import { buildTopology, type TopicInfo } from '../../streams/topology.js'

/** A topology that knows nothing of music: lines are split into words, words are counted. */
export interface Topics {
  lines: string
  words: string
  counts: number
  letters: object
}

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
      stores.seen.put(key, (stores.seen.get(key) ?? 0) + 1)
      for (const word of value.split(' ')) if (word !== '') send('words', word, word)
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

export const count: Processor<Topics, Value<string>, 'counts', { counts: ReturnType<typeof mergeStore<Count, number>> }> = {
  name: 'count',
  from: ['words'],
  to: ['counts'],
  stores: { counts: mergeStore('counts', sum) },
  create: ({ send, stores }) => ({
    process: ({ value }) => stores.counts.merge(value, 1),
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
