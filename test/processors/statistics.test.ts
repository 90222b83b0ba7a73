import t from 'tap'
import { Bag, userDayFold } from '../../processors/statistics/day-fold.js'
import { idHash, packHashes } from '../../schemas/heard.js'
import { Bytes, BytesReader } from '../../streams/bytes.js'
import { change, like, play, skip } from './events.js'
import { DAY, HOUR, Listeners, NOON } from './harness.js'

/** 2024-03-01T00:00Z */
const MIDNIGHT = NOON - 12 * HOUR

t.test('plays and listening time per hour, day and device, and in total', async t => {
  const listeners = new Listeners(2)
  listeners.pipe('spotify-plays', play({ track_id: '1', ms_played: 40_000, duration_ms: 200_000, device_type: 'tv' }))
  listeners.pipe('spotify-plays', play({ track_id: '2', duration_ms: 200_000, occurred_at: MIDNIGHT }))
  listeners.pipe('spotify-plays', play({ track_id: '3', occurred_at: MIDNIGHT - 1 }))
  listeners.pipe('spotify-skips', skip({ ms_played: 1_000 }))
  listeners.pipe('spotify-likes', like({ duration_ms: 200_000 }))
  listeners.commit()
  const rows = [...listeners.table('play-statistics')].map(([key, value]) => [key, value.plays, value.listening_ms])
  t.same(rows.sort(), [
    ['day|2024-02-29|2', 1, 0],
    ['day|2024-03-01|2', 2, 240_000],
    ['device|computer|2', 2, 200_000],
    ['device|tv|2', 1, 40_000],
    ['hour|2024-02-29T23|2', 1, 0],
    ['hour|2024-03-01T00|2', 1, 200_000],
    ['hour|2024-03-01T12|2', 1, 40_000],
    ['total|total|2', 3, 240_000]
  ])
  t.same(listeners.table('play-statistics').get('device|tv|2'), {
    dimension: 'device',
    value: 'tv',
    shard: 2,
    plays: 1,
    listening_ms: 40_000
  })
})

t.test('a correction moves a play from one device to another', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-events', change({ event_type: 'play', device_type: 'tv', ms_played: 50_000, artist_id: 'b' }))
  listeners.commit()
  listeners.pipe('spotify-plays', play({ device_type: 'car', duration_ms: 60_000 }))
  listeners.commit()
  const table = listeners.table('play-statistics')
  t.notOk(table.has('device|tv|0'), 'what is zero is gone')
  t.match(table.get('device|car|0'), { plays: 1, listening_ms: 60_000 })
  t.match(table.get('total|total|0'), { plays: 1, listening_ms: 60_000 })
  t.match(listeners.table('user-days').get('u|2024-03-01'), { plays: 1, listening_ms: 60_000, distinct_tracks: 1, distinct_artists: 1 })
})

t.test("a listener's days", async t => {
  const listeners = new Listeners()
  const heard = (...tracks: string[]) => packHashes(tracks.map(idHash))
  const events: [track: string, artist: string, time: number][] = [
    ['1', 'a', MIDNIGHT],
    ['1', 'a', NOON],
    ['2', 'a', NOON],
    ['3', 'b', NOON - DAY]
  ]
  for (const [track_id, artist_id, occurred_at] of events)
    listeners.pipe('spotify-plays', play({ user_id: 'u|1', track_id, artist_id, occurred_at, duration_ms: 1_000 }))
  listeners.commit()
  t.same(
    listeners.table('user-days'),
    new Map([
      [
        'u|1|2024-03-01',
        {
          user_id: 'u|1',
          day: '2024-03-01',
          plays: 3,
          listening_ms: 3_000,
          distinct_tracks: 2,
          distinct_artists: 1,
          heard: heard('1', '2')
        }
      ],
      [
        'u|1|2024-02-29',
        { user_id: 'u|1', day: '2024-02-29', plays: 1, listening_ms: 1_000, distinct_tracks: 1, distinct_artists: 1, heard: heard('3') }
      ]
    ])
  )
})

t.test('a day is read as it was written, and forgets what was taken back', async t => {
  const value = userDayFold.empty()
  const one = { track: 1, artist: 300, ms: 70_000, sign: 1 } as const
  for (const operand of [one, { ...one, track: 2 }, one, { ...one, sign: -1 } as const, { ...one, sign: -1 } as const]) {
    const out = new Bytes()
    userDayFold.writeOperand(operand, out)
    userDayFold.merge(value, userDayFold.readOperand(new BytesReader(out.take())))
  }
  const out = new Bytes()
  userDayFold.write(value, out)
  for (const { plays, ms, tracks, artists } of [value, userDayFold.read(new BytesReader(out.take()))]) {
    t.same([plays, ms], [1, 70_000])
    t.same([tracks.size, tracks.first(9), artists.size, artists.first(9)], [1, [2], 1, [300]])
  }
})

t.test('a bag has what was added and not taken back, in order, whatever its size', async t => {
  const bag = new Bag()
  const counts = new Map<number, number>()
  for (let i = 0; i < 3_000; i++) {
    const id = (i * 7919) % 101
    const change = i % 3 === 0 ? -1 : 1
    bag.add(id, change)
    const count = (counts.get(id) ?? 0) + change
    if (count === 0) counts.delete(id)
    else counts.set(id, count)
    t.equal(bag.size, counts.size)
  }
  t.same(bag.first(1_000), [...counts.keys()])
  t.same(bag.first(5), [...counts.keys()].slice(0, 5))
})

t.test('counts go on where the last commit ended', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-plays', play())
  listeners.commit()
  listeners.restart()
  listeners.pipe('spotify-plays', play())
  listeners.pipe('spotify-likes', like())
  listeners.commit()
  const sent = listeners.to('pipeline-counts').length
  t.same(listeners.table('pipeline-counts').get('0'), {
    shard: 0,
    accepted: { play: 1, like: 1 },
    rejected: {},
    duplicates: 1,
    sessions: 1
  })
  listeners.commit()
  t.equal(listeners.to('pipeline-counts').length, sent, 'nothing is sent where nothing happened')
})
