/**
 * Code that writes and reads the records of Avro schemas as Avro binary: the text of schemas/binary.ts. Plain statements on
 * plain objects write twice as fast as a library that walks the schema, and check every value and every byte on the way.
 */
import { type AvroEnum, type AvroRecord, type AvroSchema, isNullable } from './sources.js'

const primitives = new Set(['boolean', 'int', 'long', 'double', 'string', 'bytes'])
const lineWidth = 140

interface Part {
  /** Statements that write `value`. */
  write(value: string): string[]
  /** An expression that reads it. */
  readonly read: string
  readonly type: string
}

/** @throws Error naming what it does not support. */
export function generateBinary(schemas: ReadonlyMap<string, AvroRecord>): string {
  const code = new Code()
  const table = [...schemas].map(([name, schema]) => {
    code.record(schema)
    return `  ${/-/.test(name) ? `'${name}'` : name}: { write: write${schema.name}, read: read${schema.name} }`
  })
  return [
    '// Generated from schemas/avro: edit those files, then run `npm run schemas:accept`.',
    "import type { AvroReader, AvroWriter } from './avro-io.js'",
    "import type * as events from './events.js'",
    '',
    ...code.lines(),
    '/** By the name of the file in schemas/avro. */',
    'export const binaries = {',
    `${table.join(',\n')}`,
    '}',
    ''
  ].join('\n')
}

class Code {
  private readonly definitions = new Map<string, string[]>()

  lines(): string[] {
    return [...this.definitions.values()].flatMap(lines => [...lines, ''])
  }

  record({ name, fields }: AvroRecord): Part {
    this.define(name, () => {
      const parts = fields.map(field => [field.name, this.part(field.type)] as const)
      return [
        `export function write${name}(out: AvroWriter, value: events.${name}): void {`,
        ...indent(parts.flatMap(([field, part]) => part.write(`value.${field}`))),
        '}',
        '',
        `export function read${name}(input: AvroReader): events.${name} {`,
        '  return {',
        ...indent(indent(separated(parts.map(([field, part]) => `${field}: ${part.read}`)))),
        '  }',
        '}'
      ]
    })
    return { type: `events.${name}`, write: value => [`write${name}(out, ${value})`], read: `read${name}(input)` }
  }

  private enumeration({ name, symbols }: AvroEnum): Part {
    const list = `${name[0]!.toLowerCase()}${name.slice(1)}Symbols`
    this.define(name, () => {
      const literals = symbols.map(symbol => `'${symbol}'`)
      const line = `export const ${list}: readonly events.${name}[] = [${literals.join(', ')}]`
      return line.length <= lineWidth
        ? [line]
        : [`export const ${list}: readonly events.${name}[] = [`, ...indent(separated(literals)), ']']
    })
    return {
      type: `events.${name}`,
      write: value => [`out.index(${list}.indexOf(${value}))`],
      read: `${list}[input.index(${list}.length)]!`
    }
  }

  private array(schema: AvroSchema): Part {
    const item = this.part(schema)
    const read = `read${this.label(schema)}Array`
    this.define(read, () => [
      `function ${read}(input: AvroReader): ${item.type}[] {`,
      `  const items: ${item.type}[] = []`,
      '  let at = 0',
      '  for (let left = input.block(); left > 0; left = input.block()) {',
      '    items.length += left',
      `    for (; left > 0; left--) items[at++] = ${item.read}`,
      '  }',
      '  return items',
      '}'
    ])
    return {
      type: `${item.type}[]`,
      write: value => [`if (out.array(${value})) {`, ...indent(loop(`const item of ${value}`, item.write('item'))), '  out.end()', '}'],
      read: `${read}(input)`
    }
  }

  private map(schema: AvroSchema): Part {
    const item = this.part(schema)
    const read = `read${this.label(schema)}Map`
    this.define(read, () => [
      `function ${read}(input: AvroReader): Record<string, ${item.type}> {`,
      `  const items: Record<string, ${item.type}> = {}`,
      '  for (let left = input.block(); left > 0; left = input.block()) {',
      `    for (; left > 0; left--) items[input.string()] = ${item.read}`,
      '  }',
      '  return items',
      '}'
    ])
    return {
      type: `Record<string, ${item.type}>`,
      write: value => [
        `if (out.map(${value})) {`,
        ...indent(loop(`const [key, item] of Object.entries(${value})`, ['out.string(key)', ...item.write('item')])),
        '  out.end()',
        '}'
      ],
      read: `${read}(input)`
    }
  }

  private nullable(schema: AvroSchema): Part {
    const some = this.part(schema)
    return {
      type: `(${some.type} | null)`,
      write: value => [`if (${value} === null) out.index(0)`, 'else {', '  out.index(1)', ...indent(some.write(value)), '}'],
      read: `input.index(2) === 0 ? null : ${some.read}`
    }
  }

  private part(schema: AvroSchema): Part {
    if (isNullable(schema)) return this.nullable(schema[1])
    if (typeof schema === 'string') return this.primitive(schema)
    if (Array.isArray(schema)) throw new Error(`The union ${JSON.stringify(schema)} is not of the shape ["null", type].`)
    switch (schema.type) {
      case 'record':
        return this.record(schema)
      case 'enum':
        return this.enumeration(schema)
      case 'array':
        return this.array(schema.items)
      case 'map':
        return this.map(schema.values)
      default:
        return this.primitive(schema.type)
    }
  }

  private primitive(name: string): Part {
    if (!primitives.has(name)) throw new Error(`schemas/avro uses the type ${name}, which the generator does not know.`)
    const type = name === 'bytes' ? 'Buffer' : name === 'string' || name === 'boolean' ? name : 'number'
    return { type, write: value => [`out.${name}(${value})`], read: `input.${name}()` }
  }

  /** What names the code for arrays and maps of such items. */
  private label(schema: AvroSchema): string {
    const name = typeof schema === 'string' ? schema : Array.isArray(schema) ? 'nullable' : 'name' in schema ? schema.name : schema.type
    return `${name[0]!.toUpperCase()}${name.slice(1)}`
  }

  /** What is nested comes first: `lines` may define more. */
  private define(name: string, lines: () => string[]): void {
    if (this.definitions.has(name)) return
    this.definitions.set(name, lines())
  }
}

const indent = (lines: readonly string[]): string[] => lines.map(line => `  ${line}`)
const separated = (lines: readonly string[]): string[] => lines.map((line, i) => (i < lines.length - 1 ? `${line},` : line))
const loop = (head: string, body: readonly string[]): string[] =>
  body.length === 1 ? [`for (${head}) ${body[0]}`] : [`for (${head}) {`, ...indent(body), '}']
