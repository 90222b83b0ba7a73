/** Reads Parquet files of the lake, a row group at a time, as columns. */
import { type AsyncBuffer, type FileMetaData, parquetMetadata, parquetRead } from 'hyparquet'
import { type Column, columnOfElement } from './columns.js'
import { COVERS, type Coverage, DIGEST, ERASED, isIntact, type OffsetRange } from './file-writer.js'

/** Its message says which file is damaged, and how. Reaction: leave it as it is, and tell. */
export class DamagedFileError extends Error {
  override name = 'DamagedFileError'
}

export class FileReader {
  readonly columns: readonly Column[]
  readonly covers: readonly Coverage[]
  readonly erased: readonly OffsetRange[]
  readonly rows: number
  readonly #metadata: FileMetaData
  readonly #file: AsyncBuffer

  /** @throws DamagedFileError the bytes are not those that were written. */
  constructor(
    readonly key: string,
    bytes: Buffer
  ) {
    try {
      this.#metadata = parquetMetadata(bytes)
      this.columns = this.#metadata.schema.slice(1).map(columnOfElement)
      const values = new Map(this.#metadata.key_value_metadata?.map(({ key, value }) => [key, value ?? '']))
      if (!isIntact(bytes, values.get(DIGEST) ?? '')) throw new Error('its bytes do not match the digest that was written with them')
      this.covers = JSON.parse(values.get(COVERS) ?? '') as Coverage[]
      this.erased = JSON.parse(values.get(ERASED) ?? '[]') as OffsetRange[]
    } catch (error) {
      throw new DamagedFileError(`${key} is damaged: ${(error as Error).message}.`)
    }
    this.rows = Number(this.#metadata.num_rows)
    this.#file = {
      byteLength: bytes.length,
      slice: (start, end = bytes.length) => bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + end) as ArrayBuffer
    }
  }

  /** The named columns of each row group in turn: strings, bytes, numbers, and bigints for longs and timestamps (milliseconds). */
  async *groups(names: readonly string[] = this.columns.map(({ name }) => name)): AsyncGenerator<Map<string, ArrayLike<unknown>>> {
    let rowStart = 0
    for (const { num_rows } of this.#metadata.row_groups) {
      const rowEnd = rowStart + Number(num_rows)
      const chunks = new Map<string, ArrayLike<unknown>[]>()
      await parquetRead({
        file: this.#file,
        metadata: this.#metadata,
        columns: [...names],
        rowStart,
        rowEnd,
        utf8: false,
        parsers: { timestampFromMilliseconds: milliseconds => milliseconds },
        onChunk: ({ columnName, columnData }) => void chunks.set(columnName, [...(chunks.get(columnName) ?? []), columnData])
      })
      yield new Map(names.map(name => [name, joined(chunks.get(name) ?? [])]))
      rowStart = rowEnd
    }
  }

  /** All rows as objects. */
  async *objects(): AsyncGenerator<Record<string, unknown>> {
    for await (const group of this.groups()) {
      const columns = [...group]
      const length = columns[0]?.[1].length ?? 0
      for (let i = 0; i < length; i++) yield Object.fromEntries(columns.map(([name, values]) => [name, values[i] ?? null]))
    }
  }
}

const joined = (chunks: readonly ArrayLike<unknown>[]): ArrayLike<unknown> =>
  chunks.length === 1 ? chunks[0]! : chunks.flatMap(chunk => Array.from(chunk))
