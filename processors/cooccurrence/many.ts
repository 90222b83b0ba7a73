import type { NameOrder } from '../ranking/order.js'
import { Ranking } from '../ranking/ranking.js'
import { grown, Slots } from '../ranking/slots.js'

/** Each of the two lists that make the neighbours of a track (semantics, section 4). */
export const LIST = 100

/** The neighbours of a track that has many: three columns behind a hash index, and the rankings for the list. */
export class ManyNeighbours {
  readonly #slots: Slots
  #together: Int32Array
  #weight: Float64Array
  readonly #byTogether = new Ranking(LIST)
  /** Null while the first list holds all neighbours. */
  #byWeight: Ranking | null = null

  constructor(capacity: number) {
    this.#slots = new Slots(capacity)
    this.#together = new Int32Array(capacity)
    this.#weight = new Float64Array(capacity)
  }

  add(id: number, together: number, weight: number): void {
    let slot = this.#slots.find(id)
    if (slot < 0) {
      if (together === 0 && weight === 0) return
      if (this.#slots.size === this.#slots.capacity) this.#grow()
      slot = this.#slots.add(id)
    }
    if (together !== 0) {
      this.#together[slot]! += together
      this.#byTogether.touch(slot)
    } else if (this.#together[slot] === 0) {
      this.#byTogether.touch(slot) // it exists, or not, by its weight alone
    }
    if (weight !== 0) this.#weight[slot]! += weight
    this.#byWeight?.touch(slot)
  }

  /** The slots' pairs, those of which both numbers are 0 left out. */
  each(visit: (id: number, together: number, weight: number) => void): void {
    for (let slot = 0; slot < this.#slots.size; slot++) this.#visit(slot, visit)
  }

  /** The first by together, then those of the first by weight that are not among them. */
  list(order: NameOrder, visit: (id: number, together: number, weight: number) => void): void {
    this.#byTogether.update(this.#together, this.#weight, this.#slots, order)
    const first = this.#byTogether.top
    const count = Math.min(LIST, first.length)
    for (let i = 0; i < count; i++) this.#visit(first[i]!, visit)
    if (this.#slots.size <= LIST) return
    this.#byWeight ??= new Ranking(LIST)
    this.#byWeight.update(this.#weight, this.#together, this.#slots, order)
    const second = this.#byWeight.top
    mark(first, count)
    for (let i = 0; i < second.length && i < LIST; i++) if (marks[second[i]!] !== stamp) this.#visit(second[i]!, visit)
  }

  get bytes(): number {
    const columns = 500 + this.#together.byteLength + this.#weight.byteLength
    return columns + this.#slots.bytes + this.#byTogether.bytes + (this.#byWeight?.bytes ?? 0)
  }

  /** Forgets the rankings: the next list selects anew. */
  invalidate(): void {
    this.#byTogether.invalidate()
    this.#byWeight?.invalidate()
  }

  #visit(slot: number, visit: (id: number, together: number, weight: number) => void): void {
    const together = this.#together[slot]!
    const weight = this.#weight[slot]!
    if (together !== 0 || weight !== 0) visit(this.#slots.ids[slot]!, together, weight)
  }

  /** Drops the pairs that no longer exist, and makes room where that is not enough. */
  #grow(): void {
    const { ids, size } = this.#slots
    let kept = 0
    for (let slot = 0; slot < size; slot++) {
      if (this.#together[slot] === 0 && this.#weight[slot] === 0) continue
      ids[kept] = ids[slot]!
      this.#together[kept] = this.#together[slot]!
      this.#weight[kept++] = this.#weight[slot]!
    }
    if (kept < size) this.invalidate()
    this.#slots.size = kept
    const capacity = kept > size * 0.75 ? grown(size) : size
    this.#slots.rebuild(capacity)
    this.#together = resized(this.#together, new Int32Array(capacity), kept)
    this.#weight = resized(this.#weight, new Float64Array(capacity), kept)
  }
}

const resized = <C extends Int32Array | Float64Array>(from: C, to: C, kept: number): C => {
  to.set(from.subarray(0, kept))
  return to
}

/** Which slots are in the first list: those that carry the stamp. One array for all tracks. */
let marks = new Uint32Array(1024)
let stamp = 0

function mark(slots: readonly number[], count: number): void {
  stamp++
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!
    if (slot >= marks.length) {
      const more = new Uint32Array(slot * 2)
      more.set(marks)
      marks = more
    }
    marks[slot] = stamp
  }
}
