/** What a value costs as bytes: the generated readers and writers, and avsc's own. CPU per value, the least of several rounds. */
import avro from 'avsc'
import { createCodec } from '../schemas/codec.js'
import type { ListeningEvent, TrackNeighbours } from '../schemas/events.js'
import { readSchema } from '../schemas/sources.js'
import { MemoryRegistry } from '../test/schemas/memory-registry.js'

const ROUNDS = 9

const event: ListeningEvent = {
  action: 'count',
  event_id: '6f1c2f4e-9a55-5a1c-8f0e-0c3f2f5a7f11',
  type: 'play',
  user_id: 'listener-1042',
  track_id: '6habFhsOp2NvshLv26DqMb',
  track_name: 'Despacito',
  artist_id: '4V8Sr092TqfHkfAA5fXXqG',
  artist_name: 'Luis Fonsi',
  album_name: 'VIDA',
  occurred_at: Date.UTC(2026, 0, 1),
  duration_ms: 229_360,
  ms_played: 201_000,
  device_type: 'smartphone',
  country: 'DE',
  source: 'spotify',
  origin: { topic: 'spotify-plays', partition: 1, offset: 123_456, record_time: Date.UTC(2026, 0, 1) }
}
const neighbours: TrackNeighbours = {
  track_id: 'track-0',
  sessions: 700,
  n: 812.25,
  neighbours: Array.from({ length: 150 }, (_, i) => ({ track_id: `6habFhsOp2NvshLv26D${i}`, together: 200 - i, weight: 300.5 / (i + 1) }))
}

function cost(work: () => unknown, count: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let i = 0; i < count; i++) work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / count)
  }
  return least
}

const codec = await createCodec(new MemoryRegistry())

function compare(topic: 'listening-events' | 'track-neighbours', schema: string, value: ListeningEvent | TrackNeighbours, count: number) {
  const type = avro.Type.forSchema(readSchema(schema) as avro.Schema)
  const bytes = type.toBuffer(value)
  const figures = {
    write: cost(() => codec.encodeBare(topic, value as never), count),
    'write, avsc': cost(() => type.toBuffer(value), count),
    read: cost(() => codec.decodeBare(topic, bytes), count),
    'read, avsc': cost(() => type.fromBuffer(bytes), count)
  }
  for (const [name, microseconds] of Object.entries(figures))
    process.stdout.write(`${topic} (${bytes.length} bytes) ${name}: ${microseconds.toFixed(2)} µs CPU\n`)
}

compare('listening-events', 'listening-event', event, 50_000)
compare('track-neighbours', 'track-neighbours', neighbours, 2_000)
