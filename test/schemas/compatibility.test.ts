import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import t from 'tap'
import { broken, isAccepted, readHistory } from '../../schemas/check.js'
import { incompatibilities } from '../../schemas/compatibility.js'
import { generatedFiles, staleFiles } from '../../schemas/generate.js'
import { identityOf } from '../../schemas/identity.js'
import { projectRoot } from '../../schemas/root.js'
import { type AvroRecord, type AvroSchema, readSchema, schemaNames } from '../../schemas/sources.js'

const record = (...fields: AvroRecord['fields']): AvroRecord => ({ type: 'record', name: 'Thing', fields })
const named = (name: string, ...fields: AvroRecord['fields']): AvroRecord => ({ type: 'record', name, fields })
const colours = (symbols: string[], rest: object = {}): AvroSchema => ({ type: 'enum', name: 'Colour', symbols, ...rest })

t.test('what Avro can read is compatible', async t => {
  const pairs: [AvroSchema, AvroSchema][] = [
    ['long', 'int'],
    ['double', 'long'],
    ['string', 'bytes'],
    [['null', 'long'], 'int'],
    [
      ['null', 'string'],
      ['null', 'string']
    ],
    ['string', ['string', 'bytes']],
    [record({ name: 'a', type: 'int', default: 1 }), record({ name: 'b', type: 'int' })],
    [record({ name: 'a', aliases: ['b'], type: 'int' }), record({ name: 'b', type: 'int' })],
    [
      { ...record(), namespace: 'x' },
      { ...record(), namespace: 'y' }
    ],
    [{ ...named('Other'), aliases: ['Thing'] }, record()],
    [colours(['red', 'blue']), colours(['red'])],
    [colours(['red'], { default: 'red' }), colours(['red', 'blue'])],
    [{ type: 'long', logicalType: 'timestamp-millis' }, 'long'],
    [record({ name: 'next', type: ['null', 'Thing'] }), record({ name: 'next', type: ['null', 'Thing'] })],
    [
      { type: 'map', values: 'long' },
      { type: 'map', values: 'int' }
    ]
  ]
  for (const [reader, writer] of pairs) {
    t.strictSame(incompatibilities(reader, writer), [], JSON.stringify([reader, writer]))
    avsc.Type.forSchema(reader as avsc.Schema).createResolver(avsc.Type.forSchema(writer as avsc.Schema), { ignoreNamespaces: true })
  }
})

t.test('what it can not read has a sentence', async t => {
  const nested = (type: AvroSchema) => record({ name: 'list', type: { type: 'array', items: named('Item', { name: 'n', type }) } })
  const cases: [AvroSchema, AvroSchema, string][] = [
    ['int', 'long', "The value was written as long and can't be read as int."],
    ['string', ['null', 'string'], "The value was written as null and can't be read as string."],
    [['null', 'int'], 'string', 'The value was written as string, which is none of null, int.'],
    [record({ name: 'a', type: 'int' }), record(), 'The field a of Thing was not written and has no default.'],
    [nested('int'), nested('string'), "The field n of Item was written as string and can't be read as int."],
    [named('Other'), record(), 'The value was written as a Thing, not a Other.'],
    [
      record({ name: 'a', aliases: ['b'], type: 'int' }),
      record({ name: 'a', type: 'int' }, { name: 'b', type: 'int' }),
      'The field a of Thing was written twice, as a and as b.'
    ],
    [colours(['red']), colours(['red', 'blue']), 'The value may have been written as blue, which Colour does not have, nor a default.'],
    [{ type: 'fixed', name: 'F', size: 2 }, { type: 'fixed', name: 'F', size: 4 }, 'The value was written with 4 bytes, not 2.'],
    [
      { type: 'long', logicalType: 'timestamp-millis' },
      { type: 'long', logicalType: 'timestamp-micros' },
      'The value was written as timestamp-micros and would be read as timestamp-millis.'
    ]
  ]
  for (const [reader, writer, sentence] of cases) t.strictSame(incompatibilities(reader, writer), [sentence])
})

t.test('the check: every schema is accepted and reads its whole history', async t => {
  for (const name of schemaNames()) {
    t.strictSame(broken(name, readSchema(name), readHistory(name)), [])
    t.ok(isAccepted(readSchema(name), readHistory(name)), name)
  }
})

t.test('the check: a change that breaks an older version than the last is refused with the reason', async t => {
  const first = record({ name: 'a', type: 'int' })
  const second = record({ name: 'a', type: 'int' }, { name: 'b', type: 'int', default: 0 })
  const third = record({ name: 'b', type: 'int' })
  t.strictSame(broken('thing', second, [first]), [])
  t.strictSame(broken('thing', third, [first, second]), [
    "schemas/avro/thing.avsc can't read its version 1: The field b of Thing was not written and has no default."
  ])
  t.notOk(isAccepted(third, [first, second]))
})

t.test('the history is read in the order of its numbers', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'history-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  for (const version of [10, 9, 1]) cpSync(join(projectRoot, 'schemas/avro/play.avsc'), join(directory, 'play', `${version}.avsc`))
  t.equal(readHistory('play', directory).length, 3)
  t.strictSame(readHistory('absent', directory), [])
})

t.test('identity: docs and the order of keys do not count, defaults, aliases and logical types do', async t => {
  const schema = readSchema('play')
  const change = (part: object) =>
    identityOf({ ...schema, fields: schema.fields.map((field, i) => (i === 2 ? { ...field, ...part } : field)) })
  t.equal(identityOf({ ...schema, doc: 'x' }), identityOf(schema))
  t.equal(identityOf(Object.fromEntries(Object.entries(schema).reverse()) as unknown as AvroSchema), identityOf(schema))
  for (const part of [{ default: 'x' }, { aliases: ['y'] }, { type: { type: 'string', logicalType: 'uuid' } }])
    t.not(change(part), identityOf(schema))
})

t.test('what is generated is committed', async t => {
  t.strictSame(staleFiles(), [])
  for (const [file, text] of generatedFiles()) t.equal(readFileSync(file, 'utf8'), text)
})
