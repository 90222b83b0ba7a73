/** The same play polled, backfilled and imported (in both shapes of an export), in any order: one effect. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { importExport } from '../../connect/export-import/import.js'
import { type LedgerPlay, openLedger } from '../../connect/ledger.js'
import { SAME_PLAY_MS } from '../../connect/same-play.js'
import type { Account } from '../../connect/spotify/account.js'
import { typeOf } from '../connect/support.js'
import { Bench, MINUTE, T0, track } from './support.js'

interface Heard {
  readonly track: number
  /** Silence before it, seconds. */
  readonly before: number
  readonly heardSeconds: number
  /** In the middle of it, seconds; 0: none. */
  readonly pause: number
}

/** Rarer than the poller's own, to save time. */
const LOOK_MS = 10_000

const tracks = Array.from({ length: 6 }, (_, index) => track(`track${index}`, 240_000))

const heard: fc.Arbitrary<Heard> = fc.record({
  track: fc.nat(tracks.length - 1),
  before: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 }), fc.constant(900)),
  heardSeconds: fc.oneof(fc.integer({ min: 3, max: 29 }), fc.integer({ min: 31, max: 240 })),
  pause: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 10, max: 600 }))
})

interface Sitting {
  readonly plays: readonly Heard[]
  readonly playedAtIs: 'start' | 'end'
  readonly order: readonly string[]
  /** Of the looks, relative to the first start, milliseconds. */
  readonly phase: number
}

const sitting: fc.Arbitrary<Sitting> = fc.record({
  plays: fc.array(heard, { minLength: 1, maxLength: 6 }),
  playedAtIs: fc.constantFrom('start' as const, 'end' as const),
  order: fc
    .subarray(['backfill', 'account', 'extended', 'backfill again', 'extended again'], { minLength: 1 })
    .chain(sources => fc.shuffledSubarray(sources, { minLength: sources.length, maxLength: sources.length })),
  phase: fc.integer({ min: 0, max: LOOK_MS - 1 })
})

interface Interval {
  readonly id: string
  readonly start: number
  readonly end: number
  readonly msPlayed: number
}

const nameOf = (index: number) => tracks[index]!.name
const isoMinute = (time: number) => new Date(time).toISOString().slice(0, 16).replace('T', ' ')

function writeExports(directory: string, intervals: readonly Interval[]): void {
  mkdirSync(join(directory, 'account'))
  mkdirSync(join(directory, 'extended'))
  const account = intervals.map(({ id, end, msPlayed }) => ({
    endTime: isoMinute(end),
    artistName: 'Hollow Pines',
    trackName: id,
    msPlayed
  }))
  const extended = intervals.map(({ id, end, msPlayed }) => ({
    ts: `${new Date(end).toISOString().slice(0, 19)}Z`,
    ms_played: msPlayed,
    master_metadata_track_name: id,
    master_metadata_album_artist_name: 'Hollow Pines',
    master_metadata_album_album_name: 'Strange Weather',
    spotify_track_uri: `spotify:track:${tracks.find(({ name }) => name === id)!.id}`
  }))
  writeFileSync(join(directory, 'account', 'StreamingHistory_music_0.json'), JSON.stringify(account))
  writeFileSync(join(directory, 'extended', 'Streaming_History_Audio_2026_0.json'), JSON.stringify(extended))
}

/** The listener plays, the poller looks on. */
async function live(bench: Bench, account: Account, { plays, playedAtIs, phase }: Sitting): Promise<Interval[]> {
  const listener = bench.spotify.listener(account.userId)
  listener.playedAtIs = playedAtIs
  const watch = bench.watch(account)
  const intervals: Interval[] = []
  let nextLook = bench.time + phase
  const pass = async (ms: number) => {
    const until = bench.time + ms
    for (; nextLook <= until; nextLook += LOOK_MS) {
      bench.time = nextLook
      await watch.look()
    }
    bench.time = until
  }
  for (const { track: index, before, heardSeconds, pause } of plays) {
    if (before > 0) listener.stop()
    await pass(Math.min(before * 1000, 20_000))
    // Of a long silence nobody needs to see every minute.
    if (before > 60) {
      bench.time += 880_000
      nextLook = bench.time + phase
    }
    const start = bench.time
    listener.play(tracks[index]!)
    await pass((heardSeconds * 1000) / 2)
    if (pause > 0) listener.pause()
    await pass(pause * 1000)
    if (pause > 0) listener.resume()
    await pass((heardSeconds * 1000) / 2)
    intervals.push({ id: nameOf(index), start, end: bench.time, msPlayed: heardSeconds * 1000 })
  }
  listener.stop()
  await pass(10_000)
  return intervals
}

async function others(bench: Bench, account: Account, order: readonly string[], exports: string): Promise<void> {
  for (const source of order) {
    if (source.startsWith('backfill')) await bench.watch(account).backfill()
    else {
      const ledger = await bench.ledger(account.userId)
      await importExport(join(exports, source.split(' ')[0]!), { user: account.userId, producer: bench.producer, ledger })
      await ledger.close()
    }
  }
}

/** Plays, and skips, as they were published: the name of each, in alphabetical order. */
const published = (bench: Bench) =>
  bench.producer.events
    .filter(event => ['play', 'skip'].includes(typeOf(event)))
    .map(({ event }) => event.track_name)
    .sort()

/** Two plays of one track that begin (or end) this near would be one by definition: a source that missed one would hide it. */
const isApart = (plays: readonly Interval[]) =>
  plays.every((a, i) => plays.every((b, j) => j <= i || a.id !== b.id || b.start - a.end > 2 * SAME_PLAY_MS))

t.test('polled, backfilled and imported: each play once', async t => {
  const bench = await Bench.open(t)
  let run = 0
  await fc.assert(
    fc.asyncProperty(sitting, async given => {
      const user = `ann${run++}`
      bench.time = T0 + run * 1440 * MINUTE
      bench.producer.events.length = 0
      const account = await bench.connect(user)
      const intervals = await live(bench, account, given)
      fc.pre(isApart(intervals))
      const exports = mkdtempSync(join(bench.directory, 'exports-'))
      writeExports(exports, intervals)
      // What lasted too short to be looked at is seen by the exports alone.
      const polled = published(bench)
      await others(bench, account, given.order, exports)
      const expected = given.order.some(source => !source.startsWith('backfill')) ? intervals.map(({ id }) => id).sort() : polled
      return t.strictSame(published(bench), expected)
    }),
    { numRuns: 30, endOnFailure: true }
  )
})

t.test('imported first, polled later elsewhere, backfilled: still once', async t => {
  const bench = await Bench.open(t)
  const account = await bench.connect('ann')
  const exports = mkdtempSync(join(bench.directory, 'exports-'))
  writeExports(exports, [{ id: nameOf(0), start: T0, end: T0 + 200_000, msPlayed: 200_000 }])
  await others(bench, account, ['account', 'extended', 'account'], exports)
  t.strictSame(published(bench), [nameOf(0)])
  bench.spotify.listener('ann').recent.push({ playedAt: T0 + 1_000, track: tracks[0]! })
  await others(bench, account, ['backfill', 'backfill', 'extended'], exports)
  t.strictSame(published(bench), [nameOf(0)])
})

t.test('played again at once: two plays, however many tell of them', async t => {
  const ledger = await openLedger(t.testdir(), 'ann')
  const report = (source: string, occurredAt: number, msPlayed: number): LedgerPlay => ({
    source,
    occurredAt,
    msPlayed,
    trackId: 'a',
    nameId: 'name:a',
    type: 'play'
  })
  // A track of 90 s, three times.
  const starts = [0, 90_000, 180_000].map(start => T0 + start)
  const tell = async (source: string, skew: number) => {
    const fresh = await ledger.fresh(starts.map(start => report(source, start + skew, 90_000)))
    await ledger.note(fresh)
    return fresh.length
  }
  t.equal(await tell('poller', 1_500), 3)
  t.equal(await tell('extended export', 0), 0)
  t.equal(await tell('account export', -40_000), 0)
  t.equal(await tell('poller', 1_500), 0)
  t.equal((await ledger.fresh([report('extended export', T0 + 270_000, 90_000)])).length, 1, 'and a fourth one')
  await ledger.close()
})
