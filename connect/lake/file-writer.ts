/**
 * Writes one Parquet file of the lake in memory, row group by row group. The same rows give the same bytes. The file carries a
 * digest of itself: SHA-256 of all its bytes with the digest's own characters as zeros.
 */
import { createHash } from 'node:crypto'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { type Column, elementOf } from './columns.js'

/** Changing it changes the bytes of files, which a retry after an upgrade would have to write again as they were. */
const ROW_GROUP_ROWS = 20_000
const FIRST_BYTES = 256 * 1024
const NO_DIGEST = '0'.repeat(64)

/** What a file covers of its partition: offsets from..next hold `records` records, in this file and others. */
export type Coverage = readonly [from: number, next: number, records: number]

/** Offsets, both inside. */
export type OffsetRange = readonly [from: number, to: number]

export const COVERS = 'segue.covers'
/** Offsets of rows that were in the file, and were erased; absent: none. */
export const ERASED = 'segue.erased'
export const DIGEST = 'segue.sha256'

export class FileWriter {
  rows = 0
  readonly #bytes = new ByteWriter(FIRST_BYTES)
  readonly #writer: ParquetWriter
  #values: unknown[][]
  #pending = 0

  constructor(private readonly columns: readonly Column[]) {
    const schema = [{ name: 'segue', num_children: columns.length }, ...columns.map(elementOf)]
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema, createdBy: 'segue' })
    this.#values = columns.map(() => [])
  }

  /** Bytes of the row groups that are complete. */
  get size(): number {
    return this.#bytes.offset
  }

  /** One value a column, in their order; longs and timestamps (milliseconds) as numbers or bigints. */
  append(row: readonly unknown[]): void {
    for (let i = 0; i < row.length; i++) this.#values[i]!.push(row[i])
    this.rows++
    if (++this.#pending === ROW_GROUP_ROWS) this.#flush()
  }

  finish(covers: readonly Coverage[], erased: readonly OffsetRange[] = []): Uint8Array {
    if (this.#pending > 0) this.#flush()
    this.#writer.kvMetadata = [
      { key: COVERS, value: JSON.stringify(covers) },
      ...(erased.length === 0 ? [] : [{ key: ERASED, value: JSON.stringify(erased) }]),
      { key: DIGEST, value: NO_DIGEST }
    ]
    this.#writer.finish()
    const bytes = this.#bytes.getBytes()
    seal(bytes)
    return bytes.slice()
  }

  #flush(): void {
    const columnData = this.columns.map(({ name, type }, i) => ({
      name,
      data: type === 'long' || type === 'timestamp' ? bigints(this.#values[i]!) : this.#values[i]!,
      // A dictionary does not pay where all values differ, and is costly to try.
      ...(type === 'long' || type === 'timestamp' ? { encoding: 'DELTA_BINARY_PACKED' as const } : {})
    }))
    this.#writer.write({ columnData, rowGroupSize: ROW_GROUP_ROWS })
    this.#values = this.columns.map(() => [])
    this.#pending = 0
  }
}

const bigints = (values: readonly unknown[]) => values.map(value => (typeof value === 'number' ? BigInt(value) : (value as bigint | null)))

function seal(bytes: Uint8Array): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const at = buffer.lastIndexOf(NO_DIGEST)
  buffer.write(createHash('sha256').update(buffer).digest('hex'), at, 'latin1')
}

/** Whether the bytes are those that were written. */
export function isIntact(bytes: Buffer, digest: string): boolean {
  const at = bytes.lastIndexOf(digest)
  if (digest.length !== NO_DIGEST.length || at < 0) return false
  const hash = createHash('sha256')
    .update(bytes.subarray(0, at))
    .update(NO_DIGEST)
    .update(bytes.subarray(at + digest.length))
  return hash.digest('hex') === digest
}
