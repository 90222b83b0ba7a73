/**
 * What the log knows besides records: topics, the partitions' bounds, committed offsets, producers' epochs. Held in memory;
 * changed only by deltas, which are journalled. A delta that holds everything is a snapshot.
 */
import type { TopicPartition, TopicSpec } from '../log.js'
import { LogConfigError } from '../log.js'
import { FORMAT, seal } from './batch.js'
import { Partition } from './partition.js'

export const KIND_DELTA = 2
export const KIND_SNAPSHOT = 3
const BODY = 8

export interface Delta {
  nextTopicId?: number
  topics?: [topicId: number, spec: TopicSpec][]
  dropped?: number[]
  offsets?: [group: string, topicId: number, partition: number, offset: number][]
  producers?: [transactionalId: string, epoch: number][]
  starts?: [topicId: number, partition: number, offset: number][]
  cleaned?: [topicId: number, partition: number, offset: number][]
}

export interface Topic {
  readonly id: number
  spec: TopicSpec
  readonly partitions: readonly Partition[]
}

export function encodeDelta(delta: Delta, kind: number = KIND_DELTA): Buffer {
  const json = JSON.stringify(delta)
  const value = Buffer.allocUnsafe(BODY + Buffer.byteLength(json))
  value.fill(0, 0, BODY)
  value[0] = kind
  value[1] = FORMAT
  value.write(json, BODY)
  seal(value)
  return value
}

export const decodeDelta = (value: Buffer): Delta => JSON.parse(value.toString('utf8', BODY))

export class Catalogue {
  readonly topics = new Map<string, Topic>()
  readonly byId = new Map<number, Topic>()
  /** Topics that were dropped and whose batches are still in the index. */
  readonly doomed = new Set<number>()
  readonly epochs = new Map<string, number>()
  readonly #offsets = new Map<string, Map<Partition, number>>()
  /** Ids of all topics that were ever dropped: what is said of them later, while entries are read again, is void. */
  readonly #gone = new Set<number>()
  #nextTopicId = 1

  /** @throws LogConfigError no such topic. */
  topic(name: string): Topic {
    const topic = this.topics.get(name)
    if (!topic) throw new LogConfigError(`There is no topic '${name}'. Create it with ensureTopics first.`)
    return topic
  }

  /** @throws LogConfigError no such topic, or no such partition of it. */
  partition({ topic, partition }: TopicPartition): Partition {
    const found = this.topic(topic).partitions[partition]
    if (!found) {
      const count = this.topic(topic).partitions.length
      throw new LogConfigError(`Topic '${topic}' has no partition ${partition}: its ${count} partitions are 0 to ${count - 1}.`)
    }
    return found
  }

  byIds(topicId: number, partition: number): Partition | undefined {
    return this.byId.get(topicId)?.partitions[partition]
  }

  *partitions(): Generator<Partition> {
    for (const topic of this.topics.values()) yield* topic.partitions
  }

  committed(group: string, partition: Partition): number | undefined {
    return this.#offsets.get(group)?.get(partition)
  }

  nextTopicId(): number {
    return this.#nextTopicId
  }

  apply(delta: Delta): void {
    this.#nextTopicId = Math.max(this.#nextTopicId, delta.nextTopicId ?? 0)
    for (const [id, spec] of delta.topics ?? []) this.#define(id, spec)
    for (const id of delta.dropped ?? []) this.#drop(id)
    for (const [id, epoch] of delta.producers ?? []) this.epochs.set(id, Math.max(epoch, this.epochs.get(id) ?? 0))
    for (const [group, topicId, number, offset] of delta.offsets ?? []) this.#commit(group, this.byIds(topicId, number), offset)
    for (const [topicId, number, offset] of delta.starts ?? []) this.byIds(topicId, number)?.advanceStart(offset)
    for (const [topicId, number, offset] of delta.cleaned ?? []) this.byIds(topicId, number)?.setCleaned(offset)
  }

  snapshot(): Delta {
    const all = [...this.partitions()]
    const offsets: NonNullable<Delta['offsets']> = []
    for (const [group, partitions] of this.#offsets) {
      for (const [partition, offset] of partitions) offsets.push([group, partition.topicId, partition.number, offset])
    }
    return {
      nextTopicId: this.#nextTopicId,
      topics: [...this.topics.values()].map(topic => [topic.id, topic.spec]),
      dropped: [...this.#gone],
      offsets,
      producers: [...this.epochs],
      starts: all.filter(partition => partition.start > 0).map(partition => [partition.topicId, partition.number, partition.start]),
      cleaned: all.filter(partition => partition.cleaned > 0).map(partition => [partition.topicId, partition.number, partition.cleaned])
    }
  }

  #define(id: number, spec: TopicSpec): void {
    const existing = this.byId.get(id)
    this.#nextTopicId = Math.max(this.#nextTopicId, id + 1)
    if (existing) existing.spec = spec
    if (existing || this.#gone.has(id)) return
    const partitions = Array.from({ length: spec.partitions }, (_, number) => new Partition(id, spec.name, number))
    const topic: Topic = { id, spec, partitions }
    this.topics.set(spec.name, topic)
    this.byId.set(id, topic)
  }

  #drop(id: number): void {
    const topic = this.byId.get(id)
    this.#gone.add(id)
    if (!topic) return
    this.byId.delete(id)
    this.topics.delete(topic.spec.name)
    this.doomed.add(id)
    for (const partition of topic.partitions) {
      partition.dropped = true
      for (const offsets of this.#offsets.values()) offsets.delete(partition)
    }
  }

  #commit(group: string, partition: Partition | undefined, offset: number): void {
    if (!partition) return
    const offsets = this.#offsets.get(group) ?? new Map<Partition, number>()
    this.#offsets.set(group, offsets.set(partition, offset))
  }
}
