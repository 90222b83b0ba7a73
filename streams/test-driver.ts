import type { TaskStore } from '../state/store.js'
import type { LogRecord, NewRecord } from './log/log.js'
import { partitionOf } from './log/partitioner.js'
import { atOnce } from './slices.js'
import { Task, type TaskOptions } from './task.js'

export interface DriverRecord<V = unknown> {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: string
  /** Null: a tombstone. */
  readonly value: V | null
}

/**
 * Kafka Streams' TopologyTestDriver: the real tasks with fake edges. Records go in as bytes through the real codec, and
 * through all sub-topologies, without a log. `openStore` gives each task its store (memory, as a rule).
 */
export class TopologyTestDriver {
  readonly #tasks = new Map<string, Task>()
  readonly #ends = new Map<string, number>()
  readonly #outputs = new Map<string, DriverRecord[]>()

  private constructor(private readonly options: TaskOptions) {}

  static async create(options: TaskOptions, openStore: (task: string) => Promise<TaskStore>): Promise<TopologyTestDriver> {
    const driver = new TopologyTestDriver(options)
    for (const unit of options.topology.units.values())
      for (let partition = 0; partition < unit.partitions; partition++) {
        const name = `${unit.name}-${partition}`
        driver.#tasks.set(name, new Task({ unit: unit.name, partition }, unit, options, await openStore(name)))
      }
    return driver
  }

  get tasks(): readonly Task[] {
    return [...this.#tasks.values()]
  }

  /** Encodes a value, appends it, processes it; nothing is committed. */
  pipe(topic: string, key: string, value: unknown, timestamp: number): DriverRecord {
    return this.pipeBytes(topic, key, this.options.codec.encode(topic, value), timestamp)
  }

  pipeBytes(topic: string, key: string, value: Buffer | null, timestamp: number): DriverRecord {
    const record = this.#append({ topic, key: Buffer.from(key), value, timestamp })
    this.#process(record)
    return { topic, partition: record.partition, offset: record.offset, timestamp, key, value }
  }

  /** Commits all tasks, and again those that their outputs reach, until nothing moves. `emitAll`: downstream is told of all changed keys; else of none. */
  async commit(emitAll = true): Promise<void> {
    for (let moved = true; moved; ) {
      moved = false
      for (const task of this.#tasks.values()) moved = (await this.#commit(task, emitAll)) || moved
    }
  }

  /** What the processors would send at a commit goes downstream at once; nothing is committed. */
  flush(): void {
    for (const task of this.#tasks.values()) for (const record of task.flush()) this.#deliver(this.#append(record))
  }

  /** What was written to a topic since it was last taken, decoded. */
  take<V>(topic: string): DriverRecord<V>[] {
    const outputs = this.#outputs.get(topic) ?? []
    this.#outputs.delete(topic)
    return outputs.map(record => ({
      ...record,
      value: record.value === null ? null : (this.options.codec.decode(topic, record.value as Buffer) as V)
    }))
  }

  async #commit(task: Task, emitAll: boolean): Promise<boolean> {
    if (task.uncommitted === 0 && (task.unemitted === 0 || !emitAll)) return false
    const commit = atOnce(task.prepare(emitAll ? Number.POSITIVE_INFINITY : 0))
    const written = commit.records.map(record => this.#append(record))
    const ends = written.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1 }))
    await task.apply(commit, { ends }, 0)
    for (const record of written) this.#deliver(record)
    return written.length > 0
  }

  #append(record: NewRecord): LogRecord {
    const count = this.options.topology.topics.get(record.topic)?.partitions ?? 1
    const { topic, key, value, timestamp = 0, partition = partitionOf(record.key!, count) } = record
    const end = `${topic}/${partition}`
    const offset = this.#ends.get(end) ?? 0
    this.#ends.set(end, offset + 1)
    return { topic, key, value, partition, offset, timestamp }
  }

  #deliver(record: LogRecord): void {
    const { topic, partition, offset, timestamp, key, value } = record
    if (!this.options.topology.topics.has(topic)) return
    const read = this.#process(record)
    if (read) return
    const outputs = this.#outputs.get(topic) ?? []
    this.#outputs.set(topic, outputs)
    outputs.push({ topic, partition, offset, timestamp, key: key!.toString(), value })
  }

  #process(record: LogRecord): boolean {
    let read = false
    for (const task of this.#tasks.values()) {
      if (task.id.partition !== record.partition || !task.unit.topics.includes(record.topic)) continue
      task.process(record)
      read = true
    }
    return read
  }
}
