/** Reading what schemas other than our own wrote: those of older and newer producers. */
import avsc from 'avsc'
import { AvroError, AvroReader } from './avro-io.js'
import { incompatibilities } from './compatibility.js'
import type { AvroSchema } from './sources.js'
import { walker } from './walk.js'

/** A schema of ours, with its generated reader. */
export interface OwnSchema {
  readonly schema: AvroSchema
  readonly type: avsc.Type
  read(input: AvroReader): unknown
}

/** Reads the bytes after the header. @throws AvroError */
export type Read = (bytes: Uint8Array, position: number) => unknown

const reader = new AvroReader()

export const readWith =
  (read: (input: AvroReader) => unknown): Read =>
  (bytes, position) => {
    const value = read(reader.open(bytes, position))
    reader.close()
    return value
  }

/**
 * Reads values that `writer` wrote as values of `own`: fields are matched by name or alias, defaults fill what is missing,
 * unknown enum symbols become the enum's default.
 * @throws AvroError with the reasons: it can't be read so.
 */
export function readerOf(own: OwnSchema, writer: AvroSchema): Read {
  const problems = incompatibilities(own.schema, writer)
  if (problems.length > 0) throw new AvroError(problems.join(' '))
  const type = parse(writer)
  if (type.equals(own.type)) return readWith(own.read)
  const resolver = own.type.createResolver(type, { ignoreNamespaces: true })
  const walk = readWith(walker(type.schema() as AvroSchema))
  return (bytes, position) => {
    walk(bytes, position)
    const body = Buffer.from(bytes.buffer, bytes.byteOffset + position, bytes.length - position)
    // Once more through our own: so a value is the same plain object, whoever wrote it.
    return readWith(own.read)(own.type.toBuffer(own.type.fromBuffer(body, resolver)), 0)
  }
}

/** @throws Error it is no Avro schema. */
export const parse = (schema: AvroSchema): avsc.Type => avsc.Type.forSchema(schema as avsc.Schema)
