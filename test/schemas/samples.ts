import fc from 'fast-check'
import type { PlaybackEvent } from '../../schemas/events.js'
import { type AvroSchema, isNullable } from '../../schemas/sources.js'

export const playbackEvent: PlaybackEvent = {
  event_id: 'e-1',
  user_id: 'u-1',
  track_id: 't-1',
  track_name: 'Näkemiin',
  artist_id: null,
  artist_name: 'An Artist',
  album_name: null,
  occurred_at: 1_767_225_600_000,
  duration_ms: 213_000,
  ms_played: null,
  device_type: 'Smartphone',
  country: 'DE',
  source: 'simulator',
  event_type: 'pause'
}

const { event_type: _, ...fields } = playbackEvent
export const play = fields

// Short and long strings, of one to four bytes a character; `unit: 'grapheme'` has no halves of surrogate pairs.
const string = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ minLength: 35, maxLength: 70 }))
const long = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -70, max: 70 }), powersOfTwo())

/** Where the number of bytes of a varint changes. */
function powersOfTwo(): fc.Arbitrary<number> {
  const around = fc.tuple(fc.integer({ min: 0, max: 52 }), fc.integer({ min: -2, max: 2 }), fc.constantFrom(-1, 1))
  return around.map(([power, near, sign]) => sign * (2 ** power + near) + 0)
}

const primitive = (name: string, limit: number) => (name === 'long' ? long.filter(value => Math.abs(value) <= limit) : primitives[name]!)

const primitives: Record<string, fc.Arbitrary<unknown>> = {
  boolean: fc.boolean(),
  int: fc.integer(),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  string,
  bytes: fc.uint8Array({ maxLength: 50 }).map(bytes => Buffer.from(bytes))
}

/** Values of a schema, with longs up to `limit`. */
export function valuesOf(schema: AvroSchema, limit = Number.MAX_SAFE_INTEGER): fc.Arbitrary<unknown> {
  const inner = (part: AvroSchema) => valuesOf(part, limit)
  if (isNullable(schema)) return fc.option(inner(schema[1]))
  if (typeof schema === 'string') return primitive(schema, limit)
  if (Array.isArray(schema)) throw new Error('no such union')
  switch (schema.type) {
    case 'record':
      return fc.record(Object.fromEntries(schema.fields.map(({ name, type }) => [name, inner(type)])), { noNullPrototype: true })
    case 'enum':
      return fc.constantFrom(...schema.symbols)
    case 'array':
      return fc.array(inner(schema.items), { maxLength: 6 })
    case 'map':
      return fc.dictionary(
        string.filter(key => key !== '__proto__'),
        inner(schema.values),
        { maxKeys: 4, noNullPrototype: true }
      )
    case 'fixed':
      throw new Error('no fixed')
    default:
      return primitive(schema.type, limit)
  }
}
