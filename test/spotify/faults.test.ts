/** What goes wrong at Spotify, and what the poller makes of it. */
import t from 'tap'
import { backOff } from '../../connect/spotify/back-off.js'
import { ForbiddenError, RateLimitedError, UnavailableError } from '../../connect/spotify/errors.js'
import { runPoller } from '../../connect/spotify/poller.js'
import { DiscreteClock } from './clock.js'
import { Bench, MINUTE, T0, track } from './support.js'

const PLAYING = '/v1/me/player/currently-playing'
const INTERVAL = 5_000

/** A poller of the bench's accounts, moved by a clock of its own. */
function poll(bench: Bench, options: { concurrency?: number } = {}) {
  const clock = new DiscreteClock(T0)
  const stop = new AbortController()
  // When each path was asked for.
  const times: { path: string; at: number }[] = []
  const { requests } = bench.spotify
  requests.push = (...added: string[]) => {
    for (const request of added) times.push({ path: request.split(' ')[1]!, at: clock.time })
    return Array.prototype.push.apply(requests, added)
  }
  Object.defineProperty(bench, 'time', { get: () => clock.time })
  const done = runPoller({
    ...bench.options(),
    clock,
    signal: stop.signal,
    intervalMs: INTERVAL,
    backfillIntervalMs: 10 * MINUTE,
    concurrency: options.concurrency ?? 4
  })
  const close = async () => {
    stop.abort()
    await done
  }
  const looks = () => times.filter(({ path }) => path === PLAYING).map(({ at }) => (at - T0) / 1000)
  return { clock, close, looks, times }
}

t.test('every account is looked at every five seconds, once at a time, and backfilled now and then', async t => {
  const bench = await Bench.open(t)
  for (const user of ['ann', 'bob', 'cy']) await bench.connect(user)
  const poller = poll(bench, { concurrency: 1 })
  await poller.clock.run(T0 + 30_000, 4)
  t.strictSame(
    poller.looks(),
    [0, 5, 10, 15, 20, 25, 30].flatMap(second => [second, second, second])
  )
  t.equal(bench.spotify.count('/v1/me/player/recently-played'), 3)
  await poller.clock.run(T0 + 11 * MINUTE, 4)
  t.equal(bench.spotify.count('/v1/me/player/recently-played'), 6)
  await poller.close()
})

t.test('401: the token is renewed and the look repeated at once', async t => {
  const bench = await Bench.open(t)
  await bench.connect('ann')
  bench.spotify.listener('ann').play(track('a'))
  bench.spotify.expire('ann')
  const poller = poll(bench)
  await poller.clock.run(T0 + 5_000, 2)
  t.strictSame(poller.looks(), [0, 0, 5])
  t.strictSame(bench.notices, [])
  await poller.close()
})

t.test('429: as long as Spotify asks, of this account only', async t => {
  const bench = await Bench.open(t)
  await bench.connect('ann')
  const poller = poll(bench)
  bench.spotify.fail(PLAYING, { status: 429, headers: { 'retry-after': '47' } })
  await poller.clock.run(T0 + 60_000, 2)
  t.strictSame(poller.looks(), [0, 47, 52, 57])
  t.match(bench.notices, ['ann: Spotify asks to wait 47 s before the next request. Trying again in 47 s.'])
  await poller.close()
})

t.test('5xx and broken answers: doubling, then as before', async t => {
  const bench = await Bench.open(t)
  await bench.connect('ann')
  const poller = poll(bench)
  bench.spotify.fail(PLAYING, { status: 500 }, { status: 503 }, { status: 200, body: '<html>busy</html>' }, { status: 502 })
  await poller.clock.run(T0 + 160_000, 2)
  t.strictSame(poller.looks().slice(0, 6), [0, 10, 30, 70, 150, 155])
  t.equal(bench.notices.length, 1, 'said once')
  t.equal(bench.accounts.get('ann')?.detail, null, 'and over')
  await poller.close()
})

t.test('403: rarely again, the others go on', async t => {
  const bench = await Bench.open(t)
  await bench.connect('ann')
  await bench.connect('bob')
  const poller = poll(bench)
  bench.spotify.fail(PLAYING, { status: 403, body: { error: { status: 403, message: 'User not registered in the Developer Dashboard' } } })
  await poller.clock.run(T0 + 20_000, 3)
  t.equal(poller.looks().length, 1 + 5)
  t.match(bench.notices, [
    /^(ann|bob): Spotify refuses GET .* to this account: User not registered in the Developer Dashboard\. Trying again in 600 s\.$/
  ])
  await poller.close()
})

t.test('likes that may not be seen: plays still are', async t => {
  const bench = await Bench.open(t)
  await bench.connect('ann')
  const poller = poll(bench)
  bench.spotify.fail('/v1/me/tracks', { status: 403 })
  bench.spotify.listener('ann').play(track('a'))
  await poller.clock.run(T0 + 60_000, 2)
  t.equal(poller.looks().length, 13)
  t.equal(bench.spotify.count('/v1/me/tracks'), 1, 'and is not asked for again soon')
  await poller.close()
})

t.test('invalid_grant: marked for connecting again and left alone, until it is connected again', async t => {
  const bench = await Bench.open(t)
  await bench.connect('ann')
  bench.spotify.revoke('ann')
  const poller = poll(bench)
  await poller.clock.run(T0 + 60_000, 1)
  t.match(bench.accounts.get('ann'), { status: 'reconnect', detail: 'The consent given to Segue has ended: connect the account again.' })
  t.equal(bench.spotify.count('/api/token'), 2, 'one consent, one refusal')
  t.equal(poller.looks().length, 1)
  t.match(bench.notices, [/^ann: The consent given to Segue has ended: connect the account again\. It is polled again/])
  await bench.connect('ann')
  await poller.clock.run(T0 + 65_000, 1)
  await poller.clock.run(T0 + 75_000, 2)
  t.match(bench.accounts.get('ann'), { status: 'connected', detail: null })
  t.equal(poller.looks().length, 4)
  await poller.close()
})

t.test('the list of plays is broken: the player is still watched', async t => {
  const bench = await Bench.open(t)
  await bench.connect('ann')
  const poller = poll(bench)
  bench.spotify.fail('/v1/me/player/recently-played', { status: 500 }, { status: 500 })
  await poller.clock.run(T0 + 60_000, 2)
  t.equal(poller.looks().length, 13)
  t.equal(bench.spotify.count('/v1/me/player/recently-played'), 3)
  await poller.close()
})

t.test('an outage in the middle of a track loses nothing of it', async t => {
  const bench = await Bench.open(t)
  await bench.connect('ann')
  const listener = bench.spotify.listener('ann')
  const poller = poll(bench)
  await poller.clock.run(T0 + 1_000, 2)
  listener.play(track('a'))
  await poller.clock.run(T0 + 20_000, 2)
  bench.spotify.fail(PLAYING, ...Array.from({ length: 4 }, () => ({ status: 503 })))
  await poller.clock.run(T0 + 201_000, 2)
  listener.play(track('b'))
  await poller.clock.run(T0 + 250_000, 2)
  t.match(bench.producer.events.find(({ topic }) => topic === 'spotify-plays')?.event, { occurred_at: T0 + 1_000, ms_played: 200_000 })
  await poller.close()
})

t.test('how long an account is left alone', async t => {
  t.equal(backOff(new UnavailableError(''), 1, INTERVAL), 10_000)
  t.equal(backOff(new UnavailableError(''), 1_000, INTERVAL), 300_000)
  t.equal(backOff(new RateLimitedError(1_000), 3, INTERVAL), 40_000)
  t.equal(backOff(new RateLimitedError(3_600_000), 1, INTERVAL), 3_600_000, 'as long as Spotify asks, however long')
  t.equal(backOff(new ForbiddenError(''), 1, INTERVAL), 600_000)
})

t.test('no secret in what is said', async t => {
  const bench = await Bench.open(t)
  const account = await bench.connect('ann')
  const { accessToken, refreshToken } = bench.accounts.tokens(account)
  const poller = poll(bench)
  bench.spotify.fail(PLAYING, { status: 500 }, { status: 403 }, { status: 200, body: { is_playing: accessToken } })
  await poller.clock.run(T0 + 20 * MINUTE, 2)
  bench.spotify.revoke('ann')
  await poller.clock.run(T0 + 40 * MINUTE, 1)
  t.ok(bench.notices.length >= 2)
  for (const secret of [accessToken, refreshToken])
    t.notMatch([...bench.notices, JSON.stringify(bench.accounts.get('ann'))].join('\n'), secret)
  await poller.close()
})
