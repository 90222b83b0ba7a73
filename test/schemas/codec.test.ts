import avsc from 'avsc'
import t from 'tap'
import { type Codec, createCodec, SchemaPendingError, UndecodableError, UnencodableError } from '../../schemas/codec.js'
import { RegistryUnavailableError } from '../../schemas/registry.js'
import { type AvroRecord, type AvroSchema, readSchema } from '../../schemas/sources.js'
import { MemoryRegistry } from './memory-registry.js'
import { play, playbackEvent } from './samples.js'
import { written } from './written.js'

/** A codec, and the way to decode what a foreign schema wrote. */
async function setUp() {
  const registry = new MemoryRegistry()
  const codec = await createCodec(registry)
  const decodeForeign = async (topic: Parameters<Codec['decode']>[0], schema: AvroSchema, value: unknown) => {
    const id = await registry.register('', schema)
    await codec.resolve(id)
    return codec.decode(topic, written(id, schema, value))
  }
  return { registry, codec, decodeForeign }
}

t.test('the wire format: 0, the id, big endian, then Avro', async t => {
  const { codec, registry } = await setUp()
  const bytes = codec.encode('spotify-plays', play)
  t.equal(bytes[0], 0)
  const schema = await registry.schema(bytes.readUInt32BE(1))
  t.strictSame(schema, readSchema('play'))
  t.same(avsc.Type.forSchema(schema as avsc.Schema).fromBuffer(bytes.subarray(5)), play)
  t.strictSame(codec.decode('spotify-plays', bytes), play)
  t.strictSame(codec.decodeBare('spotify-plays', codec.encodeBare('spotify-plays', play)), play)
  t.ok(codec.encodeBare('spotify-plays', play).equals(bytes.subarray(5)))
})

t.test('what was encoded is not changed by what is encoded next', async t => {
  const { codec } = await setUp()
  const first = codec.encode('spotify-plays', play)
  codec.encode('spotify-plays', { ...play, user_id: 'another', track_name: 'x'.repeat(200_000) })
  t.strictSame(codec.decode('spotify-plays', first), play)
})

t.test('names of older producers are read through aliases', async t => {
  const { decodeForeign } = await setUp()
  const string = { type: 'string' as const }
  const older: AvroRecord = {
    type: 'record',
    name: 'Play',
    namespace: 'com.example.older',
    fields: [
      { name: 'country', type: string },
      { name: 'event_id', type: string },
      { name: 'user_id', type: string },
      { name: 'song_id', type: string },
      { name: 'artist_name', type: string },
      { name: 'song_name', type: string },
      { name: 'shuffle', type: { type: 'array', items: 'boolean' } },
      { name: 'timestamp', type: 'long' }
    ]
  }
  const value = { ...play, song_id: 's', song_name: 'S', shuffle: [true], timestamp: 5 }
  const read = await decodeForeign('spotify-plays', older, value)
  t.strictSame(read, {
    ...play,
    track_id: 's',
    track_name: 'S',
    occurred_at: 5,
    duration_ms: null,
    device_type: null,
    source: 'unknown'
  })
})

t.test('an enum symbol of a newer writer becomes the default', async t => {
  const { decodeForeign } = await setUp()
  const newer = readSchema('playback-event')
  const field = newer.fields.find(({ name }) => name === 'event_type')!
  const known = field.type as { symbols: string[] }
  field.type = { ...known, symbols: ['teleport', ...known.symbols] } as AvroSchema
  newer.fields.push({ name: 'mood', type: ['null', 'string'], default: null })
  t.strictSame(await decodeForeign('spotify-events', newer, { ...playbackEvent, event_type: 'teleport', mood: 'calm' }), {
    ...playbackEvent,
    event_type: 'unknown'
  })
  t.strictSame(await decodeForeign('spotify-events', newer, { ...playbackEvent, mood: null }), playbackEvent)
})

t.test('a schema that only looks different is read like our own', async t => {
  const { decodeForeign } = await setUp()
  t.strictSame(await decodeForeign('spotify-plays', { ...readSchema('play'), doc: 'Another text.' }, play), play)
})

t.test('an id that was not looked up yet: pending, then read', async t => {
  const { registry, codec } = await setUp()
  const schema = { ...readSchema('play'), doc: 'new' }
  const id = await registry.register('', schema)
  const bytes = written(id, schema, play)
  t.throws(() => codec.decode('spotify-plays', bytes), new SchemaPendingError(id))
  registry.down = true
  await t.rejects(codec.resolve(id), RegistryUnavailableError)
  t.throws(() => codec.decode('spotify-plays', bytes), SchemaPendingError, 'not poison: the registry may know it')
  t.strictSame(codec.decode('spotify-plays', codec.encode('spotify-plays', play)), play, 'known ids work')
  registry.down = false
  await codec.resolve(id)
  t.strictSame(codec.decode('spotify-plays', bytes), play)
})

t.test('an id that does not exist is poison, for a while', async t => {
  let now = 0
  const registry = new MemoryRegistry()
  const codec = await createCodec(registry, () => now)
  const bytes = written(4_000_000_000, readSchema('play'), play)
  t.throws(() => codec.decode('spotify-plays', bytes), new SchemaPendingError(4_000_000_000))
  await codec.resolve(4_000_000_000)
  t.throws(
    () => codec.decode('spotify-plays', bytes),
    new UndecodableError('It names schema 4000000000, which the registry does not have.')
  )
  now += 3_600_000
  t.throws(() => codec.decode('spotify-plays', bytes), SchemaPendingError, 'it may have been registered since')
})

t.test('a schema that ours cannot read is poison with the reason', async t => {
  const { decodeForeign, codec } = await setUp()
  const micros = readSchema('play')
  micros.fields.find(({ name }) => name === 'occurred_at')!.type = { type: 'long', logicalType: 'timestamp-micros' }
  await t.rejects(decodeForeign('spotify-plays', micros, play), { name: 'UndecodableError', message: /timestamp-micros/ })
  await t.rejects(decodeForeign('spotify-plays', 'string', 'hello'), { name: 'UndecodableError', message: /written as string/ })
  const skip = codec.encode('spotify-skips', play)
  await codec.resolve(skip.readUInt32BE(1))
  t.throws(() => codec.decode('spotify-plays', skip), { name: 'UndecodableError', message: /was written as a Skip, not a Play/ })
})

t.test('a value that does not fit names the field', async t => {
  const { codec } = await setUp()
  const message = (encode: () => unknown) => {
    try {
      encode()
    } catch (error) {
      t.ok(error instanceof UnencodableError)
      return (error as Error).message
    }
    return t.fail('it was encoded')
  }
  t.match(
    message(() => codec.encode('spotify-plays', { ...play, ms_played: Number.NaN })),
    /ms_played is NaN/
  )
  t.match(
    message(() => codec.encode('spotify-plays', { ...play, user_id: undefined as never })),
    /user_id is missing/
  )
  t.match(
    message(() => codec.encode('spotify-plays', { ...play, country: undefined as never })),
    /country is missing/
  )
  t.match(
    message(() => codec.encode('spotify-plays', { ...play, occurred_at: 2 ** 53 })),
    /occurred_at is 9007199254740992/
  )
  t.match(
    message(() => codec.encode('spotify-events', { ...playbackEvent, event_type: 'x' as never })),
    /event_type is "x", not one of/
  )
  const neighbours = [
    { track_id: 'a', together: 1, weight: 1 },
    { track_id: 'b', together: 1, weight: Number.NaN }
  ]
  const list = { track_id: 't', sessions: 1, n: 1, neighbours }
  t.match(
    message(() => codec.encode('track-neighbours', list)),
    /neighbours\[1\]\.weight is NaN/
  )
  t.match(
    message(() => codec.encodeBare('track-neighbours', { ...list, neighbours: {} as never })),
    /neighbours is \{\}, not an array/
  )
  const counts = { shard: 0, accepted: { play: 1.5 }, rejected: {}, duplicates: 0, sessions: 0 }
  t.match(
    message(() => codec.encode('pipeline-counts', counts)),
    /accepted\["play"\] is 1\.5/
  )
})
