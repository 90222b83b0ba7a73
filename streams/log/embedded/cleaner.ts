/**
 * Compaction, as Kafka's log cleaner does it: a pass reads the keys of a partition's dirty part (appended since the last
 * pass), then writes its batches anew without the records that have a later one of the same key. A rewritten batch covers
 * whole batches and replaces them when it is durable, so that a crash between any two steps leaves either, never neither.
 */
import { setImmediate } from 'node:timers/promises'
import { OffsetOutOfRangeError } from '../log.js'
import { BatchCursor, BatchWriter, readHead } from './batch.js'
import type { Committer } from './committer.js'
import type { Settings } from './options.js'
import type { Partition } from './partition.js'
import type { Chunk, Reader } from './reader.js'
import type { State } from './state.js'
import { BATCH_BYTES } from './write-group.js'

const READ_BYTES = 4 << 20
/** The event loop is given back after so long: by time, not by batches, or a busy log would be cleaned slower than it grows. */
const SLICE_MS = 3

export class Cleaner {
  /** Ends the pass that is under way; what it has written stays. */
  stopped = false
  readonly #settings: Settings

  constructor(
    readonly state: State,
    readonly committer: Committer,
    readonly reader: Reader
  ) {
    this.#settings = state.settings
  }

  /** The compacted partition with the most to gain, if one has enough. */
  next(busy: boolean): Partition | undefined {
    const { minDirtyRatio, minDirtyBytes, busyDirtyRatio, busyDirtyBytes } = this.#settings.cleaner
    const [ratio, bytes] = busy ? [busyDirtyRatio, busyDirtyBytes] : [minDirtyRatio, minDirtyBytes]
    return this.compacted()
      .filter(partition => partition.dirtyBytes >= bytes && partition.dirtyBytes >= ratio * partition.bytes)
      .sort((a, b) => b.dirtyBytes - a.dirtyBytes)[0]
  }

  /** How many times over the bound of a busy log the dirtiest partition is. */
  backlog(): number {
    const { busyDirtyRatio, busyDirtyBytes } = this.#settings.cleaner
    return this.compacted().reduce((most, { bytes, dirtyBytes }) => {
      const clean = Math.max(0, bytes - dirtyBytes)
      return Math.max(most, dirtyBytes / Math.max(busyDirtyBytes, clean / (1 / busyDirtyRatio - 1)))
    }, 0)
  }

  compacted(): Partition[] {
    const topics = [...this.state.catalogue.topics.values()].filter(({ spec }) => spec.cleanup !== 'delete')
    return topics.flatMap(topic => topic.partitions)
  }

  /** One pass over a partition; bounded in memory, a few milliseconds at a time. Returns whether it came to its end. */
  async clean(partition: Partition): Promise<boolean> {
    try {
      await this.state.index.checkpoint()
      const dirty = await this.#readKeys(partition)
      if (dirty.end > partition.cleaned) await this.#rewrite(partition, dirty)
      return !this.stopped
    } catch (error) {
      // Deleting records, or the topic, has overtaken the pass: the next one starts behind them.
      if (!(error instanceof OffsetOutOfRangeError) && !partition.dropped) throw error
      return false
    }
  }

  /** The last offset of each key in the dirty part, or in as much of it as fits into memory. */
  async #readKeys(partition: Partition): Promise<{ lastOffsets: Map<string, number>; end: number; bytes: number }> {
    const lastOffsets = new Map<string, number>()
    let end = Math.max(partition.cleaned, partition.start)
    let bytes = 0
    let keyBytes = 0
    for await (const chunk of this.#chunks(partition, end, partition.end)) {
      for (const cursor = new BatchCursor(chunk.value); cursor.next(); ) {
        const key = cursor.keyText
        if (key === null) continue
        const known = lastOffsets.size
        lastOffsets.set(key, cursor.offset)
        if (lastOffsets.size > known) keyBytes += key.length
      }
      end = chunk.last + 1
      bytes += chunk.value.length
      if (keyBytes >= this.#settings.cleaner.maxKeyBytes) break
    }
    return { lastOffsets, end, bytes }
  }

  async #rewrite(partition: Partition, dirty: { lastOffsets: ReadonlyMap<string, number>; end: number; bytes: number }): Promise<void> {
    const now = this.#settings.clock.now()
    let output: CleanedBatch | undefined
    for await (const chunk of this.#chunks(partition, partition.start, dirty.end)) {
      const plan = this.#plan(chunk, dirty.lastOffsets, now)
      if (output && !output.canTake(plan)) {
        await this.#write(partition, output)
        output = undefined
      }
      output ??= new CleanedBatch(chunk.first)
      output.take(chunk, plan)
    }
    if (this.stopped) return
    if (output) await this.#write(partition, output)
    await this.committer.submit({ delta: { cleaned: [[partition.topicId, partition.number, dirty.end]] } })
    partition.dirtyBytes = Math.max(0, partition.dirtyBytes - dirty.bytes)
  }

  #plan({ value }: Chunk, lastOffsets: ReadonlyMap<string, number>, now: number): Plan {
    const { count, horizon } = readHead(value)
    const keep = new Uint8Array(count)
    let kept = 0
    let tombstones = 0
    const cursor = new BatchCursor(value)
    for (let i = 0; cursor.next(); i++) {
      const key = cursor.keyText
      if (key !== null && cursor.offset < (lastOffsets.get(key) ?? 0)) continue
      if (cursor.isTombstone) {
        if (horizon > 0 && now >= horizon) continue
        tombstones++
      }
      keep[i] = 1
      kept++
    }
    const removable = horizon > 0 ? horizon : now + this.#settings.cleaner.tombstoneGraceMs
    return { keep, changed: kept < count || (tombstones > 0 && horizon === 0), horizon: tombstones > 0 ? removable : 0 }
  }

  async #write(partition: Partition, output: CleanedBatch): Promise<void> {
    if (!output.changed) return
    await this.committer.submit({ entries: () => [output.finish(partition)] })
    await this.state.index.checkpoint()
  }

  async *#chunks(partition: Partition, from: number, to: number): AsyncGenerator<Chunk> {
    const { clock } = this.#settings
    for (let next = from; next < to; ) {
      const chunks = await this.reader.load(partition, next, READ_BYTES)
      let began = clock.now()
      for (const chunk of chunks) {
        if (chunk.first >= to) return
        next = chunk.last + 1
        if (clock.now() - began >= SLICE_MS) {
          await setImmediate()
          began = clock.now()
        }
        if (this.stopped) return
        yield chunk
      }
    }
  }
}

/** What becomes of the records of one batch. */
interface Plan {
  /** By position: 1 keeps the record. */
  readonly keep: Uint8Array
  readonly changed: boolean
  /** When its tombstones may go; 0 if it has none. */
  readonly horizon: number
}

class CleanedBatch {
  readonly #writer: BatchWriter
  #last = 0
  #horizon = 0
  #sources = 0
  #rewritten = false

  constructor(first: number) {
    this.#writer = new BatchWriter(first, BATCH_BYTES)
  }

  /** Whether it differs from the one batch that it was made of. */
  get changed(): boolean {
    return this.#rewritten || this.#sources > 1
  }

  canTake({ horizon }: Plan): boolean {
    return this.#writer.bytes < BATCH_BYTES / 2 && (horizon === 0 || this.#horizon === 0 || horizon === this.#horizon)
  }

  take(chunk: Chunk, plan: Plan): void {
    const cursor = new BatchCursor(chunk.value)
    for (let i = 0; cursor.next(); i++) if (plan.keep[i] === 1) this.#writer.copy(cursor)
    this.#last = chunk.last
    this.#horizon = Math.max(this.#horizon, plan.horizon)
    this.#sources++
    this.#rewritten ||= plan.changed
  }

  finish(partition: Partition): Buffer {
    return this.#writer.finish(partition.topicId, partition.number, this.#last, { horizon: this.#horizon })
  }
}
