/** 2^32 divided by the golden ratio: spreads dense ids over the index (Knuth, TAOCP 3, 6.4). */
const GOLDEN = 0x9e3779b1
/** Up to here a linear search beats an index, and costs no memory. */
const LINEAR = 16

/**
 * Gives ids (u32) dense slots 0, 1, 2, ... for the columns beside it: an open-addressing index over typed arrays.
 * Slots never move until `rebuild`.
 */
export class Slots {
  ids: Uint32Array
  size = 0
  #index: Uint16Array | Uint32Array | null = null
  #shift = 0

  constructor(capacity: number) {
    this.ids = new Uint32Array(capacity)
    this.#reindex()
  }

  get capacity(): number {
    return this.ids.length
  }

  /** -1: absent. */
  find(id: number): number {
    const ids = this.ids
    const index = this.#index
    if (index === null) {
      for (let slot = 0; slot < this.size; slot++) if (ids[slot] === id) return slot
      return -1
    }
    const mask = index.length - 1
    for (let at = Math.imul(id, GOLDEN) >>> this.#shift; ; at = (at + 1) & mask) {
      const entry = index[at]!
      if (entry === 0) return -1
      if (ids[entry - 1] === id) return entry - 1
    }
  }

  /** The slot of an id that is absent. Only while there is room: size < capacity. */
  add(id: number): number {
    const slot = this.size++
    this.ids[slot] = id
    if (this.#index !== null) this.#enter(this.#index, slot)
    return slot
  }

  /** Makes room, or after the owner has moved ids itself. */
  rebuild(capacity: number): void {
    const ids = new Uint32Array(capacity)
    ids.set(this.ids.subarray(0, this.size))
    this.ids = ids
    this.#reindex()
  }

  /** Bytes of memory, the two arrays' own objects included. */
  get bytes(): number {
    return 500 + this.ids.byteLength + (this.#index?.byteLength ?? 0)
  }

  #reindex(): void {
    if (this.capacity <= LINEAR) return
    const bits = Math.ceil(Math.log2(this.capacity * 1.5))
    this.#shift = 32 - bits
    const index = this.capacity < 0xffff ? new Uint16Array(2 ** bits) : new Uint32Array(2 ** bits)
    for (let slot = 0; slot < this.size; slot++) this.#enter(index, slot)
    this.#index = index
  }

  #enter(index: Uint16Array | Uint32Array, slot: number): void {
    const mask = index.length - 1
    let at = Math.imul(this.ids[slot]!, GOLDEN) >>> this.#shift
    while (index[at] !== 0) at = (at + 1) & mask
    index[at] = slot + 1
  }
}

/** The next capacity of a table that is full: half as much again, so that a sixth is unused on average. */
export const grown = (capacity: number): number => Math.ceil((capacity * 1.5) / 4) * 4
