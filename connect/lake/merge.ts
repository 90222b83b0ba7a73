/** Files of one hour and partition as one, rows in the order of their offsets. */
import type { Column } from './columns.js'
import { DamagedFileError, FileReader } from './file-reader.js'
import { type Coverage, FileWriter } from './file-writer.js'

export interface Part {
  readonly key: string
  readonly bytes: Uint8Array
}

/** Parts come in the order of their offsets. @throws DamagedFileError */
export async function mergeFiles(parts: readonly Part[]): Promise<{ bytes: Uint8Array; rows: number }> {
  const readers = parts.map(({ key, bytes }) => new FileReader(key, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)))
  const columns = allColumns(readers)
  const writer = new FileWriter(columns)
  let last = -1n
  for (const reader of readers) {
    for await (const group of reader.groups()) {
      const values = columns.map(({ name }) => group.get(name))
      const offsets = group.get('offset') as ArrayLike<bigint>
      for (let i = 0; i < offsets.length; i++) {
        if (offsets[i]! <= last) throw new DamagedFileError(`${reader.key} is damaged: the offset ${offsets[i]} comes after ${last}.`)
        last = offsets[i]!
        writer.append(values.map(column => column?.[i] ?? null))
      }
    }
  }
  const covers = new Map<string, Coverage>(readers.flatMap(({ covers }) => covers.map(cover => [cover.join(), cover])))
  const erased = readers.flatMap(reader => reader.erased)
  return {
    rows: writer.rows,
    bytes: writer.finish(
      [...covers.values()].sort((a, b) => a[0] - b[0]),
      erased
    )
  }
}

/** Of all files; what one of them lacks is nullable. The newest file's order comes first. @throws DamagedFileError */
function allColumns(readers: readonly FileReader[]): Column[] {
  const columns = new Map<string, Column>()
  for (const { key, columns: own } of readers.toReversed())
    for (const column of own) {
      const known = columns.get(column.name)
      if (known !== undefined && known.type !== column.type)
        throw new DamagedFileError(`${key} has the column ${column.name} as ${column.type}, others of its hour as ${known.type}.`)
      const isEverywhere = readers.every(reader => reader.columns.some(({ name }) => name === column.name))
      columns.set(column.name, { ...column, nullable: column.nullable || known?.nullable === true || !isEverywhere })
    }
  return [...columns.values()]
}
