import type { ByteReader, ByteWriter } from '../../streams/processor.js'
import type { NameOrder } from '../ranking/order.js'
import { readSigned, writeSigned } from '../ranking/packing.js'

/** How many of the latest are kept. */
const KEPT = 8
const ROW = 4

/** Dictionary ids. */
export interface Naming {
  readonly name: number
  readonly artist: number
}

/**
 * The latest names that accepted events gave a thing, with the number of events behind each, so that taking one back lets
 * the one before it stand again. Exact while no more than seven of the latest are taken back for good, and no more than
 * eight differ at one millisecond; beyond that the latest of those forgotten stands, taken back or not.
 */
export class Candidates {
  /** Rows of time, name, artist, count; the latest first, equal times by the greater ids. */
  #rows: number[] = []
  /** The greatest row that was forgotten: what is not after it is not kept. */
  #forgotten: number[] | null = null

  add(time: number, name: number, artist: number, count: number): void {
    if (this.#forgotten !== null && compare(this.#forgotten, 0, time, name, artist) >= 0) return
    const rows = this.#rows
    let at = 0
    while (at < rows.length && compare(rows, at, time, name, artist) > 0) at += ROW
    if (at === rows.length || compare(rows, at, time, name, artist) !== 0) {
      if (count !== 0) rows.splice(at, 0, time, name, artist, count)
      if (rows.length > KEPT * ROW) this.#forgotten = rows.splice(KEPT * ROW)
      return
    }
    rows[at + 3]! += count
    if (rows[at + 3] === 0) rows.splice(at, ROW)
  }

  /** Whether any of those that are kept stands. */
  get known(): boolean {
    for (let at = 0; at < this.#rows.length; at += ROW) if (this.#rows[at + 3]! > 0) return true
    return false
  }

  /** Of the accepted event with the greatest time, then name in bytes (then artist); undefined: there is none. */
  standing(order: NameOrder): Naming | undefined {
    const rows = this.#rows
    let best = -1
    for (let at = 0; at < rows.length; at += ROW) {
      if (rows[at + 3]! <= 0) continue
      if (best >= 0 && rows[at]! < rows[best]!) break
      if (best < 0 || (order.compare(rows[at + 1]!, rows[best + 1]!) || order.compare(rows[at + 2]!, rows[best + 2]!)) > 0) best = at
    }
    const from = best >= 0 ? rows : (this.#forgotten ?? [])
    const at = Math.max(best, 0)
    return from.length === 0 ? undefined : { name: from[at + 1]!, artist: from[at + 2]! }
  }

  write(out: ByteWriter): void {
    out.u8(this.#rows.length / ROW)
    out.u8(this.#forgotten === null ? 0 : 1)
    for (const rows of [this.#rows, this.#forgotten ?? []]) {
      for (let at = 0; at < rows.length; at += ROW) writeRow(out, rows, at)
    }
  }

  static read(input: ByteReader): Candidates {
    const candidates = new Candidates()
    const size = input.u8()
    const forgotten = input.u8() === 1
    for (let i = 0; i < size; i++) readRow(input, candidates.#rows)
    if (forgotten) candidates.#forgotten = readRow(input, [])
    return candidates
  }

  get bytes(): number {
    return 100 + (KEPT + 1) * ROW * 8
  }
}

function compare(rows: readonly number[], at: number, time: number, name: number, artist: number): number {
  return rows[at]! - time || rows[at + 1]! - name || rows[at + 2]! - artist
}

/** A row of four numbers: time, name, artist (or track), count. */
export function writeRow(out: ByteWriter, rows: readonly number[], at: number): void {
  out.varint(rows[at]!)
  out.varint(rows[at + 1]!)
  out.varint(rows[at + 2]!)
  writeSigned(out, rows[at + 3]!)
}

export function readRow(input: ByteReader, rows: number[]): number[] {
  rows.push(input.varint(), input.varint(), input.varint(), readSigned(input))
  return rows
}
