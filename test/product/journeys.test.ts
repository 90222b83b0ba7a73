import t from 'tap'
import { createCodec } from '../../schemas/codec.js'
import type { Log, LogRecord } from '../../streams/log/log.js'
import { openJourneys } from '../../tools/journeys.js'
import { MemoryRegistry } from '../schemas/memory-registry.js'

t.test('an event that is processed while its traces are looked for is waiting, not without a trace', async t => {
  const codec = await createCodec(new MemoryRegistry())
  const unknown = { album_name: null, duration_ms: null, ms_played: null, device_type: null, country: null, source: 'test' }
  const play = {
    event_id: 'one',
    user_id: 'ann',
    track_id: 'a',
    track_name: 'A',
    artist_id: null,
    artist_name: 'B',
    occurred_at: 0,
    ...unknown
  }
  const at = { topic: 'spotify-plays', partition: 0 }
  const raw = { ...at, offset: 0, timestamp: 0, key: Buffer.from('ann'), value: codec.encode('spotify-plays', play) } as LogRecord
  let processed = false
  const log: Pick<Log, 'fetch' | 'beginningOffset' | 'endOffset' | 'offsetForTime' | 'committed'> = {
    beginningOffset: async () => 0,
    async endOffset({ topic }) {
      // It is processed as soon as the search of what was written has begun.
      if (topic === 'listening-events') processed = true
      return topic === at.topic ? 1 : 0
    },
    offsetForTime: async () => 0,
    fetch: async () => ({ records: [raw], nextOffset: 1 }),
    committed: async () => [processed ? 1 : 0]
  }
  const view = { position: async () => undefined }
  const { journey } = await openJourneys({ log, codec, view, applicationId: 'segue', partitions: 1 }).find('one', undefined)
  t.match(journey, { verdict: 'waiting', clean: null, letter: null })
})
