/**
 * Where the batches are: the newest in memory, all others in a database of small entries. It is a cache of the journal,
 * written in checkpoints: what came after the last one is read again from the journal when the log is opened.
 */
import { TailCache } from './cache.js'
import type { Catalogue } from './catalogue.js'
import { type Checkpoint, takeCheckpoint } from './checkpoint.js'
import { guarded } from './errors.js'
import { type Operation, putBatch, putSize, readBatch } from './index-entries.js'
import type { Journal } from './journal.js'
import { batchKey, CHECKPOINT_KEY, MAX_OFFSET, sequenceKey, sequenceOf } from './keys.js'
import type { Database } from './options.js'
import type { BatchInfo, Partition } from './partition.js'

/** What a journal entry means to the index. */
type Pending = { readonly sequence: number; readonly bytes: number; counted?: boolean } & (
  | { readonly kind: 'batch' | 'replacement'; readonly partition: Partition; readonly info: BatchInfo }
  | { readonly kind: 'delta' | 'snapshot' | 'garbage' }
)

const FIND_LIMIT = 256
const TRIM_SLICE = 500

export class BatchIndex {
  readonly cache: TailCache
  /** Bytes of journal entries that nothing refers to. */
  garbageBytes = 0
  /** Bytes of entries that are not in the index yet. */
  pendingBytes = 0
  /** The sequence number after the last entry that was added. */
  applied = 0
  #pending: Pending[] = []
  #indexed = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    readonly db: Database,
    readonly journal: Journal,
    readonly catalogue: Catalogue,
    cacheBytes: number
  ) {
    this.cache = new TailCache(cacheBytes, info => info.sequence < this.#indexed)
  }

  get hasPending(): boolean {
    return this.#pending.length > 0
  }

  add(entry: Pending): void {
    this.#pending.push(entry)
    this.applied = entry.sequence + 1
    this.pendingBytes += entry.bytes
  }

  /** Batches without a hole from the one that covers an offset: up to about `maxBytes`, at least one if there is one. */
  async find(partition: Partition, offset: number, maxBytes: number): Promise<BatchInfo[]> {
    const at = partition.indexOf(offset)
    if (at >= 0) return upTo(partition.recent.slice(at, at + FIND_LIMIT), maxBytes)
    const until = partition.recent[0]?.first ?? MAX_OFFSET + 1
    const range = {
      gte: batchKey(partition.topicId, partition.number, offset),
      lte: batchKey(partition.topicId, partition.number, until - 1)
    }
    return guarded(this.journal.name, async () => {
      const iterator = this.db.iterator({ ...range, limit: FIND_LIMIT })
      try {
        const found: BatchInfo[] = []
        for (let bytes = 0; bytes < maxBytes; ) {
          const entries = await iterator.nextv(64)
          for (const [key, value] of entries) found.push(readBatch(key, value))
          if (entries.length === 0) break
          bytes = found.reduce((sum, info) => sum + info.bytes, 0)
        }
        return upTo(found, maxBytes)
      } finally {
        await iterator.close()
      }
    })
  }

  /** Writes what is pending, so that opening the log need not read it again. */
  checkpoint(): Promise<void> {
    return this.#serial(() => this.#checkpoint())
  }

  /** Lets go of batches that lie below the partition's start. */
  trim(partition: Partition): Promise<void> {
    const { topicId, number } = partition
    return this.#serial(async () => {
      await this.#checkpoint()
      await this.#release({ gte: batchKey(topicId, number, 0), lt: batchKey(topicId, number, partition.start) }, partition)
      partition.dropRecent(info => info.last < partition.start)
    })
  }

  /** Lets go of all batches of a topic that was dropped. */
  drop(topicId: number): Promise<void> {
    return this.#serial(async () => {
      await this.#checkpoint()
      await this.#release({ gte: batchKey(topicId, 0, 0), lt: batchKey(topicId + 1, 0, 0) })
      this.catalogue.doomed.delete(topicId)
    })
  }

  /** Entries that nothing refers to, oldest first. */
  async garbage(limit: number): Promise<{ sequence: number; bytes: number }[]> {
    const entries = await guarded(this.journal.name, () =>
      this.db.iterator({ gte: sequenceKey('g', 0), lte: sequenceKey('g', MAX_OFFSET), limit }).all()
    )
    return entries.map(([key, value]) => ({ sequence: sequenceOf(key), bytes: value.readUInt32BE(0) }))
  }

  /** Garbage was removed from the journal. */
  purged(entries: readonly { sequence: number; bytes: number }[]): Promise<void> {
    return this.#serial(async () => {
      for (const { bytes } of entries) this.garbageBytes -= bytes
      await this.#write(entries.map(({ sequence }) => ({ type: 'del', key: sequenceKey('g', sequence) })))
    })
  }

  /** Undefined: there is none, or it belongs to another journal, or knows more than the journal (after a power cut). */
  async load(): Promise<Checkpoint | undefined> {
    const text = await guarded(this.journal.name, () => this.db.get(CHECKPOINT_KEY))
    const checkpoint = text && parse(text)
    if (!checkpoint || checkpoint.journal !== this.journal.id || checkpoint.applied > this.journal.next) return undefined
    this.applied = checkpoint.sequence
    this.garbageBytes = checkpoint.garbageBytes
    this.#indexed = checkpoint.sequence
    return checkpoint
  }

  async clear(): Promise<void> {
    const prefixes: readonly (readonly [string, string])[] = [
      ['b', 'c'],
      ['g', 'h'],
      ['m', 'n'],
      ['s', 't']
    ]
    await guarded(this.journal.name, async () => {
      for (const [gte, lt] of prefixes) await this.db.clear({ gte: Buffer.from(gte), lt: Buffer.from(lt) })
    })
  }

  #serial<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => guarded(this.journal.name, work))
    this.#turn = result.catch(() => {})
    return result
  }

  /** What comes meanwhile is left to the next one: a busy log would never let it end. */
  async #checkpoint(): Promise<void> {
    const end = this.applied
    while (this.#pending.length > 0 && this.#pending[0]!.sequence < end) {
      const operations: Operation[] = []
      let count = 0
      while (count < this.#pending.length && isPlain(this.#pending[count]!)) this.#plain(this.#pending[count++]!, operations)
      if (count === 0) await this.#supersede(this.#pending[count++]!, operations)
      await this.#write(operations, count)
      const done = this.#pending.splice(0, count)
      for (const entry of done) this.pendingBytes -= entry.bytes
      const touched = new Set(done.map(entry => ('partition' in entry ? entry.partition : undefined)))
      for (const partition of touched) if (partition) this.cache.forget(partition)
    }
  }

  #plain(entry: Pending, operations: Operation[]): void {
    if (entry.kind === 'batch') {
      operations.push(putBatch(entry.partition, entry.info))
      if (!entry.counted) {
        entry.partition.bytes += entry.bytes
        entry.partition.dirtyBytes += entry.bytes
      }
    } else if (entry.kind === 'garbage') {
      operations.push(putSize(sequenceKey('g', entry.sequence), entry.bytes))
      if (!entry.counted) this.garbageBytes += entry.bytes
    } else {
      operations.push(putSize(sequenceKey('s', entry.sequence), entry.bytes))
    }
    entry.counted = true
  }

  /** A cleaned batch takes the place of those it was made of; a snapshot of all metadata before it. */
  async #supersede(entry: Pending, operations: Operation[]): Promise<void> {
    if (entry.kind === 'replacement') {
      const { partition, info } = entry
      const range = {
        gte: batchKey(partition.topicId, partition.number, info.first),
        lte: batchKey(partition.topicId, partition.number, info.last)
      }
      const replaced = (await this.db.iterator(range).all()).filter(([, value]) => value.readUIntBE(0, 6) < info.sequence)
      this.#discard(replaced, operations, entry.counted ? undefined : partition)
      if (!entry.counted) partition.bytes += info.bytes
      operations.push(putBatch(partition, info))
      partition.dropRecent(({ last }) => last <= info.last)
    } else {
      const older = await this.db.iterator({ gte: sequenceKey('s', 0), lt: sequenceKey('s', entry.sequence) }).all()
      for (const [key, value] of older) {
        operations.push({ type: 'del', key }, putSize(sequenceKey('g', sequenceOf(key)), value.readUInt32BE(0)))
        if (!entry.counted) this.garbageBytes += value.readUInt32BE(0)
      }
      operations.push(putSize(sequenceKey('s', entry.sequence), entry.bytes))
    }
    entry.counted = true
  }

  async #release(range: { gte: Buffer; lt: Buffer }, partition?: Partition): Promise<void> {
    for (;;) {
      const entries = await this.db.iterator({ ...range, limit: TRIM_SLICE }).all()
      if (entries.length === 0) return
      const operations: Operation[] = []
      this.#discard(entries, operations, partition)
      await this.#write(operations)
    }
  }

  #discard(entries: readonly [Buffer, Buffer][], operations: Operation[], partition: Partition | undefined): void {
    for (const [key, value] of entries) {
      const { sequence, bytes } = readBatch(key, value)
      operations.push({ type: 'del', key }, putSize(sequenceKey('g', sequence), bytes))
      this.garbageBytes += bytes
      if (partition) partition.bytes -= bytes
    }
  }

  async #write(operations: Operation[], count = 0): Promise<void> {
    const sequence = this.#pending[count]?.sequence ?? this.applied
    const upTo = { sequence, applied: this.applied }
    const checkpoint = takeCheckpoint(this.catalogue, this.journal.id, upTo, this.garbageBytes)
    await this.db.batch([...operations, { type: 'put', key: CHECKPOINT_KEY, value: Buffer.from(JSON.stringify(checkpoint)) }])
    this.#indexed = sequence
  }
}

function parse(text: Buffer): Checkpoint | undefined {
  try {
    return JSON.parse(text.toString())
  } catch {
    return undefined
  }
}

const isPlain = (entry: Pending): boolean => entry.kind !== 'replacement' && entry.kind !== 'snapshot'

function upTo(infos: BatchInfo[], maxBytes: number): BatchInfo[] {
  let bytes = 0
  const count = infos.findIndex(info => {
    bytes += info.bytes
    return bytes >= maxBytes
  })
  return count < 0 ? infos : infos.slice(0, count + 1)
}
