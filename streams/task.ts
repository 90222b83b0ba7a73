import type { TaskStore } from '../state/store.js'
import type { LogRecord, NewRecord, OffsetCommit, TaskId, TransactionResult } from './log/log.js'
import { partitionOf } from './log/partitioner.js'
import { type CommitCounts, Outbox } from './outbox.js'
import { PoisonRecordError } from './poison.js'
import type { Context, KeyValueStore, Processor, ProcessorInstance, RecordMetadata, StoreSpec } from './processor.js'
import { freshAt } from './restore.js'
import { BufferedKeyValueStore } from './stores/key-value-store.js'
import type { ManagedStore, StoreEntry } from './stores/managed-store.js'
import { BufferedMergeStore, type MergeStoreOptions } from './stores/merge-store.js'
import { changelogTopic, streamTimeStore, type Topology, type Unit } from './topology.js'
import type { Tracer } from './tracer.js'

/** Values as bytes, by topic. */
export interface TopicCodec {
  /** @throws Error named UndecodableError or SchemaPendingError */
  decode(topic: string, bytes: Uint8Array): unknown
  encode(topic: string, value: unknown): Buffer
}

export interface TaskOptions {
  readonly applicationId: string
  readonly topology: Topology
  readonly codec: TopicCodec
  readonly mergeStores: MergeStoreOptions
  /** Absent: records are not followed. */
  readonly tracer?: Tracer | undefined
}

/** One commit, ready for the log and then for the store. */
export interface PreparedCommit {
  readonly records: NewRecord[]
  readonly offsets: OffsetCommit[]
  readonly writes: readonly { space: string; entries: StoreEntry[] }[]
  /** Keys of which downstream is told. */
  readonly emitted: number
  readonly counts: CommitCounts
}

interface Node {
  readonly processor: Processor
  readonly instance: ProcessorInstance<unknown>
  readonly children: Node[]
}

const MINUTE = 60_000
const NO_RECORD: RecordMetadata = { topic: '', partition: -1, offset: -1, timestamp: -1 }

/**
 * A sub-topology at work on one partition: synchronous, without I/O of its own but reads of its store. The application
 * and the test driver are two ways to feed it.
 */
export class Task {
  readonly #sources = new Map<string, Node[]>()
  readonly #nodes: Node[] = []
  readonly #stores = new Map<string, ManagedStore>()
  readonly #mergeStores = new Map<string, BufferedMergeStore<unknown, unknown>>()
  /** Which processor tells downstream of a merge store's changes: the first that lists it and emits. */
  readonly #emitters = new Map<string, Node>()
  readonly #offsets = new Map<string, number>()
  readonly #outbox: Outbox
  #record: RecordMetadata = NO_RECORD
  #raw: LogRecord | undefined
  #streamTime = -1
  #minute = -1
  readonly #times: KeyValueStore<number>
  /** Input records in the commit being filled. */
  uncommitted = 0

  constructor(
    readonly id: TaskId,
    readonly unit: Unit,
    private readonly options: TaskOptions,
    private readonly store: TaskStore
  ) {
    this.#outbox = new Outbox(id, options)
    for (const { spec } of unit.stores.values()) this.#openStore(spec)
    this.#times = this.#stores.get(streamTimeStore(unit.name)) as unknown as KeyValueStore<number>
    this.#streamTime = this.#times.get('t') ?? -1
    this.#minute = Math.floor(this.#streamTime / MINUTE)
    for (const processor of unit.processors) this.#open(processor)
  }

  get streamTime(): number {
    return this.#streamTime
  }

  /** Keys whose change was not emitted yet. */
  get unemitted(): number {
    let count = 0
    for (const store of this.#mergeStores.values()) count += store.unemitted
    return count
  }

  /**
   * Processes one record. `poison`: it failed before; it goes to the dead letters.
   * @throws PoisonRecordError the task's buffers are spoilt: discard it.
   * @throws the codec's SchemaPendingError nothing has happened: resolve the schema and call again.
   */
  process(record: LogRecord, poison?: PoisonRecordError): void {
    const nodes = this.#sources.get(record.topic)
    if (nodes === undefined) throw new Error(`The task ${this.unit.name}-${this.id.partition} does not read ${record.topic}.`)
    const value = poison === undefined ? this.#decode(record, nodes) : undefined
    this.#raw = record
    this.#record = record
    this.#outbox.traces?.begin(record)
    if (record.timestamp > this.#streamTime) this.#advance(record.timestamp)
    if (poison !== undefined) this.#outbox.deadLetter(record, 'PROCESSING_FAILED', poison.message, poison.processor)
    else if (value !== undefined) {
      const { topic, partition, offset, timestamp, key } = record
      const input = { topic, partition, offset, timestamp, key: key === null ? '' : key.toString(), value }
      for (const node of nodes) this.#run(node, steps.process, input)
    }
    this.#outbox.traces?.done()
    this.#offsets.set(record.topic, record.offset + 1)
    this.uncommitted++
  }

  /** What the processors send when a commit ends, without one: for a driver that reads its own state between commits. */
  flush(): NewRecord[] {
    this.#record = { ...NO_RECORD, timestamp: this.#streamTime }
    for (const node of this.#nodes) this.#run(node, steps.flush, undefined)
    return this.#outbox.take()
  }

  /** Lets a processor tell downstream of one key, changed or not; `flush` returns what it sent. */
  emit(processor: string, key: string, window = 0): void {
    const node = this.#nodes.find(candidate => candidate.processor.name === processor)
    this.#record = { ...NO_RECORD, timestamp: this.#streamTime }
    node?.instance.emit?.(key, window)
  }

  /**
   * Ends the commit being filled, in steps: the caller may do something else in between, but nothing with this task.
   * `emitLimit`: of so many changed keys of each store downstream is told.
   */
  *prepare(emitLimit: number): Generator<void, PreparedCommit> {
    const flushed = this.flush()
    yield
    let emitted = 0
    for (const node of this.#nodes) for (const _ of this.#emit(node, emitLimit)) yield void emitted++
    if (this.#times.get('t') !== this.#streamTime) this.#times.put('t', this.#streamTime)
    const writes: { space: string; entries: StoreEntry[] }[] = []
    for (const store of this.#stores.values()) {
      const entries = store.prepare()
      if (entries.length > 0) writes.push({ space: store.name, entries })
      yield
    }
    const changelogs = writes.flatMap(({ space, entries }) => this.#outbox.changelog(space, entries, this.#streamTime))
    const records = flushed.concat(this.#outbox.take(), changelogs)
    const offsets = [...this.#offsets].map(([topic, offset]) => ({ topic, partition: this.id.partition, offset }))
    return { records, offsets, writes, emitted, counts: this.#outbox.takeCounts() }
  }

  /** Step 4, after the log has committed: the store follows. Repeatable when it throws. `at`: a time before the commit. */
  async apply(commit: PreparedCommit, result: TransactionResult, at: number): Promise<void> {
    const ends = new Map(result.ends.map(end => [`${end.topic}/${end.partition}`, end.offset]))
    const writes = commit.writes.map(({ space, entries }) => {
      const topic = changelogTopic(this.options.applicationId, space)
      return { space, entries, position: ends.get(`${topic}/${this.id.partition}`)! }
    })
    await this.store.write([...writes, freshAt(at)])
    for (const store of this.#stores.values()) store.committed()
    this.#offsets.clear()
    this.#outbox.traces?.end()
    this.uncommitted = 0
  }

  /** Gives the memory back; nothing is called afterwards. */
  close(): void {
    this.#outbox.traces?.end('What was processed since the last commit is dropped.')
    for (const store of this.#mergeStores.values()) store.close()
  }

  /** For queries of the task's own state. */
  storeNamed(name: string): ManagedStore | undefined {
    return this.#stores.get(name)
  }

  #openStore(spec: StoreSpec): void {
    if (spec.kind === 'keyValue') this.#stores.set(spec.name, new BufferedKeyValueStore(spec.name, this.store, spec.serde))
    else {
      const store = new BufferedMergeStore(spec.name, this.store, spec.fold, this.options.mergeStores)
      this.#stores.set(spec.name, store)
      this.#mergeStores.set(spec.name, store)
    }
  }

  #open(processor: Processor): void {
    const children: Node[] = []
    const node: Node = { processor, children, instance: processor.create(this.#context(processor, children)) }
    for (const source of processor.from) {
      if (typeof source === 'string') this.#sources.set(source, [...(this.#sources.get(source) ?? []), node])
      else this.#nodes.find(parent => parent.processor === source)!.children.push(node)
    }
    this.#nodes.push(node)
    if (node.instance.emit === undefined) return
    for (const { name } of Object.values(processor.stores as Record<string, StoreSpec>))
      if (!this.#emitters.has(name)) this.#emitters.set(name, node)
  }

  #context(processor: Processor, children: readonly Node[]): Context<Record<string, unknown>, string, Record<string, StoreSpec>, unknown> {
    const task = this
    const stores: Record<string, ManagedStore> = {}
    for (const [alias, spec] of Object.entries(processor.stores as Record<string, StoreSpec>)) stores[alias] = this.#stores.get(spec.name)!
    const sinks = new Set(processor.to as readonly string[])
    const partitions = (topic: string) => this.options.topology.topics.get(topic)!.partitions
    return {
      task: this.id,
      get streamTime() {
        return task.#streamTime
      },
      get record() {
        return task.#record
      },
      stores: stores as never,
      partitions,
      partitionFor: (topic, key) => partitionOf(Buffer.from(key), partitions(topic)),
      send: (topic, key, value, partition) => {
        if (!sinks.has(topic)) throw new Error(`${processor.name} does not list ${topic} among the topics it writes.`)
        const bytes = value === null ? null : this.options.codec.encode(topic, value)
        this.#outbox.send(processor.name, topic, key, bytes, this.#record.timestamp, partition)
      },
      forward: value => {
        for (const child of children) this.#run(child, steps.process, value)
      },
      reject: (code, reason) => this.#outbox.deadLetter(this.#raw!, code, reason, processor.name),
      count: what => this.#outbox.count(what)
    }
  }

  #decode(record: LogRecord, nodes: readonly Node[]): unknown {
    try {
      if (record.value === null) throw Object.assign(new Error('It has no value.'), { name: 'UndecodableError' })
      return this.options.codec.decode(record.topic, record.value)
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'UndecodableError') throw error
      this.#raw = record
      this.#record = record
      this.#outbox.deadLetter(record, 'UNDECODABLE', error.message, nodes[0]!.processor.name)
      for (const node of nodes) this.#run(node, steps.undecodable, undefined)
      return undefined
    }
  }

  #run<I>(node: Node, step: Step<I>, input: I): void {
    const traced = this.#outbox.traces?.enter(node.processor.name) === true
    try {
      step(node.instance, input)
    } catch (error) {
      if (error instanceof PoisonRecordError || this.#raw === undefined) throw error
      throw new PoisonRecordError(this.#raw, node.processor.name, error)
    } finally {
      if (traced) this.#outbox.traces?.leave()
    }
  }

  #advance(timestamp: number): void {
    this.#streamTime = timestamp
    const minute = Math.floor(timestamp / MINUTE)
    if (minute === this.#minute) return
    this.#minute = minute
    for (const node of this.#nodes) this.#run(node, steps.punctuate, timestamp)
  }

  *#emit(node: Node, limit: number): Iterable<void> {
    if (node.instance.emit === undefined) return
    for (const spec of Object.values(node.processor.stores as Record<string, StoreSpec>)) {
      const store = this.#mergeStores.get(spec.name)
      if (store === undefined || this.#emitters.get(spec.name) !== node) continue
      for (const change of store.takeUnemitted(limit)) yield this.#run(node, steps.emit, change)
    }
  }
}

/** What a task lets a processor do. Functions without anything of their own: a closure for each record would be garbage. */
type Step<I> = (instance: ProcessorInstance<unknown>, input: I) => void
const steps = {
  process: ((instance, input) => instance.process(input)) satisfies Step<unknown>,
  undecodable: (instance => instance.undecodable?.()) satisfies Step<undefined>,
  punctuate: ((instance, streamTime) => instance.punctuate?.(streamTime)) satisfies Step<number>,
  flush: (instance => instance.flush?.()) satisfies Step<undefined>,
  emit: ((instance, [key, window]) => instance.emit!(key, window)) satisfies Step<readonly [key: string, window: number]>
}
