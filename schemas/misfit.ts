import { type AvroSchema, isNullable } from './sources.js'

const plain: Readonly<Record<string, [check: (value: unknown) => boolean, name: string]>> = {
  boolean: [value => typeof value === 'boolean', 'a boolean'],
  int: [value => value === ((value as number) | 0), 'a whole number of 32 bits'],
  long: [value => Number.isSafeInteger(value), 'a whole number below 2^53'],
  double: [value => Number.isFinite(value), 'a finite number'],
  string: [value => typeof value === 'string', 'a string'],
  bytes: [value => value instanceof Uint8Array, 'bytes']
}

/** Where a value does not fit its schema, as `plays[3].count is NaN, not a whole number of 32 bits`; undefined: it fits. */
export function misfit(schema: AvroSchema, value: unknown, path = ''): string | undefined {
  if (value === undefined) return `${path || 'the value'} is missing`
  const wrong = (wanted: string) => `${path || 'the value'} is ${shown(value)}, not ${wanted}`
  if (isNullable(schema)) return value === null ? undefined : misfit(schema[1], value, path)
  if (Array.isArray(schema)) return undefined
  if (typeof schema === 'string') return primitive(schema, value, wrong)
  switch (schema.type) {
    case 'record': {
      if (typeof value !== 'object' || value === null) return wrong('an object')
      const fields = value as Record<string, unknown>
      return first(schema.fields, ({ name, type }) => misfit(type, fields[name], path ? `${path}.${name}` : name))
    }
    case 'array':
      if (!Array.isArray(value)) return wrong('an array')
      return first(value.keys(), i => misfit(schema.items, value[i], `${path}[${i}]`))
    case 'map':
      if (typeof value !== 'object' || value === null) return wrong('an object')
      return first(Object.entries(value), ([key, item]) => misfit(schema.values, item, `${path}[${JSON.stringify(key)}]`))
    case 'enum':
      return schema.symbols.includes(value as string) ? undefined : wrong(`one of ${schema.symbols.join(', ')}`)
    case 'fixed':
      return undefined
    default:
      return primitive(schema.type, value, wrong)
  }
}

function primitive(name: string, value: unknown, wrong: (wanted: string) => string): string | undefined {
  const [check, wanted] = plain[name] ?? [() => true, '']
  return check(value) ? undefined : wrong(wanted)
}

function first<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** A value as a person would write it, cut where it is long. */
export function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
