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
}
