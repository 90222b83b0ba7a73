import type { StoreSnapshot, TaskStore } from '../state/store.js'
import {
  type Consumer,
  LogConfigError,
  type OffsetCommit,
  type TaskId,
  type TopicPartition,
  type Transaction,
  type TransactionalProducer,
  type TransactionResult
} from './log/log.js'
import { restore } from './restore.js'
import type { RunnerOptions } from './runner-options.js'
import { Task } from './task.js'
import { changelogTopic, type Unit } from './topology.js'

/** What a task holds beside its buffers: a producer, which fences all others of the task, and the store. */
export class TaskResources {
  /** Changelog records that are still to be restored, and how many were since the task was created. */
  remaining = 0
  restored = 0
  #producer: TransactionalProducer | undefined
  #store: TaskStore | undefined
  /** Where the input stands, by topic. */
  readonly #offsets = new Map<string, OffsetCommit>()

  constructor(
    private readonly id: TaskId,
    private readonly unit: Unit,
    private readonly options: RunnerOptions,
    private readonly notice: (sentence: string) => void
  ) {}

  /** Of the store on disk; 0 while it is not open. */
  get storeBytes(): number {
    return this.#store?.size() ?? 0
  }

  /**
   * Fence, restore, read the committed offsets, seek: in this order. The task stands where its last commit does.
   * Repeatable when it throws. Undefined: `signal` was aborted.
   */
  async open(consumer: Consumer, signal: AbortSignal): Promise<Task | undefined> {
    const { log, applicationId, openStore } = this.options
    await this.#closeProducer()
    const { partition } = this.id
    const own = [...this.unit.stores.keys()].map(store => ({ topic: changelogTopic(applicationId, store), partition }))
    const of = { memberId: consumer.memberId, task: this.id, inputs: this.#inputs, own }
    this.#producer = await log.transactionalProducer(`${applicationId}-${this.unit.name}-${partition}`, of)
    if (signal.aborted) return undefined
    this.#store ??= await openStore(this.id)
    const progress = { onProgress: (remaining: number, restored: number) => this.#progress(remaining, restored), signal }
    await restore(this.options, this.unit, this.id.partition, this.#store, progress)
    if (signal.aborted) return undefined
    await this.#seek(consumer)
    return new Task(this.id, this.unit, this.options, this.#store)
  }

  snapshot(): StoreSnapshot {
    return this.#store!.snapshot()
  }

  /** One transaction. Without new offsets it says again where the input stands: by its offsets a commit is fenced. */
  async commit({ records, offsets }: Pick<Transaction, 'records' | 'offsets'>): Promise<TransactionResult> {
    const stands = offsets.length > 0 ? offsets : [...this.#offsets.values()]
    const result = await this.#producer!.commit({ group: this.options.applicationId, records, offsets: stands })
    for (const offset of offsets) this.#offsets.set(offset.topic, offset)
    return result
  }

  /** The store can't be trusted: away with it; the next `open` restores it. */
  async wipe(): Promise<void> {
    await this.#store?.close().catch(() => {})
    this.#store = undefined
    await this.options.wipeStore(this.id)
  }

  async close(): Promise<void> {
    const store = this.#store
    this.#store = undefined
    await store?.close()
    await this.#closeProducer()
  }

  async #closeProducer(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.close().catch(() => {})
  }

  #progress(remaining: number, restored: number): void {
    this.remaining = remaining
    this.restored += restored
  }

  /** @throws LogConfigError the log is not the one that the offsets were committed to. */
  async #seek(consumer: Consumer): Promise<void> {
    const { log, applicationId } = this.options
    const committed = await log.committed(applicationId, this.#inputs)
    for (const [i, partition] of this.#inputs.entries()) {
      const beginning = await log.beginningOffset(partition)
      const offset = committed[i] ?? beginning
      const name = `${partition.topic}, partition ${partition.partition}`
      if (offset < beginning) this.notice(`Records ${offset} to ${beginning - 1} of ${name} were deleted before they were processed.`)
      if (offset > (await log.endOffset(partition)))
        throw new LogConfigError(`${applicationId} has committed offset ${offset} of ${name}, which ends before it: reset the application.`)
      consumer.seek(partition, Math.max(offset, beginning))
      this.#offsets.set(partition.topic, { ...partition, offset: Math.max(offset, beginning) })
    }
  }

  get #inputs(): TopicPartition[] {
    return this.unit.topics.map(topic => ({ topic, partition: this.id.partition }))
  }
}
