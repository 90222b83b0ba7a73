import { AvroError, type AvroReader } from './avro-io.js'
import type { AvroSchema } from './sources.js'

type Walk = (input: AvroReader) => void

const primitives: Readonly<Record<string, Walk>> = {
  null: () => {},
  boolean: input => input.boolean(),
  int: input => input.int(),
  long,
  float: input => input.float(),
  double: input => input.double(),
  bytes: input => input.bytes(),
  string: input => input.string()
}

/** avsc, which reads these values afterwards, is off by one beyond. */
function long(input: AvroReader): void {
  const value = input.long()
  if (Math.abs(value) > 2 ** 52) throw new AvroError(`the long before byte ${input.position} is beyond 2^52`)
}

/**
 * Reads over a value of any Avro schema and throws an AvroError where the bytes are not one: counts and lengths beyond the
 * end included, on which avsc's own readers would loop. `schema` has full names, as avsc's `type.schema()` writes them.
 */
export function walker(schema: AvroSchema, named = new Map<string, Walk>()): Walk {
  if (typeof schema === 'string') {
    // A record may refer to itself: what a name stands for is looked up when a value is read.
    return primitives[schema] ?? (input => named.get(schema)!(input))
  }
  if (Array.isArray(schema)) {
    const branches = schema.map(branch => walker(branch, named))
    return input => branches[input.index(branches.length)]!(input)
  }
  switch (schema.type) {
    case 'record': {
      const fields: Walk[] = []
      const walk: Walk = input => {
        for (const field of fields) field(input)
      }
      named.set(schema.name, walk)
      for (const field of schema.fields) fields.push(walker(field.type, named))
      return walk
    }
    case 'enum': {
      const walk: Walk = input => input.index(schema.symbols.length)
      named.set(schema.name, walk)
      return walk
    }
    case 'fixed': {
      const walk: Walk = input => input.take(schema.size)
      named.set(schema.name, walk)
      return walk
    }
    case 'array':
      return items(walker(schema.items, named))
    case 'map': {
      const value = walker(schema.values, named)
      return items(input => {
        input.string()
        value(input)
      })
    }
    default:
      return walker(schema.type, named)
  }
}

const items =
  (item: Walk): Walk =>
  input => {
    for (let left = input.block(); left > 0; left = input.block()) {
      for (; left > 0; left--) item(input)
    }
  }
