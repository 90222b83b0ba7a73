/** What the log does by itself: checkpoints, retention, compaction, giving back space. */

import { encodeDelta, KIND_SNAPSHOT } from './catalogue.js'
import { Cleaner } from './cleaner.js'
import type { Committer } from './committer.js'
import type { Partition } from './partition.js'
import { purge } from './purger.js'
import type { Reader } from './reader.js'
import type { State } from './state.js'

/** Write all metadata anew after so many changes, so that the older ones can go. */
const SNAPSHOT_AFTER = 2000
/** Take a checkpoint when this much is not in the index: it bounds what opening has to read. */
const CHECKPOINT_BYTES = 8 << 20
/** Writes are slowed down when what is to be cleaned or purged is more than so many times over its bound: the disk is bounded. */
const FREE_BACKLOG = 3
/** Bytes a millisecond at once over that; less the more there is. */
const SLOW_RATE = 20_000

export class Housekeeping {
  readonly cleaner: Cleaner
  /** Up to where each partition's deleted batches have left the index. */
  readonly #trimmed = new Map<Partition, number>()
  #appended = 0
  #timer: NodeJS.Timeout | undefined
  #turn: Promise<void> = Promise.resolve()
  #waiting = false
  #checkpoint: Promise<void> | undefined
  #closed = false

  constructor(
    readonly state: State,
    readonly committer: Committer,
    readonly reader: Reader
  ) {
    this.cleaner = new Cleaner(state, committer, reader)
  }

  start(): void {
    const { housekeepingMs } = this.state.settings
    if (housekeepingMs > 0) this.#timer = setInterval(() => this.#tick(), housekeepingMs).unref()
  }

  /** To be called after each write. */
  appended(): void {
    if (this.state.index.pendingBytes > CHECKPOINT_BYTES) this.#takeCheckpoint()
  }

  /** Deletes and compacts all that can be, now. */
  all(): Promise<void> {
    return this.#exclusive(() => this.#everything())
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#pace()
    this.cleaner.stopped = true
    clearInterval(this.#timer)
    await this.#turn
    await this.#checkpoint
  }

  async #everything(): Promise<void> {
    await this.#retain()
    for (const partition of this.cleaner.compacted()) {
      const { end } = partition
      while (!this.#closed && partition.cleaned < end && (await this.cleaner.clean(partition))) {}
    }
    await this.#snapshot()
    await purge(this.state, () => this.#closed)
  }

  #tick(): void {
    this.#takeCheckpoint()
    this.#pace()
    if (this.#waiting) return
    this.#waiting = true
    this.#exclusive(() => this.#round())
      .catch((error: Error) => this.state.settings.onError(error))
      .finally(() => {
        this.#waiting = false
      })
  }

  #exclusive(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }

  #takeCheckpoint(): void {
    if (!this.state.index.hasPending || this.#checkpoint) return
    const done = this.state.index.checkpoint().catch(error => this.state.settings.onError(error))
    this.#checkpoint = done.finally(() => {
      this.#checkpoint = undefined
    })
  }

  async #round(): Promise<void> {
    const { cleaner } = this.state.settings
    const busy = this.state.appendedBytes - this.#appended > cleaner.busyBytes
    this.#appended = this.state.appendedBytes
    await this.#retain()
    await this.#purge()
    for (let passes = this.cleaner.compacted().length; passes > 0; passes--) {
      const dirty = this.cleaner.next(busy)
      if (!dirty || !(await this.cleaner.clean(dirty))) break
      await this.#purge()
      this.#pace()
    }
    if (this.state.deltas > SNAPSHOT_AFTER) await this.#snapshot()
  }

  #pace(): void {
    const over = Math.max(this.cleaner.backlog(), this.#garbage()) - FREE_BACKLOG
    this.committer.rate = over > 0 && !this.#closed ? SLOW_RATE / over : Number.POSITIVE_INFINITY
  }

  /** How many times over its bound the garbage is. */
  #garbage(): number {
    const live = [...this.state.catalogue.partitions()].reduce((sum, partition) => sum + partition.bytes, 0)
    return this.state.index.garbageBytes / Math.max(1, this.state.settings.purgeBytes, live / 2)
  }

  async #purge(): Promise<void> {
    if (this.#garbage() > 1) await purge(this.state, () => this.#closed)
  }

  /** Deletes what is older than its topic's retention, and lets go of what was deleted. */
  async #retain(): Promise<void> {
    const { catalogue, index, settings } = this.state
    for (const topic of catalogue.topics.values()) {
      const { cleanup, retentionMs } = topic.spec
      if (cleanup === 'compact' || retentionMs < 0) continue
      for (const partition of topic.partitions) await this.#expire(partition, settings.clock.now() - retentionMs)
    }
    for (const partition of catalogue.partitions()) {
      if (partition.start <= (this.#trimmed.get(partition) ?? 0) || this.#closed) continue
      this.#trimmed.set(partition, partition.start)
      await index.trim(partition)
    }
    for (const topicId of catalogue.doomed) if (!this.#closed) await index.drop(topicId)
  }

  async #expire(partition: Partition, before: number): Promise<void> {
    let start = partition.start
    while (start < partition.end && !this.#closed) {
      const infos = await this.state.index.find(partition, start, Number.MAX_SAFE_INTEGER)
      const kept = infos.find(({ maxTime }) => maxTime >= before)
      start = kept?.first ?? infos.at(-1)?.last ?? partition.end
      if (kept || infos.length === 0) break
      start++
    }
    if (start > partition.start) await this.committer.submit({ delta: { starts: [[partition.topicId, partition.number, start]] } })
  }

  async #snapshot(): Promise<void> {
    await this.committer.submit({ entries: () => [encodeDelta(this.state.catalogue.snapshot(), KIND_SNAPSHOT)] })
    await this.state.index.checkpoint()
  }
}
