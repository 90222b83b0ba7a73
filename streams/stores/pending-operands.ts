export interface PendingOperand {
  readonly sequence: number
  readonly bytes: Uint8Array
}

const RECORD = 0
const START = 1
const LENGTH = 2
const BEFORE = 3
const NONE = -1

/**
 * The operands that a restart found, by key, until the key is asked for. Hundreds of thousands are loaded at once: as numbers in one array,
 * not as objects, which took a third of a restart's time.
 */
export class PendingOperands {
  /** Where the last operand of each key is. */
  readonly #last = new Map<number, number>()
  /** For each operand: its record, where it begins and its length there, and where the operand of the same key before it is. */
  #operands: number[] = []
  #records: { readonly sequence: number; bytes: Uint8Array | undefined }[] = []
  /** So many of the oldest records were dropped. */
  #dropped = 0

  /** What is added now is in this record. */
  record(sequence: number, bytes: Uint8Array): void {
    this.#records.push({ sequence, bytes })
  }

  add(id: number, start: number, length: number): void {
    const before = this.#last.get(id) ?? NONE
    this.#last.set(id, this.#operands.length)
    this.#operands.push(this.#records.length - 1, start, length, before)
  }

  has(id: number): boolean {
    return this.#last.has(id)
  }

  /** The oldest first; they are not pending any more. */
  take(id: number): PendingOperand[] {
    const found: PendingOperand[] = []
    for (let at = this.#last.get(id) ?? NONE; at !== NONE; at = this.#operands[at + BEFORE]!) {
      const { sequence, bytes } = this.#records[this.#operands[at + RECORD]!]!
      const start = this.#operands[at + START]!
      found.push({ sequence, bytes: bytes!.subarray(start, start + this.#operands[at + LENGTH]!) })
    }
    if (this.#last.delete(id) && this.#last.size === 0) {
      this.#operands = []
      this.#records = []
    }
    return found.reverse()
  }

  /** So many of the oldest records are dropped: whoever drops them takes their operands until the next call. */
  dropped(count: number): void {
    for (const record of this.#records.slice(0, this.#dropped)) record.bytes = undefined
    this.#dropped += count
  }
}
