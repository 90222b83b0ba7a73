import type { ByteReader, ByteWriter } from './processor.js'

/** A growing buffer; little-endian; `varint` is unsigned LEB128, up to 2^53. */
export class Bytes implements ByteWriter {
  #buffer: Buffer
  #length = 0

  constructor(initialSize = 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(initialSize)
  }

  get length(): number {
    return this.#length
  }

  /** Copies out what was written since the beginning (or `from`). */
  take(from = 0): Buffer {
    return Buffer.from(this.#buffer.subarray(from, this.#length))
  }

  /** What was written, without a copy: until the next write or `reset`. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  reset(): void {
    this.#length = 0
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#length++] = value
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#length = this.#buffer.writeUInt32LE(value, this.#length)
  }

  i32(value: number): void {
    this.#reserve(4)
    this.#length = this.#buffer.writeInt32LE(value, this.#length)
  }

  varint(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest > 0x7fffffff) {
      this.#buffer[this.#length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#length++] = rest
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#length = this.#buffer.writeDoubleLE(value, this.#length)
  }

  string(value: string): void {
    const size = Buffer.byteLength(value)
    this.varint(size)
    this.#reserve(size)
    this.#length += this.#buffer.write(value, this.#length)
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#buffer.set(value, this.#length)
    this.#length += value.length
  }

  /** Overwrites a u32 written before (a length that was not known yet). */
  patchU32(at: number, value: number): void {
    this.#buffer.writeUInt32LE(value, at)
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#length + size))
    this.#buffer.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
  }
}

/** Reads what `Bytes` wrote. @throws RangeError beyond the end. */
export class BytesReader implements ByteReader {
  readonly #buffer: Buffer
  #at: number
  readonly #end: number

  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#at = from
    this.#end = to
  }

  get remaining(): number {
    return this.#end - this.#at
  }

  get offset(): number {
    return this.#at
  }

  skip(length: number): void {
    this.#take(length)
  }

  u8(): number {
    return this.#buffer.readUInt8(this.#take(1))
  }

  u32(): number {
    return this.#buffer.readUInt32LE(this.#take(4))
  }

  i32(): number {
    return this.#buffer.readInt32LE(this.#take(4))
  }

  varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.#buffer[this.#take(1)]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
  }

  f64(): number {
    return this.#buffer.readDoubleLE(this.#take(8))
  }

  string(): string {
    const size = this.varint()
    const from = this.#take(size)
    return this.#buffer.toString('utf8', from, from + size)
  }

  bytes(length: number): Uint8Array {
    const from = this.#take(length)
    return this.#buffer.subarray(from, from + length)
  }

  #take(size: number): number {
    const from = this.#at
    if (from + size > this.#end) throw new RangeError(`${size} more bytes are needed, ${this.#end - from} are left`)
    this.#at = from + size
    return from
  }
}
