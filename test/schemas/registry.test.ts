import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { catalogue, topicNames } from '../../schemas/catalogue.js'
import { createCodec } from '../../schemas/codec.js'
import { openLocalRegistry } from '../../schemas/local-registry.js'
import { subjectOf } from '../../schemas/registry.js'
import { readSchema } from '../../schemas/sources.js'
import { registryContract } from '../contract/registry.js'

function temporary(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'registry-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

const play = readSchema('play')
const withMood = { ...play, fields: [...play.fields, { name: 'mood', type: ['null' as const, 'string'], default: null }] }

let directory = ''
registryContract({
  name: 'local files',
  open: async t => {
    directory = temporary(t)
    return openLocalRegistry(directory)
  },
  reopen: async () => openLocalRegistry(directory),
  subject: name => `${name}-value`
})

t.test('ids rise from 1, are found again, and are the same after opening again', async t => {
  const directory = temporary(t)
  const registry = openLocalRegistry(directory)
  t.equal(await registry.register('a-value', play), 1)
  t.equal(await registry.register('a-value', withMood), 2)
  t.equal(await registry.register('a-value', { ...play, doc: 'Another text.' }), 1)
  t.equal(await registry.register('b-value', withMood), 2, 'one schema has one id, whatever the subject')
  const again = openLocalRegistry(directory)
  t.equal(await again.register('a-value', withMood), 2)
  t.strictSame(await again.schema(1), play)
  t.strictSame(await again.schema(2), withMood)
  t.equal(await again.schema(3), undefined)
})

t.test('what a kill left behind does no harm', async t => {
  const directory = temporary(t)
  await openLocalRegistry(directory).register('a-value', play)
  writeFileSync(join(directory, '2.json.tmp'), '{"subj')
  const registry = openLocalRegistry(directory)
  t.equal(await registry.register('a-value', withMood), 2)
  t.strictSame(readdirSync(directory).sort(), ['1.json', '2.json'])
})

t.test('a damaged file is named', async t => {
  const directory = temporary(t)
  await openLocalRegistry(directory).register('a-value', play)
  writeFileSync(join(directory, '1.json'), readFileSync(join(directory, '1.json'), 'utf8').slice(0, 100))
  t.throws(() => openLocalRegistry(directory), /1\.json is damaged .* restore it from a backup/)
})

t.test('a codec on it: all topics, the same ids after a restart, old records are read', async t => {
  const directory = temporary(t)
  const schema = readSchema('user-day')
  const day = {
    user_id: 'u',
    day: '2026-01-31',
    plays: 1,
    listening_ms: 2,
    distinct_tracks: 1,
    distinct_artists: 1,
    heard: Buffer.from('0001')
  }
  const bytes = (await createCodec(openLocalRegistry(directory))).encode('user-days', day)
  const codec = await createCodec(openLocalRegistry(directory))
  t.ok(codec.encode('user-days', day).equals(bytes))
  t.strictSame(codec.decode('user-days', bytes), day)
  const registry = openLocalRegistry(directory)
  t.strictSame(await registry.schema(bytes.readUInt32BE(1)), schema)
  const ids = await Promise.all(topicNames.map(name => registry.register(subjectOf(name), readSchema(catalogue[name].schema))))
  t.equal(new Set(ids).size, topicNames.length)
})
