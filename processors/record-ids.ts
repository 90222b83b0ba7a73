import type { Dictionary } from '../streams/processor.js'

/** The ids that a record's strings have in a store: each string is looked up once, however often the record points at it. */
export class RecordIds {
  readonly #ids: Int32Array

  constructor(
    private readonly strings: readonly string[],
    private readonly dictionary: Dictionary
  ) {
    this.#ids = new Int32Array(strings.length).fill(-1)
  }

  /** `index`: of the record's strings. */
  at(index: number): number {
    if (this.#ids[index] === -1) this.#ids[index] = this.dictionary.intern(this.strings[index]!)
    return this.#ids[index]!
  }
}
