/** Lists that are pushed, over real sockets. */
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { defaultOptions } from '../../api/options.js'
import type { Recommendations } from '../../api/schemas/recommendations.js'
import { guarded } from './auth-support.js'
import { Listener } from './listener.js'
import { type Fixture, fixture, type MapView, MINUTE, NOW } from './support.js'

const streams = { ...defaultOptions.streams, delayMs: 5, restMs: 5 }

function world(view: MapView): void {
  for (const track of ['a', 'b', 'c', 'd'])
    view.list(
      track,
      9,
      9,
      ['w', 'x', 'y', 'z'].map((id, i) => [`${id}-${track}`, 9 - i, 9 - i] as const)
    )
  view.session('u', NOW - 3 * MINUTE, [['a', 'A']])
}

async function listening<P extends Fixture>(t: Test, parts: P) {
  t.teardown(() => parts.app.close())
  await parts.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = parts.app.server.address() as AddressInfo
  const listen = (path: string, headers?: Record<string, string>) => new Listener(port, path, headers)
  return { ...parts, listen }
}

const nextOf = async (listener: Listener) => {
  const { id, data } = await listener.next('recommendations')
  return { id, ...(data as Recommendations) }
}
const ids = ({ recommendations }: Recommendations) => recommendations.map(({ track_id }) => track_id)
const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(2)
}

t.test('a list at once, and one whenever the track changes', async t => {
  const { view, listen, app } = await listening(t, await fixture({ options: { streams } }))
  world(view)
  const listener = listen('/v1/recommendations/stream?user_id=u&limit=2')
  t.equal((await listener.response()).headers['content-type'], 'text/event-stream; charset=utf-8')
  const first = await nextOf(listener)
  t.match(first, { user_id: 'u', track_id: 'a', context: ['a'], cache_hit: false })
  t.same(ids(first), ['w-a', 'x-a'])
  const alone = (await app.inject('/v1/recommendations?user_id=u&limit=2')).json<Recommendations>()
  t.same([ids(alone), alone.recommendation_id], [ids(first), first.recommendation_id], 'what GET answers')

  view.session('u', NOW - 2 * MINUTE, [['a', 'A']])
  view.session('v', NOW, [['b', 'B']])
  view.session('u', NOW - MINUTE, [
    ['b', 'B'],
    ['a', 'A']
  ])
  const second = await nextOf(listener)
  t.same(second.context, ['b', 'a'], 'the same track again, and others, are nothing new')
  t.not(second.id, first.id)
  for (const [i, track] of ['c', 'd'].entries())
    view.session('u', NOW + i, [
      [track, 'C'],
      ['b', 'B'],
      ['a', 'A']
    ])
  t.same((await nextOf(listener)).context, ['d', 'b', 'a'], 'many changes at once are one')
  const shown = { user_id: 'u', track_id: 'c', track_name: 'C', artist_id: 'C', artist_name: 'C', country: null, duration_ms: null }
  view.put('now-playing', 'u', { ...shown, since: NOW + 2, paused: false })
  t.same((await nextOf(listener)).context, ['c', 'd', 'b', 'a'], 'what has begun to play')
})

t.test('the name of a track that was never played comes after its play', async t => {
  const { view, listen } = await listening(t, await fixture({ now: Date.now, options: { streams: { ...streams, restMs: 250 } } }))
  world(view)
  view.session('u', Date.now() - MINUTE, [['a', 'A']])
  const listener = listen('/v1/recommendations/stream?user_id=u')
  await nextOf(listener)
  view.session('u', Date.now(), [
    ['new', 'A'],
    ['a', 'A']
  ])
  t.match(await nextOf(listener), { track_id: 'new', track_name: 'new', context: ['new', 'a'] }, 'at once, by its id')
  view.track('new', 'A')
  t.match(await nextOf(listener), { track_id: 'new', track_name: 'Name of new' }, 'and with its name')
})

t.test('a client that comes again gets a list only if there is a new one', async t => {
  const { view, listen } = await listening(t, await fixture({ options: { streams: { ...streams, heartbeatMs: 10 } } }))
  world(view)
  const path = '/v1/recommendations/stream?user_id=u'
  const before = listen(path)
  const { id } = await nextOf(before)
  await before.close()
  const again = listen(path, { 'last-event-id': id! })
  await again.response()
  const waiting = nextOf(again)
  await until(() => again.heartbeats > 2)
  view.session('u', NOW, [
    ['b', 'B'],
    ['a', 'A']
  ])
  const next = await waiting
  t.same(next.context, ['b', 'a'], 'nothing but heartbeats before')
  for (const stale of ['', 'nonsense', id!]) t.same((await nextOf(listen(path, { 'last-event-id': stale }))).context, ['b', 'a'], stale)
})

t.test('bounded in all and for one caller; who leaves makes room and leaves nothing', async t => {
  const limits = { ...streams, clients: 3, perSubject: 2, delayMs: 1, restMs: 1 }
  const { view, listen, as } = await listening(t, await guarded(t, { options: { streams: limits } }))
  world(view)
  const watchers = view.watchers
  const ann = as('ann', 'listener')
  const mine = '/v1/me/recommendations/stream'
  const first = listen(mine, ann)
  const second = listen('/v1/recommendations/stream', ann)
  for (const listener of [first, second]) t.equal((await nextOf(listener)).user_id, 'ann')
  const third = await listen(mine, ann).response()
  t.equal(third.statusCode, 429)
  t.equal(third.headers['content-type'], 'application/problem+json; charset=utf-8')
  const mallory = listen(mine, as('mallory', 'listener'))
  await nextOf(mallory)
  const full = await listen(mine, as('boss', 'admin')).response()
  t.equal(full.statusCode, 503)
  for (const response of [third, full]) response.resume()

  await Promise.all([first.close(), second.close(), mallory.close()])
  const { reads } = view
  // Nobody is there: a change costs nothing, once the server has heard that they left.
  let quiet = false
  for (let round = 0; !quiet; round++) {
    const before = view.reads
    view.session('ann', NOW + round, [[`t${round}`, 'A']])
    await sleep(20)
    quiet = view.reads === before
  }
  t.ok(view.reads >= reads)
  t.equal(view.watchers, watchers)
  for (let i = 0; i < 3; i++) {
    const one = listen(mine, ann)
    await nextOf(one)
    await one.close()
    let next = listen(mine, ann)
    while ((await next.response()).statusCode === 429) next = listen(mine, ann)
    await next.close()
  }
  t.pass('again and again')
})

t.test("another's stream, an unknown listener, and what is wrong", async t => {
  const { view, listen, as } = await listening(t, await guarded(t, { options: { streams } }))
  world(view)
  const status = async (path: string, headers: Record<string, string>) => {
    const response = await listen(path, headers).response()
    response.destroy()
    return response.statusCode
  }
  const [mallory, boss] = [as('mallory', 'listener'), as('boss', 'admin')]
  t.equal(await status('/v1/recommendations/stream?user_id=ann', mallory), 403)
  t.equal(await status('/v1/recommendations/stream', {}), 401)
  t.equal(await status('/v1/recommendations/stream?user_id=ann', boss), 200)
  t.equal(await status('/v1/recommendations/stream?user_id=nobody', boss), 404)
  t.equal(await status('/v1/me/recommendations/stream?limit=51', mallory), 400)
  t.equal(await status('/v1/me/recommendations/stream', as('collector', 'ingest')), 403)
  const open = await listening(t, await fixture())
  const response = await open.listen('/v1/me/recommendations/stream').response()
  t.equal(response.statusCode, 401)
  response.destroy()
})

t.test('a stream ends after a while, and with the application', async t => {
  const { view, listen, app } = await listening(t, await fixture({ options: { streams: { ...streams, lifeMs: 30 } } }))
  world(view)
  const path = '/v1/recommendations/stream?user_id=u'
  const short = listen(path)
  await nextOf(short)
  await t.rejects(nextOf(short), /The stream ended/)
  const last = listen(path)
  await nextOf(last)
  await Promise.all([t.rejects(nextOf(last), /The stream ended/), app.close()])
  t.equal(view.watchers, 0)
})
