import { setTimeout as sleep } from 'node:timers/promises'
import { StoreCorruptedError, type TaskStore } from '../state/store.js'
import {
  type Consumer,
  type LogRecord,
  type OffsetCommit,
  OutcomeUnknownError,
  ProducerFencedError,
  type TaskId,
  type TransactionalProducer
} from './log/log.js'
import { RecordQueue } from './record-queue.js'
import { restore } from './restore.js'
import { retrying } from './retry.js'
import type { CommitStep, RunnerOptions } from './runner-options.js'
import { PoisonRecordError, type PreparedCommit, Task } from './task.js'
import type { Unit } from './topology.js'

export type TaskState = 'created' | 'restoring' | 'running' | 'closed' | 'fenced'

/** Records older than this when they are processed: the task is behind. */
const BEHIND_MS = 1_000
/** A task that is behind lets downstream know of its changes at least so often. */
const EMIT_WHEN_BEHIND_MS = 10_000
/** Quiet for so long: what was held back while behind goes out. */
const IDLE_MS = 150
/** Keys emitted in one commit. */
const EMIT_LIMIT = 512
const BEHIND_COMMIT_MS = 1_000
const PURGE_MS = 5_000
/** Long enough to hear from the group that the task went elsewhere. */
const FENCED_MS = 500
const LEAST_COMMIT_MS = 5

/** One task's life: opened, restored, fed from the consumer, committed, recovered from faults, closed. */
export class TaskRunner {
  state: TaskState = 'created'
  restoreRemaining = 0
  processed = 0
  commits = 0
  #task: Task | undefined
  #store: TaskStore | undefined
  #producer: TransactionalProducer | undefined
  #busy: Promise<void> | undefined
  #poison: PoisonRecordError[] = []
  #recordTime = 0
  #firstUncommitted = 0
  #lastCommit = 0
  #lastProcessed = 0
  #lastEmission = 0
  #lastPurge = 0
  #consumer: Consumer | undefined
  /** Nothing new begins. */
  #ended = false
  readonly #queue: RecordQueue

  constructor(
    readonly id: TaskId,
    readonly unit: Unit,
    private readonly options: RunnerOptions,
    private readonly onWake: () => void,
    private readonly onFatal: (error: unknown) => void
  ) {
    this.#queue = new RecordQueue(unit.topics, id.partition)
  }

  get task(): Task | undefined {
    return this.#task
  }

  get name(): string {
    return `${this.unit.name}-${this.id.partition}`
  }

  /** Opens the task; failures end the application. */
  start(consumer: Consumer): Promise<void> {
    this.#consumer = consumer
    this.#busy = this.#open().catch(this.onFatal).finally(this.#idle)
    return this.#busy
  }

  /** Fence, restore, read the committed offsets, seek: in this order. */
  async #open(): Promise<void> {
    if (this.#ended) return
    this.state = 'restoring'
    const { log, applicationId } = this.options
    this.#producer = await retrying(() => log.transactionalProducer(`${applicationId}-${this.name}`), this.#notice)
    try {
      this.#store ??= await this.options.openStore(this.id)
      await this.#restore()
    } catch (error) {
      if (!(error instanceof StoreCorruptedError)) throw error
      await this.#wipe(error)
      await this.#restore()
    }
    if (this.#ended) return
    await this.#seek()
    this.#lastEmission = this.options.now()
    this.state = 'running'
  }

  /** Processes until `deadline`, or until there is nothing to do. True: there is more. */
  run(deadline: number): boolean {
    if (this.state !== 'running' || this.#ended || this.#busy !== undefined) return false
    const { now, maxCommitRecords } = this.options
    const task = this.#task!
    let record = this.#queue.next(this.#consumer!)
    const started = record !== undefined
    while (record !== undefined && task.uncommitted < maxCommitRecords) {
      if (task.uncommitted === 0) this.#firstUncommitted = now()
      if (!this.#process(task, record)) return false
      if (now() >= deadline) break
      record = this.#queue.next(this.#consumer!)
    }
    if (started) this.#lastProcessed = now()
    if (this.#shouldCommit(record === undefined)) {
      this.#busy = this.#commit().finally(() => {
        this.#busy = undefined
        this.onWake()
      })
      return false
    }
    return record !== undefined
  }

  /** Nothing is in work: all that was processed is committed, and downstream knows of it. */
  get settled(): boolean {
    const task = this.#task
    return this.state === 'running' && this.#busy === undefined && task?.uncommitted === 0 && task.unemitted === 0
  }

  /** When the task wants to run though nothing arrives: milliseconds from now, or undefined. */
  get wakeIn(): number | undefined {
    const task = this.#task
    if (this.state !== 'running' || task === undefined || this.#busy !== undefined) return undefined
    if (task.uncommitted > 0) return LEAST_COMMIT_MS
    return task.unemitted > 0 ? IDLE_MS : undefined
  }

  /** Commits what was processed, then lets everything go. */
  async close(): Promise<void> {
    this.#ended = true
    await this.#busy
    if (this.state === 'running' && (this.#task!.uncommitted > 0 || this.#task!.unemitted > 0)) await this.#commit()
    await this.abandon()
  }

  /** Lets everything go without a commit. */
  async abandon(): Promise<void> {
    this.#ended = true
    await this.#busy
    if (this.state !== 'fenced') this.state = 'closed'
    await this.#store?.close()
    this.#store = undefined
    await this.#producer?.close().catch(() => {})
  }

  #process(task: Task, record: LogRecord): boolean {
    try {
      const poison = this.#poison.find(({ record: { topic, offset } }) => topic === record.topic && offset === record.offset)
      task.process(record, poison)
      this.#queue.take(record)
      this.#recordTime = record.timestamp
      this.processed++
      return true
    } catch (error) {
      if (error instanceof PoisonRecordError) {
        this.#notice(`${error.message}. It goes to the dead letters.`)
        this.#poison.push(error)
        this.#busy = this.#revive().finally(this.#idle)
      } else if (error instanceof Error && error.name === 'SchemaPendingError') {
        this.#busy = retrying(
          () => this.options.resolveSchema(error),
          this.#notice,
          () => true
        ).finally(this.#idle)
      } else this.onFatal(error)
      return false
    }
  }

  get #behind(): boolean {
    const now = this.options.now()
    return now - this.#recordTime > BEHIND_MS && now - this.#lastProcessed < IDLE_MS
  }

  #shouldCommit(idle: boolean): boolean {
    const task = this.#task!
    const now = this.options.now()
    const age = now - this.#firstUncommitted
    if (task.uncommitted >= this.options.maxCommitRecords) return true
    if (task.uncommitted === 0) return task.unemitted > 0 && (!this.#behind || now - this.#lastEmission > EMIT_WHEN_BEHIND_MS)
    if (this.#behind && !idle) return age >= BEHIND_COMMIT_MS
    return (idle && now - this.#lastCommit >= LEAST_COMMIT_MS) || age >= this.options.commitIntervalMs
  }

  async #commit(): Promise<void> {
    const task = this.#task!
    const now = this.options.now()
    const emitAll = !this.#behind || now - this.#lastEmission > EMIT_WHEN_BEHIND_MS || this.state !== 'running'
    try {
      this.#step('processed')
      const commit = task.prepare(emitAll, EMIT_LIMIT)
      if (emitAll && task.unemitted === 0) this.#lastEmission = now
      await this.#write(task, commit)
      this.#poison = []
      this.commits++
      this.#purge(commit.offsets)
      this.#lastCommit = this.options.now()
    } catch (error) {
      await this.#react(error)
    }
  }

  /** Repartition topics keep nothing that was consumed. */
  #purge(offsets: readonly OffsetCommit[]): void {
    const now = this.options.now()
    if (now - this.#lastPurge < PURGE_MS) return
    this.#lastPurge = now
    const consumed = offsets.filter(({ topic }) => this.options.topology.topics.get(topic)!.internal)
    if (consumed.length > 0) this.options.log.deleteRecords(consumed).catch(error => this.#notice(`Purging failed: ${error}`))
  }

  /** Steps 2 to 4 of the commit protocol. */
  async #write(task: Task, commit: PreparedCommit): Promise<void> {
    this.#step('prepared')
    const { applicationId } = this.options
    const transaction = { group: applicationId, records: commit.records, offsets: commit.offsets }
    const result = await retrying(() => this.#producer!.commit(transaction), this.#notice)
    this.#step('log-committed')
    await retrying(() => task.apply(commit, result), this.#notice)
    this.#step('store-written')
  }

  async #react(error: unknown): Promise<void> {
    if (error instanceof ProducerFencedError) {
      this.state = 'fenced'
      this.#notice(
        'Another producer has this task: its buffers are dropped. If the group still gives it to this instance, it is opened anew.'
      )
      await sleep(FENCED_MS)
      if (!this.#ended) await this.#revive()
    } else if (error instanceof OutcomeUnknownError) {
      this.#notice(`${error.message} Starting anew from what was committed.`)
      await this.#revive()
    } else if (error instanceof StoreCorruptedError) {
      await this.#wipe(error)
      await this.#revive()
    } else if (error instanceof PoisonRecordError) {
      this.#poison.push(error)
      await this.#revive()
    } else this.onFatal(error)
  }

  /** Drops all buffers; a new producer fences the old one; state and offsets are read from what was committed. */
  async #revive(): Promise<void> {
    try {
      await this.#producer?.close().catch(() => {})
      await this.#open()
    } catch (error) {
      this.onFatal(error)
    }
  }

  async #wipe(reason: Error): Promise<void> {
    this.#notice(`${reason.message} The store is wiped and restored from its changelog.`)
    await this.#store?.close().catch(() => {})
    await this.options.wipeStore(this.id)
    this.#store = await this.options.openStore(this.id)
  }

  async #restore(): Promise<void> {
    const { log, applicationId } = this.options
    await restore(log, applicationId, this.unit, this.id.partition, this.#store!, ({ remaining }) => {
      this.restoreRemaining = remaining
      return !this.#ended
    })
    if (this.#ended) return
    this.restoreRemaining = 0
    this.#task = new Task(this.id, this.unit, this.options, this.#store!)
  }

  async #seek(): Promise<void> {
    const partitions = this.unit.topics.map(topic => ({ topic, partition: this.id.partition }))
    const committed = await this.options.log.committed(this.options.applicationId, partitions)
    this.#queue.clear()
    for (const [i, partition] of partitions.entries())
      this.#consumer!.seek(partition, committed[i] ?? (await this.options.log.beginningOffset(partition)))
  }

  readonly #notice = (sentence: string) => this.options.onNotice(sentence, this.id)
  readonly #step = (step: CommitStep) => this.options.onStep?.(step, this.id)
  readonly #idle = () => {
    this.#busy = undefined
    this.onWake()
  }
}
