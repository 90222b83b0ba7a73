/**
 * The one writer. What is submitted while a write is under way goes into the next one (group commit): one atomic batch
 * with one record batch per partition. Offsets are given in this order, and all of a write becomes visible at once.
 */
import { OutcomeUnknownError, RetriableLogError } from '../log.js'
import type { Partition } from './partition.js'
import type { State } from './state.js'
import { type Job, type Write, WriteGroup, type Written } from './write-group.js'

/** A write takes further jobs up to this size. */
const GROUP_BYTES = 8 << 20
const LONGEST_PAUSE_MS = 1_000

/** Housekeeping, and what it may wait for: it goes ahead of records, which may have to wait until it has caught up. */
const isUrgent = ({ records, producer }: Write): boolean => records === undefined && producer === undefined

export class Committer {
  /** Records are written no faster than this, bytes a millisecond. */
  rate = Number.POSITIVE_INFINITY
  #notBefore = 0
  #pause = new AbortController()
  #urgent: Job[] = []
  #queue: Job[] = []
  #running: Promise<void> | undefined
  /** A write failed and the journal could not be opened again since. */
  #broken = false

  constructor(
    readonly state: State,
    readonly onAppend: (partitions: ReadonlySet<Partition>) => void
  ) {}

  submit(write: Write): Promise<Written> {
    let bytes = 0
    for (const routed of write.records ?? []) bytes += routed.bytes
    return new Promise((resolve, reject) => {
      const urgent = isUrgent(write)
      const queue = urgent ? this.#urgent : this.#queue
      queue.push({ ...write, bytes, resolve, reject })
      if (urgent) this.#pause.abort('something urgent')
      this.#running ??= Promise.resolve().then(() => this.#run())
    })
  }

  /** Resolves when all that was submitted has been written. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    while (this.#queue.length + this.#urgent.length > 0) {
      if (this.#broken) {
        const error = await this.#recover()
        if (error) {
          const jobs = [...this.#urgent.splice(0), ...this.#queue.splice(0)]
          for (const job of jobs) job.reject(new RetriableLogError(error.message, { cause: error }))
          break
        }
      }
      if (this.#urgent.length === 0) await this.#waitItsTurn()
      await this.#write(this.#takeGroup())
    }
    this.#running = undefined
  }

  async #waitItsTurn(): Promise<void> {
    const { clock } = this.state.settings
    const wait = Math.min(this.#notBefore - clock.now(), LONGEST_PAUSE_MS)
    if (wait <= 0) return
    this.#pause = new AbortController()
    await clock.sleep(wait, this.#pause.signal)
  }

  #takeGroup(): Job[] {
    if (this.#urgent.length > 0) return this.#urgent.splice(0)
    let count = 1
    let bytes = this.#queue[0]!.bytes
    while (count < this.#queue.length && bytes + this.#queue[count]!.bytes <= GROUP_BYTES) bytes += this.#queue[count++]!.bytes
    this.#notBefore = this.state.settings.clock.now() + bytes / this.rate
    return this.#queue.splice(0, count)
  }

  async #write(jobs: readonly Job[]): Promise<void> {
    const group = new WriteGroup(this.state)
    for (const job of jobs) {
      try {
        group.add(job)
      } catch (error) {
        job.reject(error)
      }
    }
    const values = group.finish()
    const first = this.state.journal.next
    if (values.length > 0) {
      try {
        await this.state.journal.append(values)
      } catch (error) {
        if (!(await this.#failed(error as Error, group))) return
        group.resolve()
        return
      }
    }
    this.#apply(first, values, group)
    group.resolve()
  }

  #apply(first: number, values: readonly Buffer[], group: WriteGroup): void {
    const touched = new Set<Partition>()
    for (const [i, value] of values.entries()) {
      const partition = this.state.apply(first + i, value, i === values.length - 1 ? group.delta : undefined)
      if (partition) touched.add(partition)
    }
    this.onAppend(touched)
  }

  /** Opens the journal again and looks whether the write is there. True: it is, and was applied. */
  async #failed(error: Error, group: WriteGroup): Promise<boolean> {
    this.#broken = true
    const before = this.state.journal.next
    const failure = await this.#recover()
    if (failure) {
      const message = `It is not known whether the last write to the log in ${this.state.settings.name} took effect: ${error.message}`
      group.reject(new OutcomeUnknownError(message, { cause: error }))
      return false
    }
    if (this.state.journal.next > before) return true
    group.reject(error)
    return false
  }

  async #recover(): Promise<Error | undefined> {
    try {
      await this.state.journal.reopen()
      const ends = new Map([...this.state.catalogue.partitions()].map(partition => [partition, partition.end]))
      await this.state.replay(this.state.journal.next)
      this.onAppend(new Set([...ends].filter(([partition, end]) => partition.end > end).map(([partition]) => partition)))
      this.#broken = false
      return undefined
    } catch (error) {
      return error as Error
    }
  }
}
