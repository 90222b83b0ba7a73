import t from 'tap'
import type { InputTopic } from '../../schemas/catalogue.js'
import { createCodec } from '../../schemas/codec.js'
import type { DeadLetter, Play } from '../../schemas/events.js'
import { openLocalRegistry } from '../../schemas/local-registry.js'
import { type AvroRecord, readSchema } from '../../schemas/sources.js'
import type { LogRecord, NewRecord } from '../../streams/log/log.js'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { openWhole, recordOf, vector } from '../conformance/whole.js'

const NOW = Date.now()
const lone: Play = {
  event_id: 'e',
  user_id: 'keyless',
  track_id: 'a track of its own',
  track_name: 'T',
  artist_id: 'an artist of its own',
  artist_name: 'A',
  album_name: null,
  occurred_at: Date.UTC(2020, 0, 1),
  duration_ms: null,
  ms_played: null,
  device_type: null,
  country: null,
  source: 'test'
}

/** A producer whose schema has a fraction where ours has a whole number: NaN is a value of it. */
async function notANumber(directory: string): Promise<Buffer> {
  const registry = openLocalRegistry(directory)
  const schema = structuredClone(readSchema('play')) as AvroRecord
  schema.fields.find(field => field.name === 'occurred_at')!.type = 'double'
  const id = await registry.register('somebody-elses-value', schema)
  const codec = await createCodec(registry)
  const bytes = codec.encode('spotify-plays', lone)
  bytes.writeUInt32BE(id, 1)
  // Of the bytes only the header matters: the schema can't be read as ours.
  bytes.writeDoubleLE(Number.NaN, bytes.length - 8)
  return bytes
}

const nameOf = ({ topic, partition, offset }: { topic: string; partition: number; offset: number }) => `${topic}-${partition}-${offset}`

t.test('poison between the events: each is a dead letter with its bytes, and all else is what it would be without', async t => {
  const directory = t.testdir()
  const it = await openWhole(t, { SEGUE_DATA_DIR: directory, MAX_COMMIT_RECORDS: '37' })
  const { lines, expected } = vector('awkward')
  const good = it.base.codec.encode('spotify-plays', lone)
  const unknown = Buffer.from(good)
  unknown.writeUInt32BE(987_654, 1)
  const poisons: (Buffer | null)[] = [
    Buffer.from('{"user_id":"u"}'),
    unknown,
    good.subarray(0, good.length - 7),
    good.subarray(0, 3),
    Buffer.concat([good, Buffer.from([1])]),
    await notANumber(`${directory}/registry`),
    null
  ]
  const sent: NewRecord[] = []
  for (const [i, line] of lines.entries()) {
    sent.push(recordOf(it.base, line, NOW))
    if (i % 100 !== 50) continue
    const value = poisons[(i / 50) % poisons.length]!
    const topic: InputTopic = i % 400 === 50 ? 'spotify-likes' : 'spotify-plays'
    sent.push({ topic, key: i % 3 === 0 ? null : Buffer.from(`k${i}`), value, timestamp: NOW })
  }
  sent.push({ topic: 'spotify-plays', key: null, value: good, timestamp: NOW })
  for (let from = 0; from < sent.length; from += 250) await it.base.log.send(sent.slice(from, from + 250))
  const count = sent.length - 1 - lines.length
  t.ok(count > 3 * poisons.length)

  const actual = await it.dump()
  const artists = [{ artist_id: 'an artist of its own', affinity: 1, plays: 1 }]
  const withPoison: Dump = {
    ...expected,
    accepted: { ...expected.accepted, play: expected.accepted.play! + 1 },
    rejected: { ...expected.rejected, UNDECODABLE: (expected.rejected.UNDECODABLE ?? 0) + count },
    sessions: expected.sessions + 1,
    tracks: { ...expected.tracks, 'a track of its own': { sessions: 1, n: 1, neighbours: {} } },
    affinity: { ...expected.affinity, keyless: artists }
  }
  t.same(differences(withPoison, actual), [])

  const inputs = new Map<string, LogRecord>()
  for (const topic of new Set(sent.map(record => record.topic as InputTopic)))
    for (const record of await it.records(topic)) inputs.set(nameOf(record), record)
  const letters = (await it.records('dead-letters')).map(({ value }) => it.base.codec.decode('dead-letters', value!) as DeadLetter)
  const rejected = Object.values(withPoison.rejected).reduce((sum, n) => sum + n, 0)
  t.equal(letters.length, rejected, 'one letter for each that was rejected')
  t.equal(new Set(letters.map(nameOf)).size, rejected)
  const bytes = (value: Uint8Array | null) => value && Buffer.from(value).toString('hex')
  for (const letter of letters) {
    const input = inputs.get(nameOf(letter))!
    if (bytes(letter.value) !== bytes(input.value) || bytes(letter.key) !== bytes(input.key)) t.fail(`${nameOf(letter)} has other bytes`)
    if (letter.reason === '' || letter.record_time !== NOW) t.fail(`${nameOf(letter)}: ${letter.reason} ${letter.record_time}`)
  }
})
