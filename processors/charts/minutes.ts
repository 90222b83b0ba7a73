import type { KeyValueStore } from '../../streams/processor.js'

/** Minutes per block: few enough to be read at once when the end of a window passes, and enough not to write too many keys. */
const BLOCK = 5
/** A block's open segment is rewritten as it grows; from this size on it is sealed. */
const SEGMENT_BYTES = 1200
const ROW_BYTES = 12
const CLOCK = 'clock'
/** Before the rows of a segment: how many segments of the block were sealed before it. */
const HEAD_BYTES = 4
const DIGITS = 9

/** Plays of an item in a minute and a country (dictionary ids; country -1: none). */
export type VisitMinute = (country: number, item: number, count: number, minute: number) => void

/** Rows to append, by block. */
export class MinuteRows {
  readonly blocks = new Map<number, number[]>()

  add(country: number, item: number, count: number, minute: number): void {
    const block = Math.floor(minute / BLOCK)
    let rows = this.blocks.get(block)
    if (rows === undefined) {
      rows = []
      this.blocks.set(block, rows)
    }
    rows.push((country + 1) * BLOCK + (minute - block * BLOCK), item, count)
  }
}

/**
 * The plays of the last two weeks by minute, on disk: read again only when a window's edge passes them. Keys: `m<block>` for the
 * open segment, `m<block>.<n>` for the sealed ones. Rows of 12 bytes: country and minute, item, count.
 */
export class MinuteLog {
  constructor(private readonly store: KeyValueStore<Uint8Array>) {}

  /** The minute that windows end at; undefined before the first play. */
  get end(): number | undefined {
    const bytes = this.store.get(CLOCK)
    return bytes === undefined ? undefined : view(bytes).getFloat64(0, true)
  }

  set end(minute: number) {
    const bytes = new Uint8Array(8)
    view(bytes).setFloat64(0, minute, true)
    this.store.put(CLOCK, bytes)
  }

  append(rows: MinuteRows): void {
    for (const [block, columns] of rows.blocks) this.#append(blockKey(block), columns)
  }

  /** What was written of the minutes from `from` to `to`, exclusively. */
  each(from: number, to: number, visit: VisitMinute): void {
    if (from >= to) return
    const range = { gte: blockKey(Math.floor(from / BLOCK)), lt: blockKey(Math.floor((to - 1) / BLOCK) + 1) }
    for (const [key, bytes] of this.store.range(range)) {
      const start = Number.parseInt(key.slice(1, 1 + DIGITS), 10) * BLOCK
      const rows = view(bytes)
      for (let at = HEAD_BYTES; at < bytes.length; at += ROW_BYTES) {
        const place = rows.getUint32(at, true)
        const minute = start + (place % BLOCK)
        if (minute < from || minute >= to) continue
        visit(Math.floor(place / BLOCK) - 1, rows.getUint32(at + 4, true), rows.getInt32(at + 8, true), minute)
      }
    }
  }

  /** Drops the blocks that end before `minute`. */
  dropBefore(minute: number): void {
    const keys: string[] = []
    for (const [key] of this.store.range({ gte: 'm', lt: blockKey(Math.floor(minute / BLOCK)) })) keys.push(key)
    for (const key of keys) this.store.delete(key)
  }

  /** Drops what was written of an item. Reads all. */
  forget(item: number): void {
    for (const [key, bytes] of [...this.store.range({ gte: 'm' })]) {
      const rows = view(bytes)
      const kept: Uint8Array[] = [bytes.subarray(0, HEAD_BYTES)]
      for (let at = HEAD_BYTES; at < bytes.length; at += ROW_BYTES)
        if (rows.getUint32(at + 4, true) !== item) kept.push(bytes.subarray(at, at + ROW_BYTES))
      const left = Buffer.concat(kept)
      if (left.length < bytes.length) this.store.put(key, left)
    }
  }

  #append(key: string, rows: readonly number[]): void {
    const open = this.store.get(key)
    const length = open?.length ?? HEAD_BYTES
    const bytes = new Uint8Array(length + (rows.length / 3) * ROW_BYTES)
    if (open !== undefined) bytes.set(open)
    const out = view(bytes)
    for (let i = 0; i < rows.length; i++) {
      if (i % 3 === 2) out.setInt32(length + i * 4, rows[i]!, true)
      else out.setUint32(length + i * 4, rows[i]!, true)
    }
    if (bytes.length < SEGMENT_BYTES) {
      this.store.put(key, bytes)
      return
    }
    const sealed = out.getUint32(0, true)
    this.store.put(`${key}.${sealed.toString().padStart(8, '0')}`, bytes)
    const next = new Uint8Array(HEAD_BYTES)
    view(next).setUint32(0, sealed + 1, true)
    this.store.put(key, next)
  }
}

/** The keys of the minutes from one on. */
export const minutesFrom = (minute: number): { gte: string; lt: string } => ({ gte: blockKey(Math.floor(minute / BLOCK)), lt: 'n' })

const blockKey = (block: number): string => `m${block.toString().padStart(DIGITS, '0')}`
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
