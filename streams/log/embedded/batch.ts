/**
 * The record batch: what one commit adds to one partition, as one value of the journal.
 *
 *   0 kind · 1 format · 2 cleaned · 4 crc32 of what follows · 8 topic id · 12 partition · 16 first offset covered ·
 *   24 last offset covered · 32 base time · 40 greatest time · 48 tombstones removable from · 56 records · 60 the records:
 *   offset − first, zigzag(time − base time), key length + 1 (0: null), key, value length + 1, value, headers
 *
 * Integers of the header are little-endian; offsets and times are doubles. In a record all numbers are varints (LEB128).
 */
import { crc32 } from 'node:zlib'
import type { NewRecord } from '../log.js'

export const KIND_RECORDS = 1
export const FORMAT = 1
export const HEADER_BYTES = 60
/** At most this many bytes around one record's key and value. */
export const RECORD_OVERHEAD = 32

export interface BatchHead {
  readonly topicId: number
  readonly partition: number
  /** A batch covers the offsets first..last; after cleaning not all of them have a record. */
  readonly first: number
  readonly last: number
  readonly maxTime: number
  /** When its tombstones may go, milliseconds since the epoch; 0 where that isn't set. */
  readonly horizon: number
  readonly cleaned: boolean
  readonly count: number
}

export const kindOf = (value: Buffer): number => (value[1] === FORMAT ? value[0]! : 0)
export const isWhole = (value: Buffer): boolean => value.length > 8 && value.readUInt32LE(4) === crc32(value.subarray(8))
export const seal = (value: Buffer): number => value.writeUInt32LE(crc32(value.subarray(8)), 4)

export function readHead(value: Buffer): BatchHead {
  return {
    topicId: value.readUInt32LE(8),
    partition: value.readUInt32LE(12),
    first: value.readDoubleLE(16),
    last: value.readDoubleLE(24),
    maxTime: value.readDoubleLE(40),
    horizon: value.readDoubleLE(48),
    cleaned: value[2] === 1,
    count: value.readUInt32LE(56)
  }
}

type Headers = Readonly<Record<string, string>>

/** Bytes that a record takes in a batch, at most. */
export function recordBound({ key, value, headers }: { key: Buffer | null; value: Buffer | null; headers?: Headers }): number {
  let bytes = RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0)
  if (headers) for (const name in headers) bytes += 10 + 3 * (name.length + headers[name]!.length)
  return bytes
}

/** Writes one batch. The capacity grows where it must; hot paths give enough. */
export class BatchWriter {
  #buffer: Buffer
  #position = HEADER_BYTES
  #baseTime = 0
  count = 0
  maxTime = Number.NEGATIVE_INFINITY

  constructor(
    readonly first: number,
    capacity: number
  ) {
    this.#buffer = Buffer.allocUnsafeSlow(HEADER_BYTES + capacity)
  }

  get bytes(): number {
    return this.#position
  }

  /** Whether so many bytes more would exceed the capacity, or what it has grown to. */
  isFullFor(bytes: number): boolean {
    return this.count > 0 && this.#position + bytes > this.#buffer.length
  }

  record(offset: number, timestamp: number, record: NewRecord, bound: number): void {
    this.#begin(offset, timestamp, bound)
    this.#bytes(record.key)
    this.#bytes(record.value)
    if (record.headers) this.#headers(record.headers)
    else this.#varint(0)
  }

  /** Copies a record as it is. */
  copy(from: BatchCursor): void {
    const body = from.body()
    this.#begin(from.offset, from.timestamp, RECORD_OVERHEAD + body.length)
    this.#buffer.set(body, this.#position)
    this.#position += body.length
  }

  finish(topicId: number, partition: number, last: number, cleaned?: { horizon: number }): Buffer {
    const value = this.#buffer.subarray(0, this.#position)
    value.fill(0, 0, 8)
    value[0] = KIND_RECORDS
    value[1] = FORMAT
    value[2] = cleaned ? 1 : 0
    value.writeUInt32LE(topicId, 8)
    value.writeUInt32LE(partition, 12)
    value.writeDoubleLE(this.first, 16)
    value.writeDoubleLE(last, 24)
    value.writeDoubleLE(this.#baseTime, 32)
    value.writeDoubleLE(this.maxTime, 40)
    value.writeDoubleLE(cleaned?.horizon ?? 0, 48)
    value.writeUInt32LE(this.count, 56)
    seal(value)
    return value
  }

  #begin(offset: number, timestamp: number, bytes: number): void {
    if (this.#position + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#position + bytes))
      this.#buffer.copy(larger, 0, 0, this.#position)
      this.#buffer = larger
    }
    if (this.count++ === 0) this.#baseTime = timestamp
    if (timestamp > this.maxTime) this.maxTime = timestamp
    const delta = timestamp - this.#baseTime
    this.#varint(offset - this.first)
    this.#varint(delta < 0 ? -2 * delta - 1 : 2 * delta)
  }

  #varint(number: number): void {
    let rest = number
    while (rest >= 0x80000000) {
      this.#buffer[this.#position++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest >= 0x80) {
      this.#buffer[this.#position++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#position++] = rest
  }

  #bytes(bytes: Buffer | null): void {
    this.#varint(bytes === null ? 0 : bytes.length + 1)
    if (bytes === null) return
    this.#buffer.set(bytes, this.#position)
    this.#position += bytes.length
  }

  #headers(headers: Headers): void {
    const names = Object.keys(headers)
    this.#varint(names.length)
    for (const name of names) {
      this.#bytes(Buffer.from(name))
      this.#bytes(Buffer.from(headers[name]!))
    }
  }
}

/** Walks over the records of a batch without allocating; keys and values are views of the batch. */
export class BatchCursor {
  offset = -1
  timestamp = 0
  #body = 0
  #keyStart = 0
  #keyEnd = 0
  #valueStart = 0
  #valueEnd = 0
  #headers = 0
  #position = HEADER_BYTES
  #left: number
  readonly #first: number
  readonly #baseTime: number

  constructor(readonly buffer: Buffer) {
    this.#first = buffer.readDoubleLE(16)
    this.#baseTime = buffer.readDoubleLE(32)
    this.#left = buffer.readUInt32LE(56)
  }

  next(): boolean {
    if (this.#left === 0) return false
    this.#left--
    this.offset = this.#first + this.#varint()
    const zigzag = this.#varint()
    this.timestamp = this.#baseTime + (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2)
    this.#body = this.#position
    const key = this.#varint() - 1
    this.#keyStart = this.#position
    this.#keyEnd = this.#keyStart + key
    if (key > 0) this.#position = this.#keyEnd
    const value = this.#varint() - 1
    this.#valueStart = this.#position
    this.#valueEnd = this.#valueStart + value
    if (value > 0) this.#position = this.#valueEnd
    this.#headers = this.#position
    for (let texts = 2 * this.#varint(); texts > 0; texts--) this.#text()
    return true
  }

  get key(): Buffer | null {
    return this.#keyEnd < this.#keyStart ? null : this.buffer.subarray(this.#keyStart, this.#keyEnd)
  }

  get value(): Buffer | null {
    return this.#valueEnd < this.#valueStart ? null : this.buffer.subarray(this.#valueStart, this.#valueEnd)
  }

  get isTombstone(): boolean {
    return this.#valueEnd < this.#valueStart
  }

  /** The key as a string of its bytes, for maps. */
  get keyText(): string | null {
    return this.#keyEnd < this.#keyStart ? null : this.buffer.toString('latin1', this.#keyStart, this.#keyEnd)
  }

  get headers(): Record<string, string> | undefined {
    if (this.buffer[this.#headers] === 0) return undefined
    const after = this.#position
    this.#position = this.#headers
    const headers: [string, string][] = []
    for (let pairs = this.#varint(); pairs > 0; pairs--) headers.push([this.#text().toString(), this.#text().toString()])
    this.#position = after
    return Object.fromEntries(headers)
  }

  /** Bytes of the key and the value. */
  get size(): number {
    return Math.max(0, this.#keyEnd - this.#keyStart) + Math.max(0, this.#valueEnd - this.#valueStart)
  }

  /** Key, value and headers as they are stored. */
  body(): Buffer {
    return this.buffer.subarray(this.#body, this.#position)
  }

  #text(): Buffer {
    const length = this.#varint() - 1
    const start = this.#position
    this.#position = start + length
    return this.buffer.subarray(start, start + length)
  }

  #varint(): number {
    const buffer = this.buffer
    let byte = buffer[this.#position++]!
    if (byte < 0x80) return byte
    let result = byte & 0x7f
    let scale = 128
    do {
      byte = buffer[this.#position++]!
      result += (byte & 0x7f) * scale
      scale *= 128
    } while (byte >= 0x80)
    return result
  }
}
