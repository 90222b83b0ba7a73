import { withRoom } from './row-index.js'
import type { Names } from './session.js'

/** The strings of one record: numbered in the order of their first use. Reused for record after record. */
export class RecordDictionary {
  strings: string[] = []
  /** About how many bytes the strings take. */
  bytes = 0
  #numbers = new Int32Array(1024)
  /** Per id: the record that its number belongs to. */
  #records = new Int32Array(1024)
  #record = 1

  constructor(private readonly names: Names) {}

  /** The number of a string, given by its id of `names`, in this record. */
  at(id: number): number {
    this.#numbers = withRoom(this.#numbers, id)
    this.#records = withRoom(this.#records, id)
    if (this.#records[id] !== this.#record) {
      const name = this.names.name(id)
      this.#records[id] = this.#record
      this.#numbers[id] = this.strings.push(name) - 1
      this.bytes += Buffer.byteLength(name) + 2
    }
    return this.#numbers[id]!
  }

  /** Begins the next record. */
  next(): void {
    this.strings = []
    this.bytes = 0
    this.#record++
  }
}
