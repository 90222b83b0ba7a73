import type { NameOrder } from '../ranking/order.js'

/** A literal of doubles, so that V8 stores the array made from it as plain 8-byte doubles from the start. */
const ROOM = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
const STRIDE = 3

/**
 * The neighbours of a track that has few: one array of (id, together, weight), searched linearly. A pair of which both
 * numbers are 0 is removed at once.
 */
export class FewNeighbours {
  #rows: number[] = []
  size = 0

  add(id: number, together: number, weight: number): void {
    const rows = this.#rows
    const end = this.size * STRIDE
    for (let at = 0; at < end; at += STRIDE) {
      if (rows[at] !== id) continue
      rows[at + 1]! += together
      rows[at + 2]! += weight
      if (rows[at + 1] === 0 && rows[at + 2] === 0) this.#remove(at)
      return
    }
    if (together === 0 && weight === 0) return
    if (rows.length === end) this.#rows = rows.concat(ROOM)
    this.#set(end, id, together, weight)
    this.size++
  }

  /** In the order of the rows. */
  each(visit: (id: number, together: number, weight: number) => void): void {
    const rows = this.#rows
    for (let at = 0; at < this.size * STRIDE; at += STRIDE) visit(rows[at]!, rows[at + 1]!, rows[at + 2]!)
  }

  /** By together, descending, equal ones by name; in place, by insertion: the rows are nearly sorted since the last time. */
  sort(order: NameOrder): void {
    const rows = this.#rows
    for (let from = STRIDE; from < this.size * STRIDE; from += STRIDE) {
      const id = rows[from]!
      const together = rows[from + 1]!
      const weight = rows[from + 2]!
      let at = from
      for (; at > 0; at -= STRIDE) {
        const before = rows[at - 2]!
        if (before > together || (before === together && order.compare(rows[at - STRIDE]!, id) < 0)) break
        this.#set(at, rows[at - STRIDE]!, before, rows[at - 1]!)
      }
      if (at !== from) this.#set(at, id, together, weight)
    }
  }

  get bytes(): number {
    return 100 + this.#rows.length * 8
  }

  #remove(at: number): void {
    this.size--
    const last = this.size * STRIDE
    this.#set(at, this.#rows[last]!, this.#rows[last + 1]!, this.#rows[last + 2]!)
  }

  #set(at: number, id: number, together: number, weight: number): void {
    this.#rows[at] = id
    this.#rows[at + 1] = together
    this.#rows[at + 2] = weight
  }
}
