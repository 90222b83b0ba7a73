import t from 'tap'
import type { Like, Play, PlaybackEvent, Skip } from '../../schemas/events.js'
import { eventId, trackIdFromName } from '../../schemas/ids.js'
import { typeOf } from '../connect/support.js'
import { Bench, MINUTE, T0, track } from './support.js'

const a = track('a')
const b = track('b')

t.test('a session as it is told: now playing, play, skip, pause, like', async t => {
  const bench = await Bench.open(t)
  const listener = bench.spotify.listener('ann')
  listener.country = 'DE'
  const watch = bench.watch(await bench.connect('ann'))
  await watch.look()
  listener.play(a)
  await bench.pass(watch, 60_000)
  listener.pause()
  await bench.pass(watch, 20_000)
  listener.resume()
  await bench.pass(watch, 60_000)
  listener.save(a)
  await bench.pass(watch, 80_000)
  listener.play(b)
  await bench.pass(watch, 10_000)
  listener.stop()
  await bench.pass(watch, 10_000)
  t.strictSame(bench.said(), ['pause Title a', 'resume Title a', 'like Title a', 'play Title a', 'skip Title b'])
  const events = bench.producer.events.map(({ event }) => event)
  t.equal(events.filter(event => (event as PlaybackEvent).event_type === 'other').length, 2, 'two were announced')
  const play = bench.producer.events.find(event => typeOf(event) === 'play')!
  t.equal(play.topic, 'spotify-plays')
  t.strictSame(play.event as Play, {
    event_id: eventId('ann', 'a', T0, 'play'),
    user_id: 'ann',
    track_id: 'a',
    track_name: 'Title a',
    artist_id: 'artistHollowPines',
    artist_name: 'Hollow Pines',
    album_name: 'Strange Weather',
    occurred_at: T0,
    duration_ms: 200_000,
    ms_played: 200_000,
    device_type: 'Smartphone',
    country: 'DE',
    source: 'poller'
  })
  const skip = bench.producer.events.find(({ topic }) => topic === 'spotify-skips')!.event as Skip
  t.match(skip, { track_id: 'b', occurred_at: T0 + 235_000, ms_played: 15_000 })
  t.match(bench.producer.events.find(({ topic }) => topic === 'spotify-likes')!.event as Like, { liked: true, occurred_at: T0 + 140_000 })
  t.strictSame(bench.notices, [])
})

t.test('what is no music, and private sessions, count as nothing', async t => {
  const bench = await Bench.open(t)
  const listener = bench.spotify.listener('ann')
  const watch = bench.watch(await bench.connect('ann'))
  listener.hear('episode')
  await bench.pass(watch, 60_000)
  listener.hear('unknown')
  await bench.pass(watch, 10_000)
  listener.device = { type: 'Computer', isPrivate: true }
  listener.play(a)
  await bench.pass(watch, 60_000)
  t.strictSame(bench.producer.events, [])
  listener.device = { type: 'Computer' }
  await bench.pass(watch, 10_000)
  listener.hear('ad')
  await bench.pass(watch, 30_000)
  t.equal(bench.said().length, 1, 'an advertisement ends the track before it')
})

t.test("a file of the listener's own has the id of its names; a player without a device plays too", async t => {
  const bench = await Bench.open(t)
  const listener = bench.spotify.listener('ann')
  listener.device = null
  const watch = bench.watch(await bench.connect('ann'))
  listener.play({ ...a, id: 'ignored', isLocal: true })
  await bench.pass(watch, 100_000)
  listener.play({ ...a, artist: ' ', isLocal: true })
  await bench.pass(watch, 100_000)
  listener.stop()
  await bench.pass(watch, 5_000)
  t.strictSame(bench.said(), ['play Title a'], 'without an artist nothing can be learnt')
  const play = bench.producer.events.at(-1)!.event as Play
  t.match(play, { track_id: trackIdFromName('Hollow Pines', 'Title a'), artist_id: null, device_type: null, ms_played: 105_000 })
})

t.test('killed in the middle of a track and at every step of publishing it: one play, the same one', async t => {
  const bench = await Bench.open(t)
  const listener = bench.spotify.listener('ann')
  const account = await bench.connect('ann')
  let watch = bench.watch(account)
  await watch.look()
  listener.play(a)
  await bench.pass(watch, 65_000)
  // Another process takes over from what is on disk.
  watch = bench.watch(account)
  await bench.pass(watch, 135_000)
  listener.play(b)
  bench.time += 5_000
  const { producer } = bench
  const crash = (after: boolean) => {
    bench.producer = Object.assign(Object.create(producer), {
      async send(events: Parameters<typeof producer.send>[0]) {
        if (after) await producer.send(events)
        throw new Error('the power went')
      }
    })
  }
  crash(false)
  await t.rejects(watch.look(), { message: 'the power went' })
  crash(true)
  watch = bench.watch(account)
  await t.rejects(watch.look(), { message: 'the power went' })
  bench.producer = producer
  watch = bench.watch(account)
  await bench.pass(watch, 10_000)
  const plays = producer.events.filter(event => typeOf(event) === 'play').map(({ event }) => event)
  t.equal(plays.length, 2, 'sent before the ledger knew: sent again')
  t.strictSame(plays[0], plays[1], 'with the same content, which the pipeline counts once')
  t.match(plays[0], { occurred_at: T0, ms_played: 200_000 })
  const again = bench.watch(account)
  await bench.pass(again, MINUTE)
  t.equal(producer.events.filter(event => typeOf(event) === 'play').length, 2)
})

t.test('while an import has the ledger, what is found waits', async t => {
  const bench = await Bench.open(t)
  const listener = bench.spotify.listener('ann')
  const watch = bench.watch(await bench.connect('ann'))
  const ledger = await bench.ledger('ann')
  listener.play(a)
  await bench.pass(watch, 100_000)
  listener.play(b)
  await bench.pass(watch, 60_000)
  t.strictSame(bench.said(), [])
  await ledger.close()
  await bench.pass(watch, 5_000)
  t.strictSame(bench.said(), ['play Title a'])
})
