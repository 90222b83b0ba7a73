/** The tables of the lake as columns: an Avro record's fields, then where the record stood. */
import type { SchemaElement } from 'hyparquet'
import { catalogue, type SourceTopic } from '../../schemas/catalogue.js'
import { type AvroSchema, isNullable, readSchema } from '../../schemas/sources.js'

export type ColumnType = 'string' | 'timestamp' | 'long' | 'int' | 'boolean' | 'double' | 'bytes'

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
}

const required = (name: string, type: ColumnType): Column => ({ name, type, nullable: false })
const optional = (name: string, type: ColumnType): Column => ({ name, type, nullable: true })

const origin = [
  required('topic', 'string'),
  required('partition', 'int'),
  required('offset', 'long'),
  required('record_time', 'timestamp'),
  optional('schema_id', 'int')
]

export const columnsOf = (topic: SourceTopic): readonly Column[] => [
  ...readSchema(catalogue[topic].schema).fields.map(field => columnOf(field.name, field.type)),
  ...origin,
  optional('record_key', 'bytes')
]

export const undecodableColumns: readonly Column[] = [
  ...origin,
  optional('key', 'bytes'),
  optional('value', 'bytes'),
  required('reason', 'string')
]

function columnOf(name: string, type: AvroSchema): Column {
  return isNullable(type) ? optional(name, columnType(name, type[1])) : required(name, columnType(name, type))
}

const primitives: Readonly<Record<string, ColumnType>> = {
  string: 'string',
  long: 'long',
  int: 'int',
  boolean: 'boolean',
  double: 'double',
  float: 'double',
  bytes: 'bytes',
  enum: 'string',
  // As JSON.
  array: 'string'
}

function columnType(name: string, type: AvroSchema): ColumnType {
  if (typeof type === 'object' && 'logicalType' in type && type.logicalType === 'timestamp-millis') return 'timestamp'
  const found = primitives[typeof type === 'string' ? type : Array.isArray(type) ? 'union' : type.type]
  if (found === undefined) throw new Error(`The field ${name} has a type that the lake has no column for: ${JSON.stringify(type)}.`)
  return found
}

const elements: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' }
  },
  long: { type: 'INT64' },
  int: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  double: { type: 'DOUBLE' },
  bytes: { type: 'BYTE_ARRAY' }
}

export const elementOf = ({ name, type, nullable }: Column): SchemaElement => ({
  ...elements[type],
  name,
  repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED'
})

/** The column that a file's schema describes. @throws Error it is of a type that the lake does not write. */
export function columnOfElement(element: SchemaElement): Column {
  const found = Object.entries(elements).find(
    ([, { type, converted_type }]) => type === element.type && converted_type === element.converted_type
  )
  if (found === undefined) throw new Error(`its column ${element.name} is of a type that the lake does not write`)
  return { name: element.name, type: found[0] as ColumnType, nullable: element.repetition_type !== 'REQUIRED' }
}
