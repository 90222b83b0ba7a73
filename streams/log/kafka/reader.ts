/** Reads the plain types of Kafka's protocol (big-endian). */
export class Reader {
  #at = 0

  constructor(readonly buffer: Buffer) {}

  int16(): number {
    this.#at += 2
    return this.buffer.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.buffer.readInt32BE(this.#at - 4)
  }

  int64(): bigint {
    this.#at += 8
    return this.buffer.readBigInt64BE(this.#at - 8)
  }

  raw(length: number): Buffer {
    this.#at += length
    return this.buffer.subarray(this.#at - length, this.#at)
  }

  string(): string {
    const length = this.int16()
    this.#at += length
    return this.buffer.toString('utf8', this.#at - length, this.#at)
  }

  /** A view; empty where the protocol says null. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32())
    this.#at += length
    return this.buffer.subarray(this.#at - length, this.#at)
  }

  /** Of the flexible versions (KIP-482): lengths are one more than they say, 0 stands for null. */
  uvarint(): number {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = this.buffer[this.#at++]!
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  /** Empty where the protocol says null. */
  compactString(): string {
    const length = Math.max(0, this.uvarint() - 1)
    this.#at += length
    return this.buffer.toString('utf8', this.#at - length, this.#at)
  }

  *compactArray(): Iterable<void> {
    for (let count = this.uvarint(); count > 1; count--) yield
  }

  /** Fields that a newer broker may add. */
  tags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint()
      this.#at += this.uvarint()
    }
  }
}
