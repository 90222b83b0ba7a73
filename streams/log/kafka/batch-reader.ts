import type { LogRecord, TopicPartition } from '../log.js'
import { HEADER_BYTES } from './batch-writer.js'
import { decompress } from './compression.js'

const MAGIC = 2
const TRANSACTIONAL = 0x10
const CONTROL = 0x20
const COMPRESSION = 0x07

/** A transaction that was aborted: its records begin at `firstOffset` and end at the abort marker of its producer. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

/** A record batch as a broker sent it. Compaction may have left fewer records than it covers offsets, or none. */
export class Batch {
  readonly lastOffset: number

  constructor(readonly bytes: Buffer) {
    this.lastOffset = this.baseOffset + bytes.readInt32BE(23)
  }

  get baseOffset(): number {
    return Number(this.bytes.readBigInt64BE(0))
  }

  get producerId(): bigint {
    return this.bytes.readBigInt64BE(43)
  }

  get isTransactional(): boolean {
    return (this.bytes[22]! & TRANSACTIONAL) !== 0
  }

  get isControl(): boolean {
    return (this.bytes[22]! & CONTROL) !== 0
  }

  records(at: TopicPartition): RecordCursor {
    return new RecordCursor(at, this)
  }
}

/** The whole batches of a reply: the last one may be cut off. */
export function* batchesOf(bytes: Buffer): Generator<Batch> {
  for (let start = 0; start + HEADER_BYTES <= bytes.length; ) {
    const end = start + 12 + bytes.readInt32BE(start + 8)
    if (end > bytes.length) return
    if (bytes[start + 16] !== MAGIC)
      throw new Error(`A record batch has format ${bytes[start + 16]}; only 2 (Kafka 0.11 and later) can be read.`)
    yield new Batch(bytes.subarray(start, end))
    start = end
  }
}

/** The batches that a read-committed reader sees: no control records, nothing of an aborted transaction. */
export function* committedBatches(bytes: Buffer, aborted: readonly AbortedTransaction[]): Generator<{ batch: Batch; visible: boolean }> {
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const ongoing = new Set<bigint>()
  for (const batch of batchesOf(bytes)) {
    while (waiting.length > 0 && waiting[0]!.firstOffset <= batch.lastOffset) ongoing.add(waiting.shift()!.producerId)
    if (batch.isControl) ongoing.delete(batch.producerId)
    yield { batch, visible: !batch.isControl && !(batch.isTransactional && ongoing.has(batch.producerId)) }
  }
}

/** Walks over the records of a batch. Keys and values are views of its bytes. */
export class RecordCursor {
  readonly #bytes: Buffer
  readonly #baseOffset: number
  readonly #baseTime: number
  #at: number
  #left: number

  constructor(
    readonly partition: TopicPartition,
    batch: Batch
  ) {
    const { bytes } = batch
    const codec = bytes[22]! & COMPRESSION
    this.#bytes = codec === 0 ? bytes : decompress(codec, bytes.subarray(HEADER_BYTES))
    this.#at = codec === 0 ? HEADER_BYTES : 0
    this.#baseOffset = batch.baseOffset
    this.#baseTime = Number(bytes.readBigInt64BE(27))
    this.#left = bytes.readInt32BE(57)
  }

  next(): LogRecord | undefined {
    if (this.#left === 0) return undefined
    this.#left--
    const length = this.#signed()
    const end = this.#at + length
    this.#at++
    const timestamp = this.#baseTime + this.#signed()
    const offset = this.#baseOffset + this.#signed()
    const key = this.#data()
    const value = this.#data()
    const { topic, partition } = this.partition
    const headers = this.#bytes[this.#at] === 0 ? undefined : this.#headers()
    this.#at = end
    const record = { topic, partition, offset, timestamp, key, value }
    return headers === undefined ? record : { ...record, headers }
  }

  #headers(): Record<string, string> {
    const headers: [string, string][] = []
    for (let count = this.#signed(); count > 0; count--) headers.push([`${this.#data()}`, `${this.#data() ?? ''}`])
    return Object.fromEntries(headers)
  }

  #data(): Buffer | null {
    const length = this.#signed()
    if (length < 0) return null
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  #signed(): number {
    const bytes = this.#bytes
    let byte = bytes[this.#at++]!
    let result = byte & 0x7f
    for (let scale = 128; byte >= 0x80; scale *= 128) {
      byte = bytes[this.#at++]!
      result += (byte & 0x7f) * scale
    }
    return result % 2 === 0 ? result / 2 : -(result + 1) / 2
  }
}
