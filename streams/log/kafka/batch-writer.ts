/**
 * Writes Kafka's record batch, version 2 (kafka.apache.org/documentation, "Record Batch"), which kafkajs does through an
 * object and several buffers for each record.
 */
import type { NewRecord } from '../log.js'
import { codecOf } from './compression.js'
import { crc32c } from './crc32c.js'
import type { Compression } from './options.js'

export const HEADER_BYTES = 61
/** Below this, compressing costs more than it saves. */
const LEAST_COMPRESSED = 256
const TRANSACTIONAL = 0x10
/** Around key and value: length, attributes, times, lengths. */
const OVERHEAD = 40

export interface BatchProducer {
  readonly producerId: bigint
  readonly epoch: number
  /** Of the first record, counted per partition. */
  readonly sequence: number
  readonly transactional: boolean
  readonly compression: Compression
}

/** At most so many bytes of a batch, before it is compressed. */
export function boundOf({ key, value, headers }: NewRecord): number {
  let bytes = OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0)
  if (headers) for (const name in headers) bytes += 10 + 3 * (name.length + headers[name]!.length)
  return bytes
}

/** @param now the time of records that have none */
export function writeBatch(records: readonly NewRecord[], producer: BatchProducer, now: number): Buffer {
  let bound = 0
  for (const record of records) bound += boundOf(record)
  const body = new Writer(Buffer.allocUnsafe(HEADER_BYTES + bound))
  const base = records[0]!.timestamp ?? now
  let greatest = base
  for (const [i, record] of records.entries()) {
    const timestamp = record.timestamp ?? now
    if (timestamp > greatest) greatest = timestamp
    body.record(record, timestamp - base, i)
  }
  const codec = body.end - HEADER_BYTES < LEAST_COMPRESSED ? codecOf('none') : codecOf(producer.compression)
  const plain = body.buffer.subarray(0, body.end)
  const batch = codec.id === 0 ? plain : Buffer.concat([plain.subarray(0, HEADER_BYTES), codec.compress(plain.subarray(HEADER_BYTES))])
  batch.writeBigInt64BE(0n, 0)
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt32BE(-1, 12)
  batch[16] = 2
  batch.writeInt16BE(codec.id | (producer.transactional ? TRANSACTIONAL : 0), 21)
  batch.writeInt32BE(records.length - 1, 23)
  batch.writeBigInt64BE(BigInt(base), 27)
  batch.writeBigInt64BE(BigInt(greatest), 35)
  batch.writeBigInt64BE(producer.producerId, 43)
  batch.writeInt16BE(producer.epoch, 51)
  batch.writeInt32BE(producer.sequence, 53)
  batch.writeInt32BE(records.length, 57)
  batch.writeUInt32BE(crc32c(batch, 21, batch.length), 17)
  return batch
}

class Writer {
  end = HEADER_BYTES

  constructor(readonly buffer: Buffer) {}

  record(record: NewRecord, timeDelta: number, offsetDelta: number): void {
    // A record begins with its length: leave the five bytes that it may take, then move the record up to it.
    const start = this.end
    this.end += 5
    this.buffer[this.end++] = 0
    this.#signed(timeDelta)
    this.#signed(offsetDelta)
    this.#bytes(record.key)
    this.#bytes(record.value)
    this.#headers(record.headers)
    const length = this.end - start - 5
    this.end = start
    this.#signed(length)
    this.buffer.copyWithin(this.end, start + 5, start + 5 + length)
    this.end += length
  }

  #headers(headers: NewRecord['headers']): void {
    const names = headers === undefined ? [] : Object.keys(headers)
    this.#signed(names.length)
    for (const name of names) {
      this.#bytes(Buffer.from(name))
      this.#bytes(Buffer.from(headers![name]!))
    }
  }

  #bytes(bytes: Buffer | null): void {
    if (bytes === null) {
      this.#signed(-1)
      return
    }
    this.#signed(bytes.length)
    this.buffer.set(bytes, this.end)
    this.end += bytes.length
  }

  /** Zigzag varint. Safe integers only, as times and lengths are. */
  #signed(value: number): void {
    let rest = value < 0 ? -2 * value - 1 : 2 * value
    while (rest >= 0x80000000) {
      this.buffer[this.end++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest >= 0x80) {
      this.buffer[this.end++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buffer[this.end++] = rest
  }
}
