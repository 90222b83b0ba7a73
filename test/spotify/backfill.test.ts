import t from 'tap'
import type { Play } from '../../schemas/events.js'
import { errorObject, trackObject } from './bodies.js'
import { Bench, MINUTE, T0, track } from './support.js'

const RECENT = '/v1/me/player/recently-played'

/** So many plays of three minutes each, the last one ending now. */
function listened(bench: Bench, userId: string, count: number): void {
  const { recent } = bench.spotify.listener(userId)
  for (let i = count; i > 0; i--) recent.push({ playedAt: bench.time - i * 3 * MINUTE, track: track(`t${recent.length}`) })
}

t.test('what was played last, once, and then what is new', async t => {
  const bench = await Bench.open(t)
  const account = await bench.connect('ann')
  listened(bench, 'ann', 3)
  t.strictSame(await bench.watch(account).backfill(), { events: 3, known: 0 })
  t.match(bench.producer.events[0]!.event as Play, {
    track_id: 't0',
    occurred_at: T0 - 9 * MINUTE,
    ms_played: null,
    source: 'backfill'
  })
  bench.time += 60 * MINUTE
  listened(bench, 'ann', 2)
  t.strictSame(await bench.watch(account).backfill(), { events: 2, known: 3 })
  t.strictSame(bench.accounts.progress('ann').gaps, [])
  t.equal(bench.accounts.progress('ann').cursor, bench.time - 3 * MINUTE)
})

t.test('a device that was offline reports late: older than the cursor, and taken', async t => {
  const bench = await Bench.open(t)
  const account = await bench.connect('ann')
  listened(bench, 'ann', 3)
  await bench.watch(account).backfill()
  bench.spotify.listener('ann').recent.push({ playedAt: bench.time - 60 * MINUTE, track: track('offline') })
  t.match(await bench.watch(account).backfill(), { events: 1 })
})

t.test('more than 50 plays since: the rest is taken and the gap is recorded', async t => {
  const bench = await Bench.open(t)
  const account = await bench.connect('ann')
  listened(bench, 'ann', 3)
  await bench.watch(account).backfill()
  const cursor = bench.time - 3 * MINUTE
  bench.time += 300 * MINUTE
  listened(bench, 'ann', 70)
  t.match(await bench.watch(account).backfill(), { events: 50, known: 0 })
  const oldest = bench.time - 150 * MINUTE
  t.strictSame(bench.accounts.progress('ann').gaps, [{ from: cursor, to: oldest, noticedAt: bench.time }])
  t.match(bench.notices, [
    /^ann: More than 50 plays passed between two looks: Spotify no longer lists what was played between 2026-05-04T07:57/
  ])
  await bench.watch(account).backfill()
  t.equal(bench.accounts.progress('ann').gaps.length, 1, 'recorded once')
})

t.test('49 plays since: nothing is missing', async t => {
  const bench = await Bench.open(t)
  const account = await bench.connect('ann')
  listened(bench, 'ann', 3)
  await bench.watch(account).backfill()
  bench.time += 300 * MINUTE
  listened(bench, 'ann', 49)
  t.match(await bench.watch(account).backfill(), { events: 49, known: 1 })
  t.strictSame(bench.accounts.progress('ann').gaps, [])
})

t.test('a link to another host is not followed: the token goes to Spotify only', async t => {
  const bench = await Bench.open(t)
  const account = await bench.connect('ann')
  const elsewhere = [
    'http://127.0.0.1:9/v1/me',
    `${bench.spotify.url.replace('http://', 'http://user@')}/v1/me`,
    'nonsense',
    '//evil.example/v1'
  ]
  for (const next of [...elsewhere, `${bench.spotify.url}/elsewhere`]) {
    bench.spotify.fail(RECENT, {
      status: 200,
      body: { items: [{ played_at: new Date(T0).toISOString(), track: trackObject(track('x')) }], next }
    })
    await t.rejects(bench.watch(account).backfill(), { name: 'UnexpectedAnswerError', message: /leads to another host/ }, next)
  }
  bench.spotify.fail(RECENT, { status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' })
  await t.rejects(bench.watch(account).backfill(), { name: 'UnexpectedAnswerError', message: /answered 302/ })
  t.strictSame(bench.producer.events, [])
})

t.test('answers that are not as documented are refused, naming the field', async t => {
  const bench = await Bench.open(t)
  const account = await bench.connect('ann')
  const item = { played_at: new Date(T0).toISOString(), track: trackObject(track('x')) }
  const bodies: unknown[] = [
    '<html>',
    {},
    { items: null },
    { items: [{ ...item, played_at: 'yesterday' }] },
    { items: [{ ...item, track: { ...item.track, id: 5 } }] },
    { items: [{ ...item, track: null }] },
    { items: Array.from({ length: 51 }, () => item) },
    errorObject(200, 'no')
  ]
  for (const body of bodies) {
    bench.spotify.fail(RECENT, { status: 200, body })
    await t.rejects(bench.watch(account).backfill(), { name: 'UnexpectedAnswerError' }, JSON.stringify(body).slice(0, 60))
  }
  t.strictSame(bench.producer.events, [])
})
