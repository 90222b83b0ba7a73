import type { TaskStore } from '../../state/store.js'
import { Bytes, BytesReader } from '../bytes.js'
import type { StoreDictionary } from './dictionary.js'
import type { StoreEntry } from './managed-store.js'
import { type PendingOperand, PendingOperands } from './pending-operands.js'

interface Slot {
  readonly sequence: number
  readonly key: string
  readonly size: number
  /** Names announced up to this record. */
  readonly namesEnd: number
  /** Keys whose oldest unwritten operand is in this record. */
  readonly keys: number[]
}

/** Keeps the replay of many tiny commits short. */
const MOST_SLOTS = 4096

/** In place of an operand's length: the record has no operand of this key, only the word that its change was not emitted. */
const MARK = 0xffffffff
/** Bytes of such an entry, at most. */
const MARK_BYTES = 12
/** Of the records, in one number with the fold's version: those that began with that alone had ids in four bytes. */
const FORMAT = 1
const FORMATS = 8

/** Reaction: compute the application's state anew, or run the program that wrote it. */
export class StoreVersionError extends Error {
  override name = 'StoreVersionError'
}

/**
 * The operand records of the last commits. Layout: format and fold version, sequence, oldest commit with a change not emitted (0:
 * none), first announced id, announced names, then per operand the key's id, its length and its bytes. Keys whose change was
 * not emitted when its record was dropped are marked in the newest record, and again when that one is dropped.
 */
export class OperandRing {
  readonly #slots: Slot[] = []
  /** Of the records that were loaded and whose keys no one asked for yet. */
  readonly #pending = new PendingOperands()
  /** Of the records that were loaded: keys with the last one that speaks of them. */
  readonly #last = new Map<number, number>()
  #bytes = 0
  #tracked: number[] = []
  /** The sequence of the commit being filled; the first is 1. */
  next = 1
  unemittedFrom = 0

  constructor(
    private readonly store: string,
    private readonly version: number
  ) {}

  /** @throws StoreVersionError written by another version of the fold. */
  static load(store: TaskStore, space: string, version: number, dictionary: StoreDictionary): OperandRing {
    const ring = new OperandRing(space, version)
    for (const [key, bytes] of store.range(space, { gte: 'o/', lt: 'o0' })) ring.#loadRecord(key, bytes, dictionary)
    return ring
  }

  get bytes(): number {
    return this.#bytes
  }

  track(id: number): void {
    this.#tracked.push(id)
  }

  trackAt(id: number, sequence: number): void {
    const first = this.#slots[0]?.sequence ?? 0
    this.#slots[sequence - first]?.keys.push(id)
  }

  hasPending(id: number): boolean {
    return this.#pending.has(id)
  }

  /** In order. */
  takePending(id: number): PendingOperand[] {
    return this.#pending.take(id)
  }

  /** `marked`: keys whose change was not emitted and whose record is dropped with this commit. */
  append(operands: Buffer, names: readonly string[], firstName: number, unemittedFrom: number, marked: readonly number[]): StoreEntry {
    const out = new Bytes(operands.length + 64 + names.length * 32 + marked.length * MARK_BYTES)
    out.varint(this.version * FORMATS + FORMAT)
    out.varint(this.next)
    out.varint(unemittedFrom)
    out.varint(firstName)
    out.varint(names.length)
    for (const name of names) out.string(name)
    out.bytes(operands)
    for (const id of marked) {
      out.varint(id)
      out.u32(MARK)
    }
    const slot = { sequence: this.next, key: keyOf(this.next), size: out.length, namesEnd: firstName + names.length, keys: this.#tracked }
    this.#push(slot)
    this.#tracked = []
    this.unemittedFrom = unemittedFrom
    return [slot.key, out.view()]
  }

  /** The oldest sequence that stays when a record of `more` bytes is appended. */
  oldestAfter(more: number, limit: number): number {
    let bytes = this.#bytes + more
    let count = 0
    while (count < this.#slots.length && (bytes > limit || this.#slots.length - count >= MOST_SLOTS)) bytes -= this.#slots[count++]!.size
    return this.#slots[count]?.sequence ?? this.next
  }

  /**
   * After a record was appended: keys of the oldest one whose values are to be written now, so that few are left when it is dropped. As many
   * of them as the new record takes of the bytes that are free until then.
   */
  takeAhead(limit: number): { readonly sequence: number; readonly keys: readonly number[] } {
    const oldest = this.#slots[0]!
    const { size } = this.#slots.at(-1)!
    const free = Math.max(size, limit - this.#bytes + size)
    const count = this.#slots.length === 1 || free > oldest.size ? 0 : Math.ceil((oldest.keys.length * size) / free)
    return { sequence: oldest.sequence, keys: oldest.keys.splice(oldest.keys.length - count) }
  }

  /** Takes the records before a sequence out: their keys' values must be written in the same commit. */
  dropBefore(sequence: number): Slot[] {
    const kept = this.#slots.findIndex(slot => slot.sequence >= sequence)
    const dropped = this.#slots.splice(0, kept)
    for (const slot of dropped) this.#bytes -= slot.size
    this.#pending.dropped(dropped.length)
    return dropped
  }

  /** Once, after loading: keys whose change may not have been emitted before the restart, each with a commit that speaks of it, in order. */
  takeUnemitted(): [id: number, sequence: number][] {
    const found = this.unemittedFrom === 0 ? [] : [...this.#last].filter(([, sequence]) => sequence >= this.unemittedFrom)
    this.#last.clear()
    return found
  }

  #push(slot: Slot): void {
    this.#slots.push(slot)
    this.#bytes += slot.size
    this.next = slot.sequence + 1
  }

  #loadRecord(key: string, bytes: Uint8Array, dictionary: StoreDictionary): void {
    const input = new BytesReader(bytes)
    const written = input.varint()
    const [version, format] = written < FORMATS ? [written, 0] : [Math.floor(written / FORMATS), written % FORMATS]
    if (version !== this.version || format !== FORMAT)
      throw new StoreVersionError(
        `The store ${this.store} was written by version ${version} of its fold (format ${format}), this program has ${this.version} (format ${FORMAT}): reset the application to compute it anew.`
      )
    const sequence = input.varint()
    this.unemittedFrom = input.varint()
    const namesEnd = input.varint() + readNames(input, dictionary)
    const slot: Slot = { sequence, key, size: bytes.length, namesEnd, keys: [] }
    this.#pending.record(sequence, bytes)
    while (input.remaining > 0) {
      const id = input.varint()
      this.#last.delete(id)
      this.#last.set(id, sequence)
      const length = input.u32()
      if (length === MARK) continue
      if (!this.#pending.has(id)) slot.keys.push(id)
      this.#pending.add(id, input.offset, length)
      input.skip(length)
    }
    this.#push(slot)
  }
}

function readNames(input: BytesReader, dictionary: StoreDictionary): number {
  const count = input.varint()
  for (let i = 0; i < count; i++) dictionary.intern(input.string())
  return count
}

const keyOf = (sequence: number) => `o/${sequence.toString().padStart(14, '0')}`
