import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './root.js'

/** The parts of Avro's schema JSON that Segue uses: https://avro.apache.org/docs/1.12.0/specification/ */
export type AvroSchema = string | AvroSchema[] | AvroRecord | AvroEnum | AvroFixed | AvroArray | AvroMap | AvroAnnotated
export interface AvroRecord {
  type: 'record'
  name: string
  namespace?: string
  doc?: string
  aliases?: string[]
  fields: AvroField[]
}
export interface AvroField {
  name: string
  type: AvroSchema
  doc?: string
  aliases?: string[]
  default?: unknown
}
export interface AvroEnum {
  type: 'enum'
  name: string
  namespace?: string
  doc?: string
  aliases?: string[]
  symbols: string[]
  default?: string
}
export interface AvroFixed {
  type: 'fixed'
  name: string
  namespace?: string
  size: number
}
export interface AvroArray {
  type: 'array'
  items: AvroSchema
}
export interface AvroMap {
  type: 'map'
  values: AvroSchema
}
/** A primitive with annotations such as `logicalType`. */
export interface AvroAnnotated {
  type: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'
  logicalType?: string
}

const directory = join(projectRoot, 'schemas', 'avro')

/** The file names in schemas/avro without `.avsc`, sorted. */
export const schemaNames = (): string[] =>
  readdirSync(directory)
    .filter(file => file.endsWith('.avsc'))
    .map(file => file.slice(0, -'.avsc'.length))
    .sort()

/** Reads schemas/avro/`name`.avsc. @throws Error naming the file where it is no JSON record. */
export function readSchema(name: string, from: string = directory): AvroRecord {
  const file = join(from, `${name}.avsc`)
  try {
    const schema = JSON.parse(readFileSync(file, 'utf8')) as AvroRecord
    if (schema.type !== 'record') throw new Error('its type is not "record"')
    return schema
  } catch (error) {
    throw new Error(`The schema ${file} can't be read: ${(error as Error).message}.`)
  }
}

/** A union of null and one other type, null first: the only unions that Segue's own schemas use. */
export const isNullable = (schema: AvroSchema): schema is ['null', AvroSchema] =>
  Array.isArray(schema) && schema.length === 2 && schema[0] === 'null'
