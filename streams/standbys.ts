import { StoreCorruptedError, type TaskStore } from '../state/store.js'
import type { TaskId } from './log/log.js'
import { freshAt, restore } from './restore.js'
import { isRetriable } from './retry.js'
import type { RunnerOptions } from './runner-options.js'

/** A warm copy is behind its task by about this long, milliseconds. */
const INTERVAL_MS = 500
const RETRY_MS = 5_000

/** A copy of a task's stores, kept up from its changelogs: whoever has it can take the task over without restoring it all. */
class Standby {
  remaining = 0
  readonly #ending = new AbortController()
  readonly #running: Promise<void>

  constructor(
    private readonly id: TaskId,
    private readonly options: RunnerOptions
  ) {
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock, onNotice, wipeStore } = this.options
    const { signal } = this.#ending
    while (!signal.aborted) {
      try {
        await this.#follow()
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof StoreCorruptedError) await wipeStore(this.id)
        const known = isRetriable(error) || error instanceof StoreCorruptedError
        const { message } = error as Error
        onNotice(`The standby copy can't be kept up: ${message} ${known ? 'Trying again.' : 'Trying again from the beginning.'}`, this.id)
        await clock.sleep(RETRY_MS, signal)
      }
    }
  }

  async #follow(): Promise<void> {
    const { clock, openStore, topology } = this.options
    const { signal } = this.#ending
    const unit = topology.units.get(this.id.unit)!
    let store: TaskStore | undefined
    try {
      store = await openStore(this.id)
      const control = { onProgress: (remaining: number) => this.#progress(remaining), signal }
      while (!signal.aborted) {
        const before = clock.now()
        await restore(this.options, unit, this.id.partition, store, control)
        if (!signal.aborted) await store.write([freshAt(before)])
        await clock.sleep(INTERVAL_MS, signal)
      }
    } finally {
      await store?.close()
    }
  }

  #progress(remaining: number): void {
    this.remaining = remaining
  }
}

/** All standby copies of this instance. */
export class Standbys {
  readonly #copies = new Map<string, { id: TaskId; copy: Standby }>()

  constructor(private readonly options: RunnerOptions) {}

  get tasks(): readonly { id: TaskId; remaining: number }[] {
    return [...this.#copies.values()].map(({ id, copy }) => ({ id, remaining: copy.remaining }))
  }

  /** From now on these, and no others. */
  async set(tasks: readonly TaskId[]): Promise<void> {
    const wanted = new Set(tasks.map(nameOf))
    await this.release([...this.#copies.values()].map(({ id }) => id).filter(id => !wanted.has(nameOf(id))))
    for (const id of tasks) if (!this.#copies.has(nameOf(id))) this.#copies.set(nameOf(id), { id, copy: new Standby(id, this.options) })
  }

  /** Resolves when their stores are closed: the tasks themselves come here, or the copies go elsewhere. */
  async release(tasks: readonly TaskId[]): Promise<void> {
    await Promise.all(
      tasks.map(async id => {
        const found = this.#copies.get(nameOf(id))
        this.#copies.delete(nameOf(id))
        await found?.copy.close()
      })
    )
  }
}

const nameOf = ({ unit, partition }: TaskId): string => `${unit}/${partition}`
