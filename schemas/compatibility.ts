/**
 * Whether a reader's schema can read what a writer's schema wrote: the rules of Avro's schema resolution
 * (https://avro.apache.org/docs/1.12.0/specification/#schema-resolution), and that logical types agree, which Avro leaves open:
 * microseconds read as milliseconds would be wrong without an error.
 */
import type { AvroAnnotated, AvroEnum, AvroField, AvroFixed, AvroRecord, AvroSchema } from './sources.js'

type Named = AvroRecord | AvroEnum | AvroFixed

/** Why `reader` can't read what `writer` wrote, a sentence each; empty: it can. */
export function incompatibilities(reader: AvroSchema, writer: AvroSchema): string[] {
  return new Comparison(namesIn(reader), namesIn(writer)).compare(reader, writer, 'The value')
}

/** With which types a primitive can be read, other than its own. */
const promotions: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string']
}

class Comparison {
  /** Pairs of records that are being compared: recursive records end here. */
  private readonly open = new Set<string>()

  constructor(
    private readonly readerNames: ReadonlyMap<string, Named>,
    private readonly writerNames: ReadonlyMap<string, Named>
  ) {}

  compare(readerSchema: AvroSchema, writerSchema: AvroSchema, what: string): string[] {
    const reader = resolved(readerSchema, this.readerNames)
    const writer = resolved(writerSchema, this.writerNames)
    if (Array.isArray(writer)) return writer.flatMap(branch => this.compare(reader, branch, what))
    if (Array.isArray(reader)) {
      const readable = reader.some(branch => this.compare(branch, writer, what).length === 0)
      return readable ? [] : [`${what} was written as ${kindOf(writer)}, which is none of ${reader.map(kindOf).join(', ')}.`]
    }
    if (isOf('record', reader) && isOf('record', writer)) return this.records(reader, writer, what)
    if (isOf('enum', reader) && isOf('enum', writer)) return this.enums(reader, writer, what)
    if (isOf('fixed', reader) && isOf('fixed', writer)) return this.fixed(reader, writer, what)
    if (isOf('array', reader) && isOf('array', writer)) return this.compare(reader.items, writer.items, `An item of ${lower(what)}`)
    if (isOf('map', reader) && isOf('map', writer)) return this.compare(reader.values, writer.values, `A value of ${lower(what)}`)
    return this.primitives(reader, writer, what)
  }

  private primitives(reader: AvroSchema, writer: AvroSchema, what: string): string[] {
    const from = typeName(writer)
    const to = typeName(reader)
    if (from !== to && !promotions[from]?.includes(to))
      return [`${what} was written as ${kindOf(writer)} and can't be read as ${kindOf(reader)}.`]
    const meant = (writer as AvroAnnotated).logicalType
    const read = (reader as AvroAnnotated).logicalType
    if (meant && read && meant !== read) return [`${what} was written as ${meant} and would be read as ${read}.`]
    return []
  }

  private records(reader: AvroRecord, writer: AvroRecord, what: string): string[] {
    const pair = `${reader.name} ${writer.name}`
    if (this.open.has(pair)) return []
    this.open.add(pair)
    const problems = [...names(reader, writer, what), ...reader.fields.flatMap(field => this.field(field, reader, writer))]
    this.open.delete(pair)
    return problems
  }

  private field(field: AvroField, reader: AvroRecord, writer: AvroRecord): string[] {
    const what = `The field ${field.name} of ${shortName(reader.name)}`
    const known = [field.name, ...(field.aliases ?? [])]
    const [match, second] = writer.fields.filter(({ name }) => known.includes(name))
    if (match && second) return [`${what} was written twice, as ${match.name} and as ${second.name}.`]
    if (match) return this.compare(field.type, match.type, what)
    if (field.default !== undefined) return []
    return [`${what} was not written and has no default.`]
  }

  private enums(reader: AvroEnum, writer: AvroEnum, what: string): string[] {
    const unknown = writer.symbols.filter(symbol => !reader.symbols.includes(symbol))
    const missing =
      unknown.length > 0 && reader.default === undefined
        ? [`${what} may have been written as ${unknown.join(' or ')}, which ${shortName(reader.name)} does not have, nor a default.`]
        : []
    return [...names(reader, writer, what), ...missing]
  }

  private fixed(reader: AvroFixed, writer: AvroFixed, what: string): string[] {
    const size = reader.size === writer.size ? [] : [`${what} was written with ${writer.size} bytes, not ${reader.size}.`]
    return [...names(reader, writer, what), ...size]
  }
}

const shortName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

function names(reader: Named, writer: Named, what: string): string[] {
  const known = [reader.name, ...('aliases' in reader ? (reader.aliases ?? []) : [])].map(shortName)
  if (known.includes(shortName(writer.name))) return []
  return [`${what} was written as a ${shortName(writer.name)}, not a ${shortName(reader.name)}.`]
}

const isOf = <K extends 'record' | 'enum' | 'fixed' | 'array' | 'map'>(
  type: K,
  schema: AvroSchema
): schema is Extract<AvroSchema, { type: K }> => typeof schema === 'object' && 'type' in schema && schema.type === type

const typeName = (schema: AvroSchema): string => (typeof schema === 'string' ? schema : Array.isArray(schema) ? 'union' : schema.type)

const kindOf = (schema: AvroSchema): string => {
  const named = typeof schema === 'object' && 'name' in schema ? shortName(schema.name) : ''
  return `${typeName(schema)} ${named}`.trim()
}

const lower = (text: string): string => `${text[0]!.toLowerCase()}${text.slice(1)}`

const resolved = (schema: AvroSchema, known: ReadonlyMap<string, Named>): AvroSchema =>
  typeof schema === 'string' ? (known.get(shortName(schema)) ?? schema) : schema

function namesIn(schema: AvroSchema, found = new Map<string, Named>()): Map<string, Named> {
  if (typeof schema === 'string') return found
  if (Array.isArray(schema)) for (const branch of schema) namesIn(branch, found)
  else if ('name' in schema) found.set(shortName(schema.name), schema)
  if ('fields' in schema) for (const field of schema.fields) namesIn(field.type, found)
  if ('items' in schema) namesIn(schema.items, found)
  if ('values' in schema) namesIn(schema.values as AvroSchema, found)
  return found
}
