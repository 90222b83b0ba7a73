/** Records of one plan as files: one for each table and hour. A function of its input alone, so that a retry gives the same bytes. */
import type { SourceTopic } from '../../schemas/catalogue.js'
import { type Codec, UndecodableError } from '../../schemas/codec.js'
import type { LogRecord } from '../../streams/log/log.js'
import { columnsOf, undecodableColumns } from './columns.js'
import { type Coverage, FileWriter } from './file-writer.js'
import { fileKey, hourOf, tableOf, UNDECODABLE } from './names.js'

export interface EncodedFile {
  readonly key: string
  readonly bytes: Uint8Array
  readonly rows: number
}

/** Of columns that follow the Avro record's fields. */
const ORIGIN_COLUMNS = 6
const NO_KEY = Buffer.alloc(0)
const HEADER_BYTES = 5

export type PlanRecord = Pick<LogRecord, 'offset' | 'timestamp' | 'key' | 'value'>

interface OpenFile {
  readonly table: string
  readonly hour: number
  readonly from: number
  to: number
  readonly writer: FileWriter
}

/** The id of the schema that a value was written with; undefined: the value has no header. */
export const schemaIdOf = (value: Buffer | null): number | undefined =>
  value !== null && value.length >= HEADER_BYTES && value[0] === 0 ? value.readUInt32BE(1) : undefined

export class PlanEncoder {
  readonly #files = new Map<string, OpenFile>()
  readonly #columns
  readonly #fields: readonly string[]

  /** `absent` are schema ids that count as unknown, whatever the codec knows by now. */
  constructor(
    private readonly codec: Pick<Codec, 'decode'>,
    private readonly topic: SourceTopic,
    private readonly partition: number,
    private readonly absent: ReadonlySet<number>
  ) {
    this.#columns = columnsOf(topic)
    this.#fields = this.#columns.slice(0, -ORIGIN_COLUMNS).map(({ name }) => name)
  }

  add(record: PlanRecord): void {
    const decoded = this.#decode(record)
    if (typeof decoded === 'string') this.#append(UNDECODABLE, record, this.#undecodableRow(record, decoded))
    else this.#append(tableOf(this.topic), record, this.#row(record, decoded))
  }

  finish(covers: Coverage): EncodedFile[] {
    const topic = (table: string) => (table === UNDECODABLE ? { topic: this.topic } : {})
    return [...this.#files.values()]
      .sort((a, b) => a.to - b.to)
      .map(({ table, hour, from, to, writer }) => ({
        key: fileKey({ table, hour, ...topic(table), partition: this.partition, from, to }),
        bytes: writer.finish([covers]),
        rows: writer.rows
      }))
  }

  /** The value, or why there is none. */
  #decode({ value }: PlanRecord): Record<string, unknown> | string {
    if (value === null) return 'It has no value.'
    const id = schemaIdOf(value)
    if (id !== undefined && this.absent.has(id)) return `It names schema ${id}, which the registry does not have.`
    try {
      return this.codec.decode(this.topic, value) as unknown as Record<string, unknown>
    } catch (error) {
      if (error instanceof UndecodableError) return error.message
      throw error
    }
  }

  #row({ offset, timestamp, key, value }: PlanRecord, fields: Record<string, unknown>): unknown[] {
    const row = this.#fields.map(name => (Array.isArray(fields[name]) ? JSON.stringify(fields[name]) : fields[name]))
    const isUser = key?.equals(Buffer.from(fields.user_id as string)) === true
    row.push(this.topic, this.partition, offset, timestamp, schemaIdOf(value), isUser ? null : (key ?? NO_KEY))
    return row
  }

  #undecodableRow({ offset, timestamp, key, value }: PlanRecord, reason: string): unknown[] {
    return [this.topic, this.partition, offset, timestamp, null, key, value, reason]
  }

  #append(table: string, { offset, timestamp }: PlanRecord, row: readonly unknown[]): void {
    const hour = hourOf(timestamp)
    const name = `${table}|${hour}`
    let file = this.#files.get(name)
    if (file === undefined) {
      const writer = new FileWriter(table === UNDECODABLE ? undecodableColumns : this.#columns)
      file = { table, hour, from: offset, to: offset, writer }
      this.#files.set(name, file)
    }
    file.to = offset
    file.writer.append(row)
  }
}
