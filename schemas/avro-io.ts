/**
 * Avro's binary encoding of primitives: https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
 * Both classes are reused for value after value. Longs are exact integers below 2^53.
 */

/** The message has no context: the codec adds where it happened. */
export class AvroError extends Error {
  override name = 'AvroError'
}

/** Writes into a buffer that grows. Refuses values that do not fit their type, NaN and infinities included. */
export class AvroWriter {
  private buffer: Buffer
  private view: DataView
  position = 0

  constructor(bytes = 64 * 1024) {
    this.buffer = Buffer.allocUnsafeSlow(bytes)
    this.view = new DataView(this.buffer.buffer)
  }

  /** A copy of what was written. */
  copy(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.position))
  }

  boolean(value: boolean): void {
    if (typeof value !== 'boolean') throw new AvroError('not a boolean')
    this.reserve(1)
    this.buffer[this.position++] = value ? 1 : 0
  }

  int(value: number): void {
    if (value !== (value | 0)) throw new AvroError('not an int')
    this.varint(value)
  }

  long(value: number): void {
    if (!Number.isSafeInteger(value)) throw new AvroError('not a long')
    this.varint(value)
  }

  double(value: number): void {
    if (!Number.isFinite(value)) throw new AvroError('not a finite number')
    this.reserve(8)
    this.view.setFloat64(this.position, value, true)
    this.position += 8
  }

  bytes(value: Buffer): void {
    if (!(value instanceof Uint8Array)) throw new AvroError('not bytes')
    this.varint(value.length)
    this.raw(value)
  }

  /** Bytes without a length. */
  raw(value: Uint8Array): void {
    this.reserve(value.length)
    this.buffer.set(value, this.position)
    this.position += value.length
  }

  string(value: string): void {
    if (typeof value !== 'string') throw new AvroError('not a string')
    if (this.shortString(value)) return
    const length = Buffer.byteLength(value)
    this.varint(length)
    this.reserve(length)
    this.position += this.buffer.write(value, this.position)
  }

  /** For so few bytes copying ASCII here is faster than the call into native code, and the length takes one byte. */
  private shortString(value: string): boolean {
    const { length } = value
    if (length > 40) return false
    this.reserve(length + 1)
    const { buffer } = this
    let at = this.position
    buffer[at++] = length << 1
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) return false
      buffer[at++] = code
    }
    this.position = at
    return true
  }

  /** The index of a union's branch, or of an enum's symbol. */
  index(value: number): void {
    if (value < 0) throw new AvroError('not a symbol of its enum')
    this.varint(value)
  }

  /** The beginning of an array. True where items follow: then `end` must. */
  array(items: ArrayLike<unknown>): boolean {
    if (!Array.isArray(items) && !ArrayBuffer.isView(items)) throw new AvroError('not an array')
    this.varint(items.length)
    return items.length > 0
  }

  /** The beginning of a map, as `array`. */
  map(items: Readonly<Record<string, unknown>>): boolean {
    return this.array(Object.keys(items))
  }

  end(): void {
    this.varint(0)
  }

  private varint(value: number): void {
    this.reserve(10)
    if (value >= -0x40000000 && value < 0x40000000) this.unsigned((value << 1) ^ (value >> 31))
    else this.wide(value)
  }

  /** The zig-zag of these does not fit 32 bits, nor always a double: sign and lowest 6 bits go first, then 28, then the rest. */
  private wide(value: number): void {
    const magnitude = value < 0 ? -(value + 1) : value
    const high = Math.floor(magnitude / 0x400000000)
    const middle = ((magnitude - high * 0x400000000) / 64) | 0
    const { buffer } = this
    const at = this.position
    buffer[at] = ((magnitude & 0x3f) << 1) | (value < 0 ? 1 : 0) | 0x80
    buffer[at + 1] = (middle & 0x7f) | 0x80
    buffer[at + 2] = ((middle >>> 7) & 0x7f) | 0x80
    buffer[at + 3] = ((middle >>> 14) & 0x7f) | 0x80
    buffer[at + 4] = (middle >>> 21) | (high > 0 ? 0x80 : 0)
    this.position = at + 5
    if (high > 0) this.unsigned(high)
  }

  private unsigned(value: number): void {
    const { buffer } = this
    let at = this.position
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80
    buffer[at++] = rest
    this.position = at
  }

  private reserve(bytes: number): void {
    if (this.position + bytes > this.buffer.length) this.grow(bytes)
  }

  private grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * (this.position + bytes))
    this.buffer.copy(larger, 0, 0, this.position)
    this.buffer = larger
    this.view = new DataView(larger.buffer)
  }
}

/** What `toString('utf8', ...)` calls after looking at its arguments, which costs as much again for a short string. */
type NativeBuffer = Buffer & { utf8Slice(start: number, end: number): string }
const none = Buffer.alloc(0) as NativeBuffer

/** Reads, and throws an AvroError rather than read beyond the end, whatever the bytes are. */
export class AvroReader {
  private buffer = none
  /** Made when the first double is read: most records have none. */
  private view: DataView | undefined
  private end = 0
  position = 0

  /** Goes on with these bytes, from `position`. */
  open(bytes: Uint8Array, position = 0): this {
    this.buffer = (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) as NativeBuffer
    this.view = undefined
    this.end = bytes.length
    this.position = position
    return this
  }

  /** @throws AvroError bytes are left over. */
  close(): void {
    const left = this.end - this.position
    this.buffer = none
    if (left > 0) throw new AvroError(`it goes on for ${left} bytes after its end`)
  }

  boolean(): boolean {
    const at = this.take(1)
    const byte = this.buffer[at]!
    if (byte > 1) throw new AvroError(`the boolean at byte ${at} is ${byte}`)
    return byte === 1
  }

  int(): number {
    const value = this.long()
    if (value !== (value | 0)) throw new AvroError(`the int before byte ${this.position} is ${value}, beyond 32 bits`)
    return value
  }

  long(): number {
    const start = this.take(1)
    const first = this.buffer[start]!
    let value = (first & 0x7f) >> 1
    if (first > 0x7f) value += this.rest(start)
    return (first & 1) === 0 ? value : -value - 1
  }

  /** What the bytes of a varint after its first add. Arithmetic is exact as long as the result is accepted. */
  private rest(start: number): number {
    let value = 0
    let scale = 64
    let byte: number
    do {
      byte = this.buffer[this.take(1)]!
      value += (byte & 0x7f) * scale
      scale *= 128
    } while (byte > 0x7f && this.position - start < 10)
    if (byte > 0x7f) throw new AvroError(`the integer at byte ${start} has more than 10 bytes`)
    if (value > Number.MAX_SAFE_INTEGER - 63) throw new AvroError(`the long at byte ${start} is beyond 2^53`)
    return value
  }

  float(): number {
    return this.buffer.readFloatLE(this.take(4))
  }

  double(): number {
    const at = this.take(8)
    const { buffer } = this
    this.view ??= new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
    return this.view.getFloat64(at, true)
  }

  bytes(): Buffer {
    const length = this.length()
    const at = this.take(length)
    return Buffer.from(this.buffer.subarray(at, at + length))
  }

  string(): string {
    const length = this.length()
    const start = this.take(length)
    const text = this.buffer.utf8Slice(start, this.position)
    // Bytes that are not UTF-8 turn into U+FFFD, which may also be meant.
    if (text.includes('\ufffd') && Buffer.compare(Buffer.from(text), this.buffer.subarray(start, this.position)) !== 0) {
      throw new AvroError(`the string at byte ${start} is not UTF-8`)
    }
    return text
  }

  /** The index of a union's branch, or of an enum's symbol, below `count`. */
  index(count: number): number {
    const value = this.long()
    if (value < 0 || value >= count)
      throw new AvroError(`before byte ${this.position} stands the index ${value} of ${count} branches or symbols`)
    return value
  }

  /** The number of items that follow; 0: the array or map ends. */
  block(): number {
    let items = this.long()
    if (items < 0) {
      items = -items
      this.length()
    }
    // Without this a few bytes could ask for billions of items. An item has at least one byte.
    if (items > this.end - this.position)
      throw new AvroError(`before byte ${this.position} stands a count of ${items} items, more than can follow`)
    return items
  }

  /** Skips that many bytes and returns where they began. */
  take(bytes: number): number {
    const at = this.position
    if (bytes > this.end - at) throw new AvroError(`it ends at byte ${this.end} where ${bytes} more were expected from byte ${at}`)
    this.position = at + bytes
    return at
  }

  private length(): number {
    const value = this.long()
    if (value < 0) throw new AvroError(`before byte ${this.position} stands a negative length`)
    return value
  }
}
