import { StoreCorruptedError, type StoreSnapshot } from '../state/store.js'
import { Emission } from './emission.js'
import {
  type Consumer,
  type LogRecord,
  NotAssignedError,
  OffsetOutOfRangeError,
  OutcomeUnknownError,
  ProducerFencedError,
  type TaskId
} from './log/log.js'
import { Pace } from './pace.js'
import { PoisonRecordError } from './poison.js'
import { Purge } from './purge.js'
import { RecordQueue } from './record-queue.js'
import { isRetriable, type RetryOptions, retrying } from './retry.js'
import { type CommitStep, type Flow, type RunnerOptions, type TaskState, usual } from './runner-options.js'
import { inSlices } from './slices.js'
import type { PreparedCommit, Task } from './task.js'
import { TaskResources } from './task-resources.js'
import type { Unit } from './topology.js'

/** Keys emitted in one commit. */
const EMIT_LIMIT = 512
/** Long enough to hear from the group that the task went elsewhere. */
const FENCED_MS = 500
/** Pause before a task is opened anew that could not read its input for now. */
const UNREADABLE_MS = 250

/**
 * One task's life: opened, fed, committed, recovered from faults, closed. One thing at a time: what is under way is `#busy`. A task
 * whose commit or processing failed is never committed: its buffers are spoilt, so it is opened anew from what was committed.
 */
export class TaskRunner {
  state: TaskState = 'created'
  /** Undefined unless it is open and its buffers are whole. */
  #task: Task | undefined
  #busy: Promise<void> | undefined
  #poison: PoisonRecordError[] = []
  /** There was more to read when it last looked. */
  #more = false
  #emission = new Emission(0)
  /** Since the last commit. */
  #wiped = false
  #consumer: Consumer | undefined
  /** Aborted: nothing new begins. */
  readonly #ending = new AbortController()
  readonly #pace: Pace
  readonly #queue: RecordQueue
  readonly #resources: TaskResources
  readonly #purge: Purge

  constructor(
    readonly id: TaskId,
    readonly unit: Unit,
    private readonly options: RunnerOptions,
    private readonly onWake: () => void,
    private readonly onFatal: (error: unknown) => void,
    isFed: () => boolean
  ) {
    this.#pace = new Pace(options, isFed)
    this.#queue = new RecordQueue(unit.topics, id.partition)
    this.#resources = new TaskResources(id, unit, options, sentence => this.#notice(sentence))
    this.#purge = new Purge(options, sentence => this.#notice(sentence))
  }

  get task(): Task | undefined {
    return this.#task
  }

  get name(): string {
    return `${this.unit.name}-${this.id.partition}`
  }

  /** Changelog records that are still to be restored, and how many were; bytes of its store on disk. */
  get restoring(): { readonly remaining: number; readonly restored: number; readonly storeBytes: number } {
    return this.#resources
  }

  /** Opens the task; what can't be mended ends the application. */
  start(consumer: Consumer): Promise<void> {
    this.#consumer = consumer
    return this.#occupy(() => this.#open())
  }

  /** Processes until `deadline`, or until there is nothing to do. True: there is more. */
  run(deadline: number, flow: Flow = usual): boolean {
    const task = this.#task
    if (task === undefined || this.#ended || this.#busy !== undefined) return false
    const { clock, maxCommitRecords } = this.options
    try {
      let record = flow.takes ? this.#queue.next(this.#consumer!) : undefined
      while (record !== undefined && task.uncommitted < maxCommitRecords) {
        if (task.uncommitted === 0) this.#pace.began(clock.now())
        this.#process(task, record)
        const now = clock.now()
        this.#pace.processed(now, record.timestamp)
        if (now >= deadline) break
        record = this.#queue.next(this.#consumer!)
      }
      this.#more = record !== undefined
      if (!this.#shouldCommit(task, record === undefined, flow.emits)) return record !== undefined
      void this.#occupy(() => this.#commit(task, flow.emits))
    } catch (error) {
      void this.#occupy(() => Promise.reject(error))
    }
    return false
  }

  /** Nothing is in work: all that was processed is committed. */
  get resting(): boolean {
    return this.#task !== undefined && this.#busy === undefined && this.#task.uncommitted === 0
  }

  /** Downstream knows of it, too. */
  get settled(): boolean {
    return this.resting && this.#task!.unemitted === 0
  }

  /** What its stores hold, as of its last commit; only while `resting`. */
  snapshot(): StoreSnapshot {
    return this.#resources.snapshot()
  }

  /** Something is to be read, or not yet committed. */
  get working(): boolean {
    return this.#task !== undefined && (this.#busy !== undefined || this.#more || this.#task.uncommitted > 0)
  }

  /** When the task wants to run though nothing arrives: milliseconds from now, or undefined. */
  get wakeIn(): number | undefined {
    const task = this.#task
    return task === undefined || this.#busy !== undefined ? undefined : this.#pace.wakeIn(task.uncommitted, task.unemitted)
  }

  /** Commits what was processed, then lets everything go. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.#idle()
    const task = this.#task
    if (task !== undefined && (task.uncommitted > 0 || task.unemitted > 0)) await this.#occupy(() => this.#commit(task))
    await this.abandon()
  }

  /** Lets everything go without a commit. */
  async abandon(): Promise<void> {
    this.#ending.abort()
    const task = this.#task
    this.#task = undefined
    await this.#idle()
    // Not before: a commit under way still reads its values.
    task?.close()
    this.state = 'closed'
    await this.#resources.close()
  }

  get #ended(): boolean {
    return this.#ending.signal.aborted
  }

  async #idle(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy
  }

  #occupy(work: () => Promise<void>): Promise<void> {
    this.#busy = work()
      .catch(error => this.#react(error))
      .finally(() => {
        this.#busy = undefined
        this.onWake()
      })
    return this.#busy
  }

  /** All buffers are new; a new producer fences the old one; state and offsets are those that were committed. */
  async #open(): Promise<void> {
    this.#drop()
    if (this.#ended) return
    this.state = 'restoring'
    this.#queue.clear()
    // A producer that may or may not have been opened is opened once more.
    const retriable = (error: unknown) => isRetriable(error) || error instanceof OutcomeUnknownError
    const open = () => this.#resources.open(this.#consumer!, this.#ending.signal)
    const task = await retrying(open, { ...this.#retry, retriable })
    if (task === undefined || this.#ended) return task?.close()
    this.#task = task
    this.#emission = new Emission(this.options.clock.now())
    this.#pace.opened(this.options.clock.now())
    this.state = 'running'
  }

  #drop(): void {
    this.#task?.close()
    this.#task = undefined
  }

  #process(task: Task, record: LogRecord): void {
    const poison = this.#poison.find(({ record: { topic, offset } }) => topic === record.topic && offset === record.offset)
    task.process(record, poison)
    this.#queue.take(record)
  }

  #shouldCommit(task: Task, idle: boolean, emits: boolean): boolean {
    const now = this.options.clock.now()
    if (task.uncommitted > 0) return this.#pace.isDue(now, task.uncommitted, idle)
    return emits && task.unemitted > 0 && this.#emission.isDue(now, this.#pace.isBehind(now))
  }

  async #commit(task: Task, emits = true): Promise<void> {
    const { clock } = this.options
    const started = clock.now()
    const records = task.uncommitted
    const emitAll = emits && this.#emission.isDue(started, this.#pace.isBehind(started))
    if (emitAll) this.#emission.begin(started, task.unemitted)
    this.#step('processed')
    const commit = await inSlices(task.prepare(emitAll ? EMIT_LIMIT : 0), clock)
    // It was abandoned meanwhile.
    if (this.#task !== task) return
    if (emitAll) this.#emission.emitted(clock.now(), commit.emitted)
    await this.#write(task, commit, started)
    this.#poison = []
    this.#wiped = false
    this.#purge.consumed(commit.offsets)
    const ended = clock.now()
    this.#pace.committed(ended)
    this.options.onCommit?.(this.id, { ...commit.counts, records, durationMs: ended - started })
  }

  /** Steps 2 to 4 of the commit protocol. */
  async #write(task: Task, commit: PreparedCommit, now: number): Promise<void> {
    this.#step('prepared')
    const result = await retrying(() => this.#resources.commit(commit), this.#retry)
    this.#step('log-committed')
    await retrying(() => task.apply(commit, result, now), this.#retry)
    this.#step('store-written')
  }

  /** Until the task is open again, or the application was told that it can't be. */
  async #react(error: unknown): Promise<void> {
    const waitsForSchema = error instanceof Error && error.name === 'SchemaPendingError'
    if (!waitsForSchema) this.#drop()
    if (this.#ended) return
    try {
      if (waitsForSchema) await retrying(() => this.options.resolveSchema(error), { ...this.#retry, retriable: () => true })
      else if (await this.#mend(error)) await this.#open()
      else this.#fail(error)
    } catch (next) {
      await this.#react(next)
    }
  }

  /** Whether opening the task anew is the way on. */
  async #mend(error: unknown): Promise<boolean> {
    const { clock } = this.options
    if (error instanceof ProducerFencedError || error instanceof NotAssignedError) {
      this.state = 'fenced'
      this.#notice(`${error.message} Buffers are dropped; if the group still gives the task to this instance, it is opened anew.`)
      await clock.sleep(FENCED_MS, this.#ending.signal)
    } else if (error instanceof OutcomeUnknownError || error instanceof OffsetOutOfRangeError) {
      this.#notice(`${error.message} Starting anew from what was committed.`)
    } else if (isRetriable(error)) {
      this.#notice(`${(error as Error).message} Starting anew in ${UNREADABLE_MS} ms.`)
      await clock.sleep(UNREADABLE_MS, this.#ending.signal)
    } else if (error instanceof PoisonRecordError) {
      this.#notice(`${error.message}. It goes to the dead letters.`)
      this.#poison.push(error)
    } else if (error instanceof StoreCorruptedError && !this.#wiped) {
      this.#wiped = true
      this.#notice(`${error.message} The store is wiped and restored from its changelog.`)
      await this.#resources.wipe()
    } else return false
    return true
  }

  #fail(error: unknown): void {
    this.state = 'failed'
    this.onFatal(error)
  }

  get #retry(): RetryOptions {
    return { clock: this.options.clock, signal: this.#ending.signal, notice: this.#notice }
  }

  readonly #notice = (sentence: string) => this.options.onNotice(sentence, this.id)
  readonly #step = (step: CommitStep) => this.options.onStep?.(step, this.id)
}
