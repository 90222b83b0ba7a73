import t, { type Test } from 'tap'
import { incompatibilities } from '../../schemas/compatibility.js'
import { IncompatibleSchemaError, type Registry } from '../../schemas/registry.js'
import { readSchema } from '../../schemas/sources.js'

export interface RegistryContract {
  readonly name: string
  readonly open: (t: Test) => Promise<Registry>
  /** Makes the next calls go to the same registry after a restart. */
  readonly reopen: (t: Test, registry: Registry) => Promise<Registry>
  /** A subject that no other test uses. */
  readonly subject: (name: string) => string
}

const play = readSchema('play')
const withMood = { ...play, fields: [...play.fields, { name: 'mood', type: ['null' as const, 'string'], default: null }] }
const strict = { ...play, fields: [...play.fields, { name: 'mood', type: ['null' as const, 'string'] }] }
const withoutSource = { ...play, fields: play.fields.filter(field => field.name !== 'source') }

/** What every adapter of the Registry port keeps to. */
export function registryContract({ name, open, reopen, subject }: RegistryContract): void {
  t.test(`${name}: a schema has one id, whatever the subject, also after a restart`, async t => {
    const registry = await open(t)
    const [a, b] = [subject('a'), subject('b')]
    const id = await registry.register(a, play)
    t.ok(Number.isInteger(id) && id > 0)
    t.equal(await registry.register(a, play), id)
    const other = await registry.register(a, withMood)
    t.not(other, id)
    t.equal(await registry.register(b, withMood), other)
    const again = await reopen(t, registry)
    t.equal(await again.register(a, withMood), other)
    t.equal(await again.register(a, play), id, 'an older one of the subject')
    for (const [number, schema] of [
      [id, play],
      [other, withMood]
    ] as const) {
      const found = (await again.schema(number))!
      t.same(found, schema, 'with its defaults, logical types and docs')
      t.strictSame(incompatibilities(found, schema), [])
    }
  })

  t.test(`${name}: an id that was never given has no schema`, async t => {
    const registry = await open(t)
    for (const id of [0, 2 ** 31 - 2, 2 ** 31, 2 ** 32 - 1]) t.equal(await registry.schema(id), undefined)
  })

  t.test(`${name}: a schema that can't read any older one of its subject is refused, with the reason`, async t => {
    const registry = await open(t)
    const a = subject('refused')
    const first = await registry.register(a, play)
    await registry.register(a, withoutSource)
    await registry.register(a, withMood)
    const message = `The schema of ${a} can't read what schema ${first} wrote: The field mood of Play was not written and has no default.`
    await t.rejects(registry.register(a, strict), new IncompatibleSchemaError(message))
    await t.rejects(registry.register(a, strict), IncompatibleSchemaError, 'nor is it the second time')
    t.equal(await registry.register(a, play), first, 'nothing else changed')
    t.ok(await registry.register(subject('another history'), strict))
  })
}
