import { isDeepStrictEqual } from 'node:util'
import avsc from 'avsc'
import fc from 'fast-check'
import t from 'tap'
import { AvroReader, AvroWriter } from '../../schemas/avro-io.js'
import { catalogue, topicNames } from '../../schemas/catalogue.js'
import { createCodec } from '../../schemas/codec.js'
import { readSchema } from '../../schemas/sources.js'
import { walker } from '../../schemas/walk.js'
import { MemoryRegistry } from './memory-registry.js'
import { valuesOf } from './samples.js'

const codec = await createCodec(new MemoryRegistry())

for (const topic of topicNames) {
  t.test(`${topic}: decode(encode(x)) is x`, async t => {
    const schema = readSchema(catalogue[topic].schema)
    const property = fc.property(valuesOf(schema), value =>
      isDeepStrictEqual(codec.decode(topic, codec.encode(topic, value as never)), value)
    )
    fc.assert(property, { numRuns: 50 })
    t.pass()
  })

  t.test(`${topic}: the bytes are those of avsc, and the walk of the schema ends where they end`, async t => {
    const schema = readSchema(catalogue[topic].schema)
    const type = avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: 'never' })
    const walk = walker(schema)
    const property = fc.property(valuesOf(schema, 2 ** 52), value => {
      const bytes = codec.encodeBare(topic, value as never)
      const reader = new AvroReader().open(bytes)
      walk(reader)
      reader.close()
      return bytes.equals(type.toBuffer(value))
    })
    fc.assert(property, { numRuns: 50 })
    t.pass()
  })
}

/** Avro's definition, in exact arithmetic. */
function zigZag(value: number): number[] {
  let rest = value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value)
  const bytes: number[] = []
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

t.test('every safe integer is written as Avro defines it, and read again', async t => {
  const out = new AvroWriter(8)
  const reader = new AvroReader()
  const property = fc.property(valuesOf('long') as fc.Arbitrary<number>, value => {
    out.position = 0
    out.long(value)
    return Buffer.from(zigZag(value)).equals(out.copy()) && reader.open(out.copy()).long() === value
  })
  const edges = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER].map(value => [value] as [number])
  fc.assert(property, { numRuns: 2_000, examples: edges })
  t.pass()
})
