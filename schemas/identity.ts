import type { AvroSchema } from './sources.js'

/**
 * Text that is equal for schemas that no reader or writer can tell apart: without docs, keys in order. Defaults, aliases and
 * logical types count, which Avro's parsing canonical form leaves out.
 */
export const identityOf = (schema: AvroSchema): string => JSON.stringify(essence(schema))

function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essence)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== 'doc')
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, essence(item)]))
}
