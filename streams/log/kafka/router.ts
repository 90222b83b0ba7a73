import type { NewRecord, TopicPartition } from '../log.js'
import { LogConfigError } from '../log.js'
import { partitioner } from '../partitioner.js'
import { boundOf } from './batch-writer.js'
import { nameOf } from './by-topic.js'
import type { Connection } from './connection.js'

/** A batch holds no more than this before it is compressed, unless a record alone is larger: brokers refuse batches over 1 MB by default. */
const BATCH_BYTES = 900_000

export interface Routed extends TopicPartition {
  readonly record: NewRecord
}

/** What goes to one partition, in order, as batches. */
export interface Route extends TopicPartition {
  readonly batches: NewRecord[][]
}

/** Chooses partitions. */
export class Router {
  readonly #choose = partitioner()

  constructor(private readonly connection: Connection) {}

  /**
   * @param patienceMs so long brokers that can't be reached are asked again; default: as long as one hands over to another
   * @throws LogConfigError a topic or partition does not exist: nothing must be sent.
   */
  async route(records: readonly NewRecord[], patienceMs?: number): Promise<Routed[]> {
    const counts = new Map<string, number>()
    for (const { topic } of records) if (!counts.has(topic)) counts.set(topic, await this.#partitions(topic, patienceMs))
    return records.map(record => {
      const count = counts.get(record.topic)!
      const partition = record.partition ?? this.#choose(record.key, count)
      if (partition < count) return { topic: record.topic, partition, record }
      throw new LogConfigError(`Topic '${record.topic}' has no partition ${partition}: it has ${count}.`)
    })
  }

  #partitions(topic: string, patienceMs?: number): Promise<number> {
    return this.connection.retrying(`find the topic ${topic}`, () => this.connection.partitions(topic), patienceMs)
  }
}

export function batchesOf(records: readonly Routed[]): Route[] {
  const routes = new Map<string, Route & { bytes: number }>()
  for (const { topic, partition, record } of records) {
    const name = nameOf({ topic, partition })
    let route = routes.get(name)
    if (route === undefined) {
      route = { topic, partition, batches: [[]], bytes: 0 }
      routes.set(name, route)
    }
    const bytes = boundOf(record)
    if (route.bytes > 0 && route.bytes + bytes > BATCH_BYTES) {
      route.batches.push([])
      route.bytes = 0
    }
    route.batches.at(-1)!.push(record)
    route.bytes += bytes
  }
  return [...routes.values()]
}
