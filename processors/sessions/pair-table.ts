import { RowIndex, withRoom } from './row-index.js'

/** Changes by pair of tracks, merged; a row has both directions, `a < b`. */
export class PairTable {
  readonly #index = new RowIndex()
  a = new Int32Array(512)
  b = new Int32Array(512)
  together = new Int32Array(512)
  /** Of W(a -> b). */
  forward = new Float64Array(512)
  /** Of W(b -> a). */
  backward = new Float64Array(512)

  get size(): number {
    return this.#index.size
  }

  add(a: number, b: number, forward: number, backward: number, together: number): void {
    const row = a < b ? this.#row(a, b) : this.#row(b, a)
    this.forward[row]! += a < b ? forward : backward
    this.backward[row]! += a < b ? backward : forward
    this.together[row]! += together
  }

  clear(): void {
    this.#index.clear()
  }

  #row(a: number, b: number): number {
    const index = this.#index
    const hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)
    let at = index.start(hash)
    for (let row = index.rowAt(at); row >= 0; row = index.rowAt(at)) {
      if (this.a[row] === a && this.b[row] === b) return row
      at = index.next(at)
    }
    const row = index.add(at, hash)
    if (row === this.a.length) this.#grow(row)
    this.a[row] = a
    this.b[row] = b
    this.together[row] = 0
    this.forward[row] = 0
    this.backward[row] = 0
    return row
  }

  #grow(row: number): void {
    this.a = withRoom(this.a, row)
    this.b = withRoom(this.b, row)
    this.together = withRoom(this.together, row)
    this.forward = withRoom(this.forward, row)
    this.backward = withRoom(this.backward, row)
  }
}
