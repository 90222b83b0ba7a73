import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { EventDetails, Kept } from '../../processors/clean/history.js'
import { keptSerde } from '../../processors/clean/serde.js'
import type { InputTopic } from '../../schemas/catalogue.js'
import type { ListeningEvent } from '../../schemas/events.js'
import { artistIdFromName } from '../../schemas/ids.js'
import { change, like, play, skip } from './events.js'
import { HOUR, Listeners, NOON } from './harness.js'

const events = (listeners: Listeners): ListeningEvent[] => listeners.to('listening-events').map(record => record.value!)

t.test('each record becomes the canonical event of its type', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-plays', play({ track_id: '1' }))
  listeners.pipe('spotify-plays', play({ track_id: '2', ms_played: 29_999 }))
  listeners.pipe('spotify-plays', play({ track_id: '3', ms_played: 30_000 }))
  listeners.pipe('spotify-skips', skip({ track_id: '4' }))
  listeners.pipe('spotify-likes', like({ track_id: '5' }))
  listeners.pipe('spotify-likes', like({ track_id: '6', liked: false }))
  const changes = ['play', 'pause', 'skip', 'like', 'resume', 'seek', 'device_change', 'volume_change', 'queue_change', 'other'] as const
  for (const event_type of changes) listeners.pipe('spotify-events', change({ track_id: event_type, event_type }))
  listeners.pipe('spotify-events', change({ track_id: 'short', event_type: 'play', ms_played: 10 }))
  t.same(
    events(listeners).map(({ track_id, type }) => [track_id, type]),
    [
      ...[
        ['1', 'play'],
        ['2', 'skip'],
        ['3', 'play'],
        ['4', 'skip'],
        ['5', 'like'],
        ['6', 'unlike']
      ],
      ...[
        ['play', 'play'],
        ['pause', 'pause'],
        ['skip', 'skip'],
        ['like', 'like']
      ],
      ...['resume', 'seek', 'device_change', 'volume_change', 'queue_change', 'other'].map(type => [type, 'other']),
      ['short', 'skip']
    ]
  )
})

t.test('country, device and artist are made uniform, the origin is kept', async t => {
  const listeners = new Listeners()
  const event = play({
    country: 'deu',
    device_type: 'SPEAKER',
    artist_id: null,
    artist_name: 'Björk',
    source: 'export',
    album_name: 'Post'
  })
  listeners.pipe('spotify-plays', event, NOON + 5)
  t.match(listeners.to('listening-events'), [
    {
      key: 'u',
      value: {
        action: 'count',
        country: 'DE',
        device_type: 'speaker',
        artist_id: artistIdFromName('Björk'),
        album_name: 'Post',
        source: 'export',
        origin: { topic: 'spotify-plays', partition: 0, offset: 0, record_time: NOON + 5 }
      }
    }
  ])
})

t.test('a rejected record goes to the dead letters only, and is never a duplicate', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-plays', play({ artist_id: '' }))
  listeners.pipe('spotify-plays', play({ artist_id: null, artist_name: '' }))
  listeners.pipe('spotify-plays', play())
  listeners.pipe('spotify-plays', play({ duration_ms: 0 }))
  listeners.undecodable()
  listeners.commit()
  t.same(
    listeners.rejected.map(({ code }) => code),
    ['MISSING_FIELD', 'MISSING_FIELD', 'BAD_DURATION']
  )
  t.equal(events(listeners).length, 1)
  t.same(listeners.table('pipeline-counts').get('0'), {
    shard: 0,
    accepted: { play: 1 },
    rejected: { MISSING_FIELD: 2, BAD_DURATION: 1, UNDECODABLE: 1 },
    duplicates: 0,
    sessions: 1
  })
})

t.test('given an event that was read', async t => {
  const given = () => {
    const listeners = new Listeners()
    listeners.pipe('spotify-events', change({ event_type: 'play', event_id: 'first', artist_id: 'wrong', country: 'DE' }), NOON, 7)
    listeners.commit()
    return listeners
  }
  t.test('a higher offset or topic is a duplicate, whatever its other fields say', async t => {
    const listeners = given()
    listeners.pipe('spotify-events', change({ event_type: 'play', event_id: 'second', artist_id: 'other' }), NOON, 8)
    t.equal(events(listeners).length, 1)
    listeners.commit()
    t.match(listeners.table('pipeline-counts').get('0'), { duplicates: 1, accepted: { play: 1 } })
  })
  t.test('another user, track, time or type is another fact', async t => {
    const listeners = given()
    listeners.pipe('spotify-plays', play({ user_id: 'v' }))
    listeners.pipe('spotify-plays', play({ track_id: 'x' }))
    listeners.pipe('spotify-plays', play({ occurred_at: NOON + 1 }))
    listeners.pipe('spotify-skips', skip())
    t.same(
      events(listeners).map(({ action }) => action),
      ['count', 'count', 'count', 'count', 'count']
    )
  })
  t.test('one that stands before it corrects it: retract what was counted, then count', async t => {
    const listeners = given()
    listeners.pipe('spotify-plays', play({ event_id: 'better', artist_id: 'right', country: 'GB' }), NOON, 9)
    const [counted, retracted, corrected] = events(listeners)
    t.same(retracted, { ...counted, action: 'retract' })
    t.match(corrected, {
      action: 'count',
      event_id: 'better',
      artist_id: 'right',
      country: 'GB',
      origin: { topic: 'spotify-plays', offset: 9 }
    })
    listeners.commit()
    t.match(listeners.table('pipeline-counts').get('0'), { duplicates: 1, accepted: { play: 1 }, sessions: 1 })
    t.match(listeners.table('user-sessions').get('u'), { plays: 1, country: 'GB', tracks: [{ track_id: 't', artist_id: 'right' }] })
    t.match(listeners.table('artist-affinity').get('u'), { country: 'GB', artists: [{ artist_id: 'right', plays: 1 }] })

    listeners.pipe('spotify-plays', play({ event_id: 'best' }), NOON, 8)
    t.match(events(listeners).slice(3), [
      { action: 'retract', event_id: 'better' },
      { action: 'count', event_id: 'best' }
    ])
  })
})

t.test('an event later than all others of its listener costs no read', async t => {
  const listeners = new Listeners()
  listeners.advance(NOON)
  const history = listeners.store<Kept>('listening-history')
  const before = history.scans
  for (let i = 0; i < 100; i++) listeners.pipe('spotify-plays', play({ occurred_at: NOON - HOUR + i * 1000 }))
  t.equal(history.reads, 0)
  t.equal(history.scans - before, 1, 'once, for the listener')
})

t.test('an entry of the history is read as it was written', async t => {
  const text = fc.string({ unit: 'grapheme', maxLength: 200 })
  const anyKept: fc.Arbitrary<Kept> = fc.record({
    readAt: fc.constant(NOON + 10_000_000),
    joinedAt: fc.integer({ min: NOON, max: NOON + 10_000_000 }),
    details: fc.record<EventDetails>({
      event_id: text,
      track_name: text,
      artist_id: text,
      artist_name: text,
      album_name: fc.option(text),
      duration_ms: fc.option(fc.integer({ min: 0, max: 86_400_000 })),
      ms_played: fc.option(fc.integer({ min: 0, max: 86_400_000 })),
      device_type: fc.constantFrom('smartphone', 'web', 'other'),
      country: fc.constantFrom(null, 'DE'),
      source: text,
      origin: fc.record({
        topic: fc.constantFrom<InputTopic>('spotify-plays', 'spotify-skips', 'spotify-likes', 'spotify-events'),
        partition: fc.nat(1000),
        offset: fc.maxSafeNat(),
        record_time: fc.integer({ min: 0, max: NOON })
      })
    })
  })
  fc.assert(
    fc.property(anyKept, kept => {
      assert.deepEqual(keptSerde.decode(keptSerde.encode(kept)), structuredClone(kept))
    }),
    { numRuns: 100 }
  )
  t.throws(() => keptSerde.decode(Buffer.from([9, 0, 0])), /format 9/)
})
