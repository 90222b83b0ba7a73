/** Numbers that are collected for one record after the other: their room is kept, so that an array does not grow anew for each. */
export class Column {
  readonly #numbers: number[] = []
  #size = 0

  push(value: number): void {
    this.#numbers[this.#size++] = value
  }

  /** The last one; there must be one. */
  pop(): number {
    return this.#numbers[--this.#size]!
  }

  /** A copy of all, which are gone. */
  take(): number[] {
    const taken = this.#numbers.slice(0, this.#size)
    this.#size = 0
    return taken
  }
}
