import { affinity } from '../../processors/affinity/affinity.js'
import { listenerCharts } from '../../processors/charts/listener-charts.js'
import { clean } from '../../processors/clean/clean.js'
import { nowPlaying } from '../../processors/now-playing/now-playing.js'
import { profiles } from '../../processors/profiles/profiles.js'
import { compareBytes } from '../../processors/ranking/order.js'
import { sessions } from '../../processors/sessions/sessions.js'
import { sharing } from '../../processors/similar/sharing.js'
import { counts } from '../../processors/statistics/counts.js'
import { statistics } from '../../processors/statistics/statistics.js'
import { userDays } from '../../processors/statistics/user-days.js'
import type { SourceTopic, TopicName, TopicValues } from '../../schemas/catalogue.js'
import type { KeyValueStore, Processor, ProcessorInstance, Serde, StoreSpec } from '../../streams/processor.js'
import { FakeMergeStore } from './tracks-harness.js'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** 2024-03-01T12:00Z */
export const NOON = Date.UTC(2024, 2, 1, 12)

export interface Sent<N extends TopicName = TopicName> {
  readonly topic: N
  readonly key: string
  readonly value: TopicValues[N] | null
  readonly partition: number | undefined
}

/** An ordered map; what is committed comes back through its serde. */
class SortedStore<V> implements KeyValueStore<V> {
  readonly values = new Map<string, V>()
  readonly #dirty = new Set<string>()
  #keys: string[] = []
  reads = 0
  scans = 0

  constructor(private readonly serde: Serde<V>) {}

  get(key: string): V | undefined {
    this.reads++
    return this.values.get(key)
  }

  put(key: string, value: V): void {
    if (!this.values.has(key)) this.#keys.splice(this.#place(key), 0, key)
    this.values.set(key, value)
    this.#dirty.add(key)
  }

  delete(key: string): void {
    if (this.values.delete(key)) this.#keys.splice(this.#place(key), 1)
  }

  *range(options: { gte?: string; lt?: string; reverse?: boolean; limit?: number }): Iterable<[string, V]> {
    this.scans++
    const to = options.lt === undefined ? undefined : this.#place(options.lt)
    const keys = this.#keys.slice(this.#place(options.gte ?? ''), to)
    if (options.reverse) keys.reverse()
    for (const key of keys.slice(0, options.limit)) yield [key, this.values.get(key)!]
  }

  commit(): void {
    for (const key of this.#dirty) {
      const value = this.values.get(key)
      if (value !== undefined) this.values.set(key, this.serde.decode(this.serde.encode(value)))
    }
    this.#dirty.clear()
  }

  #place(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareBytes(this.#keys[middle]!, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

type Listed = Processor<TopicValues, any, any, Record<string, StoreSpec>, any>
const all = [clean, affinity, sessions, statistics, userDays, listenerCharts, profiles, sharing, nowPlaying, counts] as readonly Listed[]

/** The processors of the listeners' sub-topology as one task, with stores in memory and nothing else. */
export class Listeners {
  readonly stores = new Map<string, SortedStore<any> | FakeMergeStore<any, any>>()
  readonly sent: Sent[] = []
  readonly rejected: { code: string; reason: string }[] = []
  streamTime = -1
  #instances = new Map<Listed, ProcessorInstance<any>>()
  #record = { topic: '', partition: 0, offset: -1, timestamp: -1 }
  readonly #offsets = new Map<string, number>()

  constructor(
    readonly partition = 0,
    readonly partitions = 3
  ) {
    this.restart()
  }

  /** One record; the record time is that of the last one unless told. */
  pipe<N extends SourceTopic>(topic: N, value: TopicValues[N], timestamp = Math.max(this.streamTime, NOON), offset?: number): void {
    const next = offset ?? this.#offsets.get(topic) ?? 0
    this.#offsets.set(topic, Math.max(next + 1, this.#offsets.get(topic) ?? 0))
    this.#record = { topic, partition: this.partition, offset: next, timestamp }
    this.advance(timestamp)
    for (const [processor, instance] of this.#instances)
      if (processor.from.includes(topic)) instance.process({ ...this.#record, key: value.user_id, value })
  }

  undecodable(): void {
    this.#instances.get(clean as Listed)!.undecodable!()
  }

  /** Stream time goes on; never back. */
  advance(to: number): void {
    const minute = Math.floor(this.streamTime / 60_000)
    this.streamTime = Math.max(this.streamTime, to)
    if (Math.floor(this.streamTime / 60_000) > minute)
      for (const instance of this.#instances.values()) instance.punctuate?.(this.streamTime)
  }

  commit(): void {
    for (const instance of this.#instances.values()) instance.flush?.()
    for (const [processor, instance] of this.#instances) {
      const store = this.stores.get(ownStore(processor))
      if (instance.emit === undefined || !(store instanceof FakeMergeStore)) continue
      for (const [key, window] of store.changed()) instance.emit(key, window)
    }
    for (const store of this.stores.values()) if (store instanceof SortedStore) store.commit()
  }

  /** After a commit: what is only in memory is lost. */
  restart(): void {
    this.#instances = new Map()
    for (const processor of all) this.#instances.set(processor, processor.create(this.#context(processor)))
  }

  store<V>(name: string): SortedStore<V> {
    return this.stores.get(name) as SortedStore<V>
  }

  /** All that was sent to a topic. */
  to<N extends TopicName>(topic: N): Sent<N>[] {
    return this.sent.filter(record => record.topic === topic) as unknown as Sent<N>[]
  }

  /** The latest value of each key of a topic that is not gone. */
  table<N extends TopicName>(topic: N): Map<string, TopicValues[N]> {
    const table = new Map<string, TopicValues[N]>()
    for (const { key, value } of this.to(topic)) {
      if (value === null) table.delete(key)
      else table.set(key, value)
    }
    return table
  }

  #context(processor: Listed) {
    const harness = this
    const stores: Record<string, unknown> = {}
    for (const [alias, spec] of Object.entries(processor.stores)) {
      const known = this.stores.get(spec.name) ?? (spec.kind === 'merge' ? new FakeMergeStore(spec.fold) : new SortedStore(spec.serde))
      this.stores.set(spec.name, known)
      stores[alias] = known
    }
    return {
      task: { unit: 'listeners', partition: this.partition },
      get streamTime() {
        return harness.streamTime
      },
      get record() {
        return harness.#record
      },
      stores: stores as never,
      partitions: () => this.partitions,
      partitionFor: (_: TopicName, key: string) => partitionOf(key, this.partitions),
      send: (topic: TopicName, key: string, value: never, partition?: number) => {
        if (!processor.to.includes(topic)) throw new Error(`${processor.name} does not write ${topic}`)
        this.sent.push({ topic, key, value: structuredClone(value), partition })
      },
      count: () => {},
      forward: (value: unknown) => {
        for (const [child, instance] of this.#instances) if (child.from.includes(processor)) instance.process(value)
      },
      reject: (code: string, reason: string) => {
        this.rejected.push({ code, reason })
      }
    }
  }
}

const ownStore = (processor: Listed): string => Object.values(processor.stores)[0]!.name

/** Any function of the key will do. */
export const partitionOf = (key: string, partitions: number): number =>
  [...Buffer.from(key)].reduce((hash, byte) => (hash * 31 + byte) % 1_000_003, 7) % partitions
