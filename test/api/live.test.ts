import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { LiveFeed } from '../../api/live/feed.js'
import { defaultOptions } from '../../api/options.js'
import { Listener } from './listener.js'
import { fixture, NOW } from './support.js'

t.test('what happens, as it happens', async t => {
  const { app, view } = await fixture({ options: { liveIntervalMs: 5, liveClients: 2 } })
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  view.chart('tracks', 'day', null, 0, NOW, [['a', 3]])
  view.track('a', 'A')

  const listener = new Listener(port)
  const response = await listener.response()
  t.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8')
  t.match((await listener.next('topology')).data, {
    edges: [{ from: 'spotify-plays', to: 'clean', rate: 12.5, lag: 3 }],
    lag: { view: [{ records: 1 }] },
    tasks: [{ state: 'running' }, { state: 'running' }]
  })
  t.match((await listener.next('charts')).data, {
    tracks: { window: 'day', entries: [{ track_id: 'a', plays: 3 }] },
    artists: { entries: [] }
  })

  const session = [
    ['a', 'A'],
    ['b', 'B']
  ] as const
  view.session('u', NOW, session, 'NO')
  t.same((await listener.next('plays')).data, [
    {
      user_id: 'u',
      country: 'NO',
      track_id: 'a',
      track_name: 'Name of a',
      artist_id: 'A',
      artist_name: 'A',
      played_at: new Date(NOW).toISOString()
    }
  ])
  t.match((await listener.next('charts')).data, { tracks: { window: 'day' } }, 'charts come again')

  const second = new Listener(port)
  await second.next('topology')
  const third = await new Listener(port).response()
  t.equal(third.statusCode, 503)
  t.equal(third.headers['content-type'], 'application/problem+json; charset=utf-8')
  third.resume()
  t.match((await app.inject('/health')).json(), { live_clients: 2 })

  await second.close()
  while ((await app.inject('/health')).json<{ live_clients: number }>().live_clients > 1) await listener.next('topology')
  t.pass('a client that leaves makes room')

  await Promise.all([t.rejects(listener.next('never'), /The stream ended/), app.close()])
})

t.test('a client that does not read is disconnected; others are not', async t => {
  const feed = new LiveFeed({ ...defaultOptions, liveBufferBytes: 10_000 })
  const client = () =>
    Object.assign(new PassThrough({ highWaterMark: 1 }), { writeHead: () => {} }) as unknown as ServerResponse & PassThrough
  const slow = client()
  const quick = client()
  quick.resume()
  feed.add(slow)
  feed.add(quick)
  for (let i = 0; i < 100; i++) {
    feed.send('plays', 'x'.repeat(1000))
    await new Promise(resolve => setImmediate(resolve))
  }
  t.ok(slow.destroyed)
  t.notOk(quick.destroyed)
  t.equal(feed.clients, 1)
  feed.heartbeat()
  feed.close()
  t.equal(feed.clients, 0)
})

t.test('nothing is read while nobody listens', async t => {
  const { app, view } = await fixture({ options: { liveIntervalMs: 1 } })
  await app.ready()
  const { reads } = view
  for (let i = 0; i < 100; i++) view.session(`u${i}`, NOW, [['a', 'A']])
  await new Promise(resolve => setTimeout(resolve, 20))
  t.equal(view.reads, reads)
})
