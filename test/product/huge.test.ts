import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { ArtistAffinity, Chart, TrackDetails, TrackNeighbours, UserDay, UserSession } from '../../schemas/events.js'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { dumpOf, lastOf, openDriver, pipeLines } from '../conformance/driven.js'
import { type Line, openWhole, recordOf, vector } from '../conformance/whole.js'

const NOW = Date.UTC(2026, 0, 1)
/** Where the decay is 1. */
const LANDMARK = Date.UTC(2020, 0, 1)
const MINUTE = 60_000
/** What is packed into one record, beside its last entry. */
const PACKED_BYTES = 512 * 1024

const play = (user_id: string, track_id: string, occurred_at: number, rest: object = {}): Line => ({
  topic: 'spotify-plays',
  event: { event_id: 'e', user_id, track_id, track_name: track_id, artist_id: 'a', artist_name: 'A', occurred_at, ...rest } as Line['event']
})
const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(6, '0')}`)

t.test('a session without end: all plays count once, the first 500 for the pairs, and what is published is bounded', async t => {
  const plays = 1_200
  const lines = numbered('track', plays).map((track, i) => play('u', track, LANDMARK + i * 30 * MINUTE))
  for (const [name, arrivals] of Object.entries({ 'in order': lines, backwards: [...lines].reverse() }))
    await t.test(name, async t => {
      const driver = await openDriver(t.testdir())
      await pipeLines(driver, arrivals, 1_000, NOW)
      const [session] = lastOf<UserSession>(driver, 'user-sessions').values()
      t.match(session, { plays, started_at: LANDMARK, last_play_at: LANDMARK + (plays - 1) * 30 * MINUTE })
      const days = [...lastOf<UserDay>(driver, 'user-days').values()]
      t.equal(
        days.reduce((sum, day) => sum + day.plays, 0),
        plays
      )
      t.ok(days.every(day => day.plays === 48 && day.distinct_tracks === 48))
      const dump = await dumpOf(driver)
      t.equal(dump.sessions, 1)
      t.equal(dump.accepted.play, plays)
      t.equal(Object.keys(dump.tracks).length, 500, 'those that count')
      for (const [track, { sessions, neighbours }] of Object.entries(dump.tracks)) {
        if (sessions !== 1 || track > 'track000499') t.fail(track)
        if (Object.keys(neighbours).length > 200) t.fail(`${track} has ${Object.keys(neighbours).length} neighbours`)
      }
    })
})

t.test('a track with thousands of neighbours, a listener with thousands of artists: the lists are bounded, the numbers right', async t => {
  const driver = await openDriver(t.testdir())
  const others = numbered('other', 1_000)
  const sessions = others.flatMap((other, i) => [play(`u${i}`, 'hub', LANDMARK), play(`u${i}`, other, LANDMARK + MINUTE)])
  const artists = numbered('artist', 1_000).map((artist_id, i) => play('fan', 'x', LANDMARK - i * 2 * 3_600_000, { artist_id }))
  await pipeLines(driver, [...sessions, ...artists], 600, NOW)
  const charts = [...lastOf<Chart>(driver, 'charts').values()]
  t.ok(
    charts.every(chart => chart.entries.length <= 200),
    'charts too'
  )
  const [hub] = [...lastOf<TrackNeighbours>(driver, 'track-neighbours')].filter(([track]) => track === 'hub').map(([, list]) => list)
  t.match(hub, { sessions: others.length, n: others.length })
  t.same(
    hub!.neighbours.map(({ track_id, together }) => [track_id, together]),
    others.slice(0, 100).map(other => [other, 1]),
    'equal ones in order of their ids'
  )
  const weight = Math.round(2 ** 20 * 2 ** (MINUTE / (365 * 24 * 3_600_000))) / 2 ** 20
  t.ok(hub!.neighbours.every(neighbour => neighbour.weight === weight))
  const fan = lastOf<ArtistAffinity>(driver, 'artist-affinity').get('fan')!
  t.same(
    fan.artists.map(({ artist_id }) => artist_id),
    numbered('artist', 50),
    'the latest are the strongest'
  )
})

t.test('messages of megabytes: the stream goes on, and what is written is not much larger than what was read', async t => {
  const it = await openWhole(t)
  const { lines, expected } = vector('hand')
  const name = randomBytes(450_000).toString('hex')
  const huge = [
    play('big name', 'b1', LANDMARK, { track_name: name }),
    play('big names', 'b2', LANDMARK, { track_name: name, artist_name: name, album_name: name }),
    play('x'.repeat(3_000_000), 'b3', LANDMARK),
    play('big track', 'y'.repeat(3_000_000), LANDMARK)
  ]
  let largest = 0
  for (const line of [...huge, ...lines]) {
    const record = recordOf(it.base, line, Date.now())
    largest = Math.max(largest, record.key!.length + record.value!.length)
    await it.base.log.send([record])
  }
  const dump = await it.dump()
  const known: Dump = {
    ...dump,
    tracks: Object.fromEntries(Object.entries(dump.tracks).filter(([track]) => track in expected.tracks)),
    affinity: Object.fromEntries(Object.entries(dump.affinity).filter(([user]) => user in expected.affinity))
  }
  t.same(differences({ ...expected, accepted: known.accepted, rejected: known.rejected, sessions: known.sessions }, known), [])
  t.equal(dump.rejected.BAD_ID, 2, 'ids of megabytes')
  const details = await it.table('track-details')
  t.ok((details.get('b1') as TrackDetails).track_name.length > 0)
  for (const topic of ['track-updates', 'artist-updates', 'track-details', 'artist-details', 'dead-letters', 'listening-events'] as const)
    for (const { value } of await it.records(topic))
      if ((value?.length ?? 0) > largest + PACKED_BYTES) t.fail(`${topic}: ${value!.length} bytes`)
})
