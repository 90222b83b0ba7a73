import avsc from 'avsc'
import type { AvroSchema } from '../../schemas/sources.js'

/** Bytes as a producer with another schema writes them. */
export function written(id: number, schema: AvroSchema, value: unknown): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  return Buffer.concat([header, avsc.Type.forSchema(schema as avsc.Schema).toBuffer(value)])
}
