import t from 'tap'
import { createCodec, SchemaPendingError } from '../../schemas/codec.js'
import { openConfluentRegistry } from '../../schemas/confluent-registry.js'
import { IncompatibleSchemaError, type Registry, RegistryUnavailableError, subjectOf } from '../../schemas/registry.js'
import { readSchema } from '../../schemas/sources.js'
import { registryContract } from '../contract/registry.js'
import { play } from '../schemas/samples.js'
import { written } from '../schemas/written.js'
import { unique } from './harness.js'
import { sharedStack } from './stack.js'

const stack = await sharedStack(['registry'])
const open = () => openConfluentRegistry({ url: stack.addresses.registry! })

registryContract({
  name: 'Confluent API',
  open: async () => open(),
  reopen: async () => {
    await stack.restart('registry', 'kill')
    return open()
  },
  subject: name => `${unique(name)}-value`
})

t.test('instances that start at once on an empty registry register the same', async t => {
  const registries = Array.from({ length: 6 }, open)
  for (let round = 0; round < 10; round++) {
    const subject = `${unique('at once')}-value`
    const ids = await Promise.all(registries.map(registry => registry.register(subject, readSchema('play'))))
    t.equal(new Set(ids).size, 1)
  }
})

t.test('the level is BACKWARD_TRANSITIVE from the first schema on; a stricter one stays', async t => {
  const level = async (subject: string, change?: string) => {
    const request = change && {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ compatibility: change })
    }
    const response = await fetch(`${stack.addresses.registry}/config/${subject}`, request || {})
    return ((await response.json()) as { compatibilityLevel: string }).compatibilityLevel
  }
  const subject = `${unique('level')}-value`
  await open().register(subject, readSchema('play'))
  t.equal(await level(subject), 'BACKWARD_TRANSITIVE')
  await level(subject, 'NONE')
  await open().register(subject, readSchema('play'))
  t.equal(await level(subject), 'BACKWARD_TRANSITIVE')
  await level(subject, 'FULL_TRANSITIVE')
  await open().register(subject, readSchema('play'))
  t.equal(await level(subject), 'FULL_TRANSITIVE')
})

t.test('the application does not start where its schema can not read what is in a topic', async t => {
  const own = unique('start')
  const registry = open()
  const apart: Registry = {
    register: (subject, schema) => registry.register(`${own}-${subject}`, schema),
    schema: id => registry.schema(id)
  }
  const foreign = { ...readSchema('play'), fields: [{ name: 'event_id', type: 'int' as const }] }
  await registry.register(`${own}-${subjectOf('spotify-plays')}`, foreign)
  const refused = createCodec(apart)
  await t.rejects(refused, IncompatibleSchemaError)
  await t.rejects(refused, {
    message: /^The schema of .*-spotify-plays-value can't read what schema \d+ wrote: The field event_id of Play was written as int/
  })
})

t.test('while the registry is down, known ids are read, unknown ones wait for it; then they are read too', async t => {
  const registry = open()
  const codec = await createCodec(registry)
  const newer = { ...readSchema('play'), doc: unique('newer') }
  const id = await registry.register(`${unique('newer')}-value`, newer)
  const unknown = written(id, newer, play)
  const known = codec.encode('spotify-plays', play)
  await stack.kill('registry')
  await t.rejects(open().register('x-value', newer), RegistryUnavailableError)
  t.strictSame(codec.decode('spotify-plays', known), play)
  t.throws(() => codec.decode('spotify-plays', unknown), new SchemaPendingError(id))
  await t.rejects(codec.resolve(id), {
    name: 'RegistryUnavailableError',
    message: /^The schema registry at http.* can't be reached: .*ECONNREFUSED/
  })
  t.throws(() => codec.decode('spotify-plays', unknown), SchemaPendingError, 'it is not given up')
  await stack.start('registry')
  await codec.resolve(id)
  t.strictSame(codec.decode('spotify-plays', unknown), play)
})
