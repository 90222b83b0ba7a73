const CHUNK = 1 << 16

/** Offsets as bits: an eighth of a byte each, where there are any. */
export class OffsetSet {
  readonly #chunks = new Map<number, Uint8Array>()

  /** False: it was there. */
  add(offset: number): boolean {
    const number = Math.floor(offset / CHUNK)
    let chunk = this.#chunks.get(number)
    if (chunk === undefined) {
      chunk = new Uint8Array(CHUNK / 8)
      this.#chunks.set(number, chunk)
    }
    const at = offset % CHUNK
    const bit = 1 << (at & 7)
    if ((chunk[at >> 3]! & bit) !== 0) return false
    chunk[at >> 3]! |= bit
    return true
  }

  has(offset: number): boolean {
    const at = offset % CHUNK
    return ((this.#chunks.get(Math.floor(offset / CHUNK))?.[at >> 3] ?? 0) & (1 << (at & 7))) !== 0
  }

  /** How many there are from `from` to before `next`. */
  count(from: number, next: number): number {
    let count = 0
    for (let offset = from; offset < next; offset++) if (this.has(offset)) count++
    return count
  }
}
