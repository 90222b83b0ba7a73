/** Events of the input topics from JSON, as producers without Avro write them. */
import { catalogue, type InputTopic, inputTopics, type TopicValues } from './catalogue.js'
import { misfit, shown } from './misfit.js'
import { type AvroEnum, type AvroField, type AvroRecord, type AvroSchema, isNullable, readSchema } from './sources.js'

/** Its message names the field and what is wrong with it. */
export class BadEventError extends Error {
  override name = 'BadEventError'
}

const schemas = new Map<string, AvroRecord>(inputTopics.map(topic => [topic, readSchema(catalogue[topic].schema)]))

/**
 * The value of an input topic that a JSON object stands for. Optional fields may be absent or null, fields may have the names
 * that older producers use (`song_id`, `timestamp`, ...), times may be ISO 8601 text, an unknown `event_type` becomes
 * `unknown`, other fields are passed over.
 * @throws BadEventError
 */
export function fromJson<N extends InputTopic>(topic: N, json: unknown): TopicValues[N] {
  const schema = schemas.get(topic)
  if (!schema) throw new BadEventError(`${shown(topic)} is not an input topic: those are ${inputTopics.join(', ')}.`)
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new BadEventError(`The event is ${shown(json)}, not an object.`)
  const given = json as Record<string, unknown>
  const value = Object.fromEntries(schema.fields.map(field => [field.name, fieldValue(field, given)]))
  return value as unknown as TopicValues[N]
}

function fieldValue(field: AvroField, given: Record<string, unknown>): unknown {
  const names = [field.name, ...(field.aliases ?? [])]
  const name = names.find(name => given[name] !== undefined && given[name] !== null)
  if (name === undefined) {
    if (field.default !== undefined) return field.default
    throw new BadEventError(names.length > 1 ? `${field.name} is missing (or ${names.slice(1).join(', ')}).` : `${field.name} is missing.`)
  }
  const type = isNullable(field.type) ? field.type[1] : field.type
  const value = converted(type, given[name], name)
  const problem = misfit(type, value, name)
  if (problem) throw new BadEventError(`${problem}.`)
  return value
}

function converted(type: AvroSchema, value: unknown, name: string): unknown {
  if (typeof value !== 'string') return value
  if (isTime(type)) {
    const time = parseTime(value)
    if (time === undefined) {
      throw new BadEventError(`${name} is ${shown(value)}: neither milliseconds since 1970 nor a time as in 2026-01-31T17:05:00Z.`)
    }
    return time
  }
  if (isEnum(type)) return type.symbols.includes(value) ? value : (type.default ?? value)
  // Half of a surrogate pair has no UTF-8: it would be stored as another character.
  if (/\p{Surrogate}/u.test(value)) throw new BadEventError(`${name} is ${shown(value)}, which is not valid Unicode.`)
  return value
}

const isTime = (type: AvroSchema): boolean => typeof type === 'object' && 'logicalType' in type && type.logicalType === 'timestamp-millis'

const isEnum = (type: AvroSchema): type is AvroEnum => typeof type === 'object' && 'symbols' in type

const isoTime = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(Z|[+-]\d\d(?::?\d\d)?)?$/i

/**
 * Milliseconds since the epoch of ISO 8601 text: a date, or a date and a time to the minute, second or a fraction (cut to
 * milliseconds). Without an offset it is UTC. Undefined: it is no such text, or no such day or time exists.
 */
export function parseTime(text: string): number | undefined {
  const match = isoTime.exec(text.trim())
  if (!match) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', offset = 'Z'] = match
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3)
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`
  const time = Date.parse(iso)
  // Date.parse takes 31 February for 3 March.
  if (Number.isNaN(time) || new Date(time).toISOString() !== iso) return undefined
  const shift = offsetMinutes(offset)
  return shift === undefined ? undefined : time - shift * 60_000
}

function offsetMinutes(offset: string): number | undefined {
  if (offset.toUpperCase() === 'Z') return 0
  const hours = Number(offset.slice(1, 3))
  const minutes = Number(offset.slice(3).replace(':', '') || '0')
  if (hours > 23 || minutes > 59) return undefined
  return (offset[0] === '-' ? -1 : 1) * (hours * 60 + minutes)
}
