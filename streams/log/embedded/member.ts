/** One member of a group: calls its listener, one call at a time, and reads for it. */

import { taskName } from '../assignor.js'
import type { AssignmentUnit, Consumer, GroupListener, LogRecord, TaskId, TopicPartition } from '../log.js'
import { NotAssignedError } from '../log.js'
import type { Catalogue } from './catalogue.js'
import type { Fetcher } from './consumer.js'
import type { Partition } from './partition.js'

export class Member implements Consumer {
  /** Tasks that were given to it, by name. */
  readonly tasks = new Map<string, TaskId>()
  readonly units: ReadonlySet<string>
  leaving = false
  /** Why it was expelled. */
  failure: NotAssignedError | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(
    readonly memberId: string,
    readonly definitions: readonly AssignmentUnit[],
    readonly listener: GroupListener,
    readonly catalogue: Catalogue,
    readonly fetcher: Fetcher,
    readonly leave: (member: Member) => Promise<void>
  ) {
    this.units = new Set(definitions.map(unit => unit.name))
  }

  seek(partition: TopicPartition, offset: number): void {
    this.fetcher.seek(this.catalogue.partition(partition), offset)
  }

  poll(partition: TopicPartition, max: number): LogRecord[] {
    if (this.failure) throw this.failure
    return this.fetcher.poll(this.catalogue.partition(partition), max)
  }

  position(partition: TopicPartition): number {
    return this.fetcher.position(this.catalogue.partition(partition))
  }

  onData(callback: () => void): void {
    this.fetcher.onData(callback)
  }

  close(): Promise<void> {
    return this.leave(this)
  }

  /** Calls the listener; reading starts when it has resolved. */
  assign(tasks: readonly TaskId[]): Promise<void> {
    for (const task of tasks) this.tasks.set(taskName(task), task)
    return this.#inTurn(async () => {
      for (const partition of this.#partitions(tasks)) this.fetcher.add(partition)
      await this.listener.assigned(tasks)
      for (const partition of this.#partitions(tasks)) this.fetcher.activate(partition)
    })
  }

  /** Calls the listener; when it has resolved the tasks may be given to others. */
  revoke(tasks: readonly TaskId[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.listener.revoked(tasks)
      for (const partition of this.#partitions(tasks)) this.fetcher.remove(partition)
      for (const task of tasks) this.tasks.delete(taskName(task))
    })
  }

  /** It is a member no more, and others may already have its tasks. */
  async expel(cause: unknown): Promise<void> {
    if (this.failure) return
    const reason = cause instanceof Error ? cause.message : String(cause)
    this.failure = new NotAssignedError(`Member '${this.memberId}' was expelled from its group: ${reason}`, { cause })
    this.fetcher.removeAll()
    const tasks = [...this.tasks.values()]
    this.tasks.clear()
    if (tasks.length > 0) await this.listener.lost(tasks)
  }

  /** It has heard of everything, and may be a member again. */
  async readmit(): Promise<void> {
    await this.#turn
    this.failure = undefined
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(() => (this.failure ? undefined : work()))
    this.#turn = result.catch(() => {})
    return result
  }

  *#partitions(tasks: readonly TaskId[]): Generator<Partition> {
    for (const task of tasks) {
      for (const topic of this.definitions.find(unit => unit.name === task.unit)!.topics)
        yield this.catalogue.partition({ topic, partition: task.partition })
    }
  }
}
