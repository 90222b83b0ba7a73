import type { ByteReader, ByteWriter } from '../../streams/processor.js'
import type { NameOrder } from './order.js'
import { readSigned, writeSigned } from './packing.js'
import { Ranking } from './ranking.js'
import { grown, Slots } from './slots.js'

/**
 * Counts by item (a dictionary id) in a few columns, each with its ranking. Memory: about 6 + 5 bytes per column and item.
 */
export class CountTable {
  readonly #slots: Slots
  readonly #columns: Int32Array[]
  readonly #rankings: Ranking[]

  constructor(columns: number, limit: number, capacity = 4) {
    this.#slots = new Slots(capacity)
    this.#columns = Array.from({ length: columns }, () => new Int32Array(capacity))
    this.#rankings = Array.from({ length: columns }, () => new Ranking(limit))
  }

  /** Adds to the columns whose bits are set in `mask`. */
  add(item: number, mask: number, count: number): void {
    let slot = this.#slots.find(item)
    if (slot < 0) {
      if (this.#slots.size === this.#slots.capacity) this.#grow()
      slot = this.#slots.add(item)
    }
    for (let column = 0, rest = mask; rest !== 0; column++, rest >>>= 1) {
      if ((rest & 1) === 0) continue
      this.#columns[column]![slot]! += count
      this.#rankings[column]!.touch(slot)
    }
  }

  countOf(item: number, column: number): number {
    const slot = this.#slots.find(item)
    return slot < 0 ? 0 : this.#columns[column]![slot]!
  }

  /** Brings a column's ranking up to date; returns whether its published part may have changed. */
  rank(column: number, order: NameOrder): boolean {
    const counts = this.#columns[column]!
    return this.#rankings[column]!.update(counts, counts, this.#slots, order)
  }

  /** The items with the highest counts, as of the last `rank`; counts are positive. */
  top<E>(column: number, entry: (item: number, count: number) => E): E[] {
    const { top, limit } = this.#rankings[column]!
    const counts = this.#columns[column]!
    const entries: E[] = []
    for (let i = 0; i < top.length && i < limit && counts[top[i]!]! > 0; i++)
      entries.push(entry(this.#slots.ids[top[i]!]!, counts[top[i]!]!))
    return entries
  }

  /** All items of a column, in no order. */
  each(column: number, visit: (item: number, count: number) => void): void {
    const counts = this.#columns[column]!
    for (let slot = 0; slot < this.#slots.size; slot++) visit(this.#slots.ids[slot]!, counts[slot]!)
  }

  /** Rows of zeros are left out. */
  write(out: ByteWriter): void {
    const rows: number[] = []
    for (let slot = 0; slot < this.#slots.size; slot++) if (this.#mask(slot) !== 0) rows.push(slot)
    out.varint(rows.length)
    for (const slot of rows) {
      const mask = this.#mask(slot)
      out.varint(this.#slots.ids[slot]!)
      out.u8(mask)
      for (let column = 0; column < this.#columns.length; column++)
        if (mask & (1 << column)) writeSigned(out, this.#columns[column]![slot]!)
    }
  }

  static read(input: ByteReader, columns: number, limit: number): CountTable {
    const size = input.varint()
    const table = new CountTable(columns, limit, Math.max(4, size + (size >>> 3)))
    for (let i = 0; i < size; i++) {
      const item = input.varint()
      const mask = input.u8()
      for (let column = 0; column < columns; column++) if (mask & (1 << column)) table.add(item, 1 << column, readSigned(input))
    }
    return table
  }

  get bytes(): number {
    let bytes = this.#slots.bytes
    for (const column of this.#columns) bytes += 250 + column.byteLength
    for (const ranking of this.#rankings) bytes += ranking.bytes
    return bytes
  }

  /** The columns in which the row is not zero. */
  #mask(slot: number): number {
    let mask = 0
    for (let column = 0; column < this.#columns.length; column++) if (this.#columns[column]![slot] !== 0) mask |= 1 << column
    return mask
  }

  #grow(): void {
    const capacity = grown(this.#slots.capacity)
    this.#slots.rebuild(capacity)
    for (const [i, column] of this.#columns.entries()) {
      const more = new Int32Array(capacity)
      more.set(column)
      this.#columns[i] = more
    }
  }
}
