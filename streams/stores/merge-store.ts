import type { TaskStore } from '../../state/store.js'
import { Bytes, BytesReader } from '../bytes.js'
import type { MergeFold, MergeStore } from '../processor.js'
import { StoreDictionary } from './dictionary.js'
import type { ManagedStore, StoreEntry } from './managed-store.js'
import { OperandRing } from './operand-ring.js'
import type { PendingOperand } from './pending-operands.js'
import { ValueChunks } from './value-chunks.js'
import { nameIdOf, valueId, windowOf } from './value-id.js'

export interface MergeStoreOptions {
  /** Operand bytes kept before the values they were folded into are written out. Bounds the replay after a restart. */
  readonly operandBytes: number
  /**
   * Operands may also take this share of the memory of the values: with a fixed limit, values are written the more often the
   * more there are of them. Default 0.
   */
  readonly operandShare?: number
  readonly cache: MergeCache
}

/** Memory that all merge stores of an instance share: a store keeps what it has while the others leave room. */
export class MergeCache {
  /** By all stores that are open. */
  used = 0

  constructor(
    /** About how many bytes of values are kept. */
    readonly limit: number
  ) {}
}

interface Entry<V> {
  value: V
  size: number
  /** The commit of the oldest operand that is not in the written value; 0: none. */
  unwritten: number
  touched: boolean
  /** Since the last commit. */
  merged: boolean
}

/**
 * RocksDB's merge operator as a store. A commit writes the operands of all keys as one packed record; a key's full value
 * is written when the record of its oldest unwritten operand is about to be dropped. A value carries the commit up to
 * which it is folded, so no operand is ever applied twice.
 */
export class BufferedMergeStore<V, Op> implements MergeStore<V, Op>, ManagedStore {
  readonly dictionary = new StoreDictionary()
  readonly #entries = new Map<number, Entry<V>>()
  readonly #ring: OperandRing
  readonly #values: ValueChunks
  readonly #fold: MergeFold<V, Op>
  readonly #operands = new Bytes(64 * 1024)
  /** Those merged since the last commit. */
  readonly #merged: Entry<V>[] = []
  /** Keys whose change was not emitted, each with a commit that speaks of it, in the order of the commits. */
  readonly #unemitted = new Map<number, number>()
  /** Leave memory when the store holds what was written of them. */
  readonly #evicted: number[] = []
  #announced = 0
  /** Of operands: when it was opened, no value was in memory. */
  readonly #loadedBytes: number
  #cached = 0

  constructor(
    readonly name: string,
    store: TaskStore,
    fold: MergeFold<V, Op>,
    private readonly options: MergeStoreOptions
  ) {
    this.#fold = fold
    this.#values = new ValueChunks(store, name)
    for (const [, block] of store.range(name, { gte: 'd/', lt: 'd0' })) this.dictionary.loadBlock(block)
    this.#ring = OperandRing.load(store, name, fold.version, this.dictionary)
    for (const [id, sequence] of this.#ring.takeUnemitted()) this.#unemitted.set(id, sequence)
    this.#announced = this.dictionary.size
    this.#loadedBytes = this.#ring.bytes
  }

  get(key: string, window = 0): V | undefined {
    const name = this.dictionary.find(key)
    return name === undefined ? undefined : this.#load(valueId(name, window))?.value
  }

  merge(key: string, operand: Op, window = 0): void {
    this.mergeAt(valueId(this.dictionary.intern(key), window), operand)
  }

  mergeAt(id: number, operand: Op): void {
    const entry = this.#load(id) ?? this.#admit(id, this.#fold.empty(), 0)
    this.#fold.merge(entry.value, operand)
    if (entry.unwritten === 0) {
      entry.unwritten = this.#ring.next
      this.#ring.track(id)
    }
    this.#operands.varint(id)
    const at = this.#operands.length
    this.#operands.u32(0)
    this.#fold.writeOperand(operand, this.#operands)
    this.#operands.patchU32(at, this.#operands.length - at - 4)
    if (!entry.merged) {
      entry.merged = true
      this.#merged.push(entry)
    }
    if (!this.#unemitted.has(id)) this.#unemitted.set(id, this.#ring.next)
  }

  /** Keys to emit: at most `limit`, the longest changed first. */
  takeUnemitted(limit: number): [key: string, window: number][] {
    const keys: [string, number][] = []
    for (const id of this.#unemitted.keys()) {
      if (keys.length >= limit) break
      this.#unemitted.delete(id)
      keys.push([this.dictionary.name(nameIdOf(id)), windowOf(id)])
    }
    return keys
  }

  get unemitted(): number {
    return this.#unemitted.size
  }

  prepare(): StoreEntry[] {
    const entries: StoreEntry[] = []
    const somethingNew = this.#operands.length > 0 || this.#announced < this.dictionary.size
    if (somethingNew || this.#unemittedFrom !== this.#ring.unemittedFrom) this.#append(entries)
    for (const entry of this.#merged) this.#measure(entry)
    this.#merged.length = 0
    if (this.options.cache.used > this.options.cache.limit) this.#evict(entries)
    return entries
  }

  /** The operands as one record; values take the place of the oldest records. */
  #append(entries: StoreEntry[]): void {
    const names: string[] = []
    for (let id = this.#announced; id < this.dictionary.size; id++) names.push(this.dictionary.name(id))
    const oldest = this.#ring.oldestAfter(this.#operands.length, this.#operandLimit)
    const marked = this.#carry(oldest)
    entries.push(this.#ring.append(this.#operands.view(), names, this.#announced, this.#unemittedFrom, marked))
    const ahead = this.#ring.takeAhead(this.#operandLimit)
    for (const id of ahead.keys) if (this.#unwritten(id) <= ahead.sequence) entries.push(...this.#writeOut(id))
    const dropped = this.#ring.dropBefore(oldest)
    const last = dropped.at(-1)?.sequence ?? 0
    for (const slot of dropped) {
      entries.push([slot.key, null])
      entries.push(...this.dictionary.blocks(slot.namesEnd))
      // A key that a restart left pending may turn out to begin in a later one of the dropped records.
      for (const id of slot.keys) if (this.#unwritten(id) <= last) entries.push(...this.#writeOut(id))
    }
  }

  get #unemittedFrom(): number {
    return this.#unemitted.values().next().value ?? 0
  }

  /** Keys that were not emitted and whose records before `oldest` are dropped: the commit being filled speaks of them from now on. */
  #carry(oldest: number): number[] {
    const carried: number[] = []
    for (const [id, sequence] of this.#unemitted) {
      if (sequence >= oldest) break
      carried.push(id)
    }
    for (const id of carried) {
      this.#unemitted.delete(id)
      this.#unemitted.set(id, this.#ring.next)
    }
    return carried
  }

  committed(): void {
    this.#announced = this.dictionary.size
    this.#operands.reset()
    for (const id of this.#evicted) this.#entries.delete(id)
    this.#evicted.length = 0
  }

  close(): void {
    this.#grow(-this.#cached)
    this.#entries.clear()
  }

  /** The oldest operand's commit that is not in the written value; 0: none. Replays what a restart has left pending. */
  #unwritten(id: number): number {
    return (this.#entries.get(id) ?? (this.#ring.hasPending(id) ? this.#load(id) : undefined))?.unwritten ?? 0
  }

  #load(id: number): Entry<V> | undefined {
    const cached = this.#entries.get(id)
    if (cached !== undefined) {
      cached.touched = true
      return cached
    }
    const written = this.#values.read(id)
    const pending = this.#ring.takePending(id)
    if (written === undefined && pending.length === 0) return undefined
    const foldedTo = written === undefined ? 0 : written.sequence
    const entry = this.#admit(id, written === undefined ? this.#fold.empty() : this.#fold.read(written.value), 0)
    for (const operand of pending) this.#replay(id, entry, operand, foldedTo)
    return entry
  }

  #replay(id: number, entry: Entry<V>, { sequence, bytes }: PendingOperand, foldedTo: number): void {
    if (sequence <= foldedTo) return
    this.#fold.merge(entry.value, this.#fold.readOperand(new BytesReader(bytes)))
    if (entry.unwritten !== 0) return
    entry.unwritten = sequence
    this.#ring.trackAt(id, sequence)
  }

  #admit(id: number, value: V, unwritten: number): Entry<V> {
    const entry = { value, size: 0, unwritten, touched: true, merged: false }
    this.#entries.set(id, entry)
    entry.size = this.#fold.sizeOf(value)
    this.#grow(entry.size)
    return entry
  }

  #measure(entry: Entry<V>): void {
    const size = this.#fold.sizeOf(entry.value)
    this.#grow(size - entry.size)
    entry.size = size
    entry.merged = false
  }

  /** The full value of a key as entries, unless what is written already has everything. */
  #writeOut(id: number): StoreEntry[] {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.unwritten === 0) return []
    entry.unwritten = 0
    const out = new Bytes(Math.max(64, entry.size))
    this.#fold.write(entry.value, out)
    return this.#values.write(id, this.#ring.next - 1, out.take())
  }

  get #operandLimit(): number {
    const { operandBytes, operandShare = 0 } = this.options
    return Math.max(operandBytes, operandShare === 0 ? 0 : Math.max(this.#loadedBytes, operandShare * this.#cached))
  }

  #grow(bytes: number): void {
    this.#cached += bytes
    this.options.cache.used += bytes
  }

  /**
   * Every store gives up the same share of what it has. Second chance: what was not touched since the last round goes; what
   * is not written is written first.
   */
  #evict(entries: StoreEntry[]): void {
    const { used, limit } = this.options.cache
    const target = (this.#cached * 0.9 * limit) / used
    for (let round = 0; round < 2 && this.#cached > target; round++) {
      for (const [id, entry] of this.#entries) {
        if (this.#cached <= target) return
        if (entry.touched && round === 0) {
          entry.touched = false
          continue
        }
        entries.push(...this.#writeOut(id))
        this.#evicted.push(id)
        this.#grow(-entry.size)
        entry.size = 0
      }
    }
  }
}
