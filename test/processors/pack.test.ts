import t from 'tap'
import { EventIdentifier } from '../../processors/sessions/event-ids.js'
import { ArtistPacker } from '../../processors/sessions/pack-artists.js'
import { TrackPacker } from '../../processors/sessions/pack-tracks.js'
import { Names } from '../../processors/sessions/session.js'
import { Updates } from '../../processors/sessions/updates.js'
import type { ArtistUpdates, ListeningEvent, TrackUpdates } from '../../schemas/events.js'
import { play } from './events.js'
import { NOON } from './harness.js'

const LIMIT = 512 * 1024
const TRACKS = 200

/** At least what Avro needs: strings, two to five bytes an integer, eight a double. */
const bytesOf = (record: TrackUpdates): number =>
  record.dictionary.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0) +
  record.track.length * 16 +
  record.other.length * 14 +
  record.plays.length * 30

interface Saying {
  readonly updates: Updates
  readonly identifier: EventIdentifier
}

const saying = (updates: Updates): Saying => ({ updates, identifier: new EventIdentifier(updates.names) })

/** One play. */
function say({ updates, identifier }: Saying, fields: Parameters<typeof play>[0]): void {
  const event: ListeningEvent = {
    ...play(fields),
    action: 'count',
    type: 'play',
    artist_id: 'a'.repeat(60),
    device_type: 'tv',
    origin: { topic: '', partition: 0, offset: 0, record_time: 0 }
  }
  updates.event(identifier.idsOf(event), event.occurred_at, true, 1)
}

t.test('a commit of any size is split into records that fit, and nothing is lost', async t => {
  const names = new Names()
  const updates = new Updates(names)
  const to = saying(updates)
  for (let round = 0; round < 2; round++) {
    const ids = Array.from({ length: TRACKS }, (_, i) => names.intern(`${'t'.repeat(round * 100)}${i}`))
    for (const a of ids) updates.n(a, 1)
    for (let a = 0; a < TRACKS; a++) for (let b = 0; b < a; b++) updates.pair(ids[a]!, ids[b]!, a + b / 1024, b, 1)
    // One track alone has more neighbours than a record holds.
    const hub = names.intern('hub')
    for (let i = 0; i < 30_000; i++) updates.pair(hub, names.intern(`far away ${i}`), 1, 0, 0)
    for (let i = 0; i < 12_000; i++) say(to, { track_id: `t${i}`, track_name: 'name '.repeat(5) + i, occurred_at: NOON })

    const records: [number, TrackUpdates][] = []
    new TrackPacker(updates).pack(
      2,
      id => id % 2,
      (partition, record) => records.push([partition, record])
    )
    t.ok(records.length > 3)
    t.ok(records.every(([, record]) => bytesOf(record) < LIMIT))

    const weights = new Map<string, number>()
    let together = 0
    let n = 0
    let plays = 0
    for (const [partition, record] of records) {
      let from = 0
      record.track.forEach((track, i) => {
        const name = record.dictionary[track]!
        if (names.intern(name) % 2 !== partition) throw new Error(`${name} is in the wrong partition`)
        n += record.n[i]!
        for (const to = from + record.neighbours[i]!; from < to; from++) {
          const pair = `${name} ${record.dictionary[record.other[from]!]}`
          if (weights.has(pair)) throw new Error(`${pair} is there twice`)
          weights.set(pair, record.weight[from]!)
          together += record.together[from]!
        }
      })
      t.equal(from, record.other.length)
      t.equal(new Set(record.dictionary).size, record.dictionary.length)
      plays += record.plays.reduce((sum, entry) => sum + entry.count, 0)
    }
    t.equal(weights.size, TRACKS * (TRACKS - 1) + 30_000, 'a direction that came to nothing is left out')
    t.equal(together, TRACKS * (TRACKS - 1))
    t.equal(n, TRACKS)
    t.equal(plays, 12_000)
    t.equal(weights.get(`${names.name(ids[5]!)} ${names.name(ids[4]!)}`), 5 + 4 / 1024)
    t.equal(weights.get(`${names.name(ids[4]!)} ${names.name(ids[5]!)}`), 4)

    const artists: ArtistUpdates[] = []
    new ArtistPacker(updates).pack(
      1,
      () => 0,
      (_, record) => artists.push(record)
    )
    t.ok(artists.length > 1)
    t.equal(
      artists.flatMap(record => record.plays).reduce((sum, entry) => sum + entry.count, 0),
      12_000
    )
    updates.clear()
  }
})

t.test('nothing happened: nothing is sent', async t => {
  const updates = new Updates(new Names())
  const [a, b] = [updates.names.intern('a'), updates.names.intern('b')]
  updates.pair(a, b, 1, 0.5, 1)
  updates.pair(b, a, -0.5, -1, -1)
  updates.sessions(a, 1)
  updates.sessions(a, -1)
  const fail = () => t.fail('a record was sent')
  new TrackPacker(updates).pack(3, () => 0, fail)
  new ArtistPacker(updates).pack(3, () => 0, fail)
  t.equal(updates.pairs.size, 1)
})

t.test('equal plays of a minute are one entry', async t => {
  const updates = new Updates(new Names())
  const to = saying(updates)
  for (const seconds of [0, 59, 60]) say(to, { occurred_at: NOON + seconds * 1000 })
  say(to, { occurred_at: NOON + 5_000, country: 'DE' })
  const records: TrackUpdates[] = []
  new TrackPacker(updates).pack(
    1,
    () => 0,
    (_, record) => records.push(record)
  )
  const [{ plays }] = records as [TrackUpdates]
  t.same(
    plays.map(({ count, minute, latest }) => [count, minute * 60_000 - NOON, latest - NOON]),
    [
      [2, 0, 59_000],
      [1, 60_000, 60_000],
      [1, 0, 5_000]
    ]
  )

  const more = new Updates(new Names())
  const toMore = saying(more)
  for (let i = 0; i < 4_000; i++) say(toMore, { occurred_at: NOON + (i % 2_000) * 60_000 })
  t.equal(more.plays.size, 2_000)
})
