/** TypeScript types of Avro schemas: the text of schemas/events.ts. */
import { type AvroEnum, type AvroField, type AvroRecord, type AvroSchema, isNullable } from './sources.js'

const primitives: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Buffer'
}

const comment = (text: string | undefined, indent = '') => (text ? `${indent}/** ${text} */\n` : '')

/** The declarations of these records and of what is nested in them. @throws Error naming what it does not support. */
export function generateTypes(schemas: readonly AvroRecord[]): string {
  const declarations = new Declarations()
  for (const schema of schemas) declarations.record(schema)
  return `// Generated from schemas/avro: edit those files, then run \`npm run schemas:accept\`.\n\n${declarations.text()}`
}

class Declarations {
  private readonly texts = new Map<string, string>()

  text(): string {
    return [...this.texts.values()].join('\n')
  }

  record(schema: AvroRecord): string {
    this.define(schema.name, () => {
      const fields = schema.fields.map(field => this.field(field)).join('')
      return `${comment(schema.doc)}export interface ${schema.name} {\n${fields}}\n`
    })
    return schema.name
  }

  private enumeration(schema: AvroEnum): string {
    const symbols = schema.symbols.map(symbol => `'${symbol}'`).join(' | ')
    this.define(schema.name, () => `${comment(schema.doc)}export type ${schema.name} = ${symbols}\n`)
    return schema.name
  }

  /** A type is declared before the types nested in it. */
  private define(name: string, write: () => string): void {
    const before = this.texts.get(name)
    if (before === undefined) this.texts.set(name, '')
    const text = write()
    if (before !== undefined && before !== text) throw new Error(`The type ${name} is defined twice and differently in schemas/avro.`)
    this.texts.set(name, text)
  }

  private field({ name, type, doc }: AvroField): string {
    return `${comment(doc, '  ')}  ${name}: ${this.type(type)}\n`
  }

  private type(schema: AvroSchema): string {
    if (typeof schema === 'string') return this.primitive(schema)
    if (isNullable(schema)) return `${this.type(schema[1])} | null`
    if (Array.isArray(schema)) throw new Error(`The union ${JSON.stringify(schema)} is not of the shape ["null", type].`)
    switch (schema.type) {
      case 'record':
        return this.record(schema)
      case 'enum':
        return this.enumeration(schema)
      case 'array': {
        const items = this.type(schema.items)
        return items.includes(' ') ? `(${items})[]` : `${items}[]`
      }
      case 'map':
        return `Record<string, ${this.type(schema.values)}>`
      default:
        return this.primitive(schema.type)
    }
  }

  private primitive(name: string): string {
    const type = primitives[name]
    if (!type) throw new Error(`schemas/avro uses the type ${name}, which the generator does not know.`)
    return type
  }
}
