/**
 * Finds rows of a table by a hash: open addressing over typed arrays. The table compares its own columns:
 * `for (let at = index.start(hash); (row = index.rowAt(at)) >= 0; at = index.next(at)) if (equal(row)) ...; index.add(at, hash)`
 */
export class RowIndex {
  #slots = new Int32Array(1024).fill(-1)
  #hashes = new Int32Array(512)
  #mask = 1023
  size = 0

  start(hash: number): number {
    const mixed = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
    return (mixed ^ (mixed >>> 15)) & this.#mask
  }

  next(at: number): number {
    return (at + 1) & this.#mask
  }

  /** -1: free, the row is absent. */
  rowAt(at: number): number {
    return this.#slots[at]!
  }

  /** Gives the next row to the free place where a search ended. */
  add(at: number, hash: number): number {
    const row = this.size++
    this.#slots[at] = row
    this.#hashes[row] = hash
    if (this.size === this.#hashes.length) this.#grow()
    return row
  }

  clear(): void {
    // A burst is not paid for ever after.
    if (this.#hashes.length > 8192 && this.size < this.#hashes.length / 8) this.#allocate(this.#hashes.length / 4)
    else this.#slots.fill(-1)
    this.size = 0
  }

  #grow(): void {
    const hashes = this.#hashes
    this.#allocate(hashes.length * 2)
    this.#hashes.set(hashes)
    for (let row = 0; row < this.size; row++) {
      let at = this.start(hashes[row]!)
      while (this.#slots[at]! >= 0) at = this.next(at)
      this.#slots[at] = row
    }
  }

  #allocate(rows: number): void {
    this.#hashes = new Int32Array(rows)
    this.#slots = new Int32Array(rows * 2).fill(-1)
    this.#mask = rows * 2 - 1
  }
}

type Column = Int32Array | Float64Array

/** The column, with room for a row. */
export function withRoom<C extends Column>(column: C, row: number): C {
  if (row < column.length) return column
  const grown = new (column.constructor as new (length: number) => C)(Math.max(row + 1, column.length * 2))
  grown.set(column as never)
  return grown
}
