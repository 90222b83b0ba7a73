import t from 'tap'
import { defaultOptions } from '../../api/options.js'
import { ViewUnavailableError } from '../../state/view/view.js'
import { fixture, MINUTE, NOW, operations } from './support.js'

const down = () => {
  throw new ViewUnavailableError('Redis at far.example:6379 is gone.')
}

async function world(staleMs = defaultOptions.cache.staleMs) {
  const fault = { now: false }
  const lag = async () => (fault.now ? down() : { tasks: [], view: [] })
  const cache = { ...defaultOptions.cache, staleMs }
  const made = await fixture({ operations: operations({ lag }), options: { cache } })
  made.view.beforeRead = () => {
    if (fault.now) down()
  }
  made.view.track('a')
  made.view.track('b')
  made.view.list('a', 10, 10, [['b', 5, 5]])
  made.view.session('u', NOW - MINUTE, [['a', 'artist']])
  const get = (url: string) => made.app.inject({ method: 'GET', url })
  return { ...made, fault, get }
}

t.test('while the view is gone, the last known answer is given, marked, with its age; then 503 with Retry-After', async t => {
  const { fault, get, clock, view } = await world()
  const fresh = await get('/recommendations?user_id=u')
  t.equal(fresh.statusCode, 200)
  t.notOk('stale' in fresh.json())
  const once = await get('/recommendations?user_id=u&limit=1')
  t.equal(once.json().cache_hit, false)
  fault.now = true
  clock.now += 1000
  t.equal((await get('/recommendations?user_id=u')).json().stale, undefined, 'one that is still valid is no stale one')
  view.session('u', NOW, [['b', 'artist']])
  clock.now += 99_000
  const stale = await get('/recommendations?user_id=u')
  t.equal(stale.statusCode, 200)
  t.equal(stale.headers.age, '100')
  t.match(stale.json(), {
    stale: true,
    cache_hit: true,
    recommendations: fresh.json().recommendations,
    generated_at: fresh.json().generated_at
  })
  const seen = await get('/recommendations?user_id=u&limit=1')
  t.match(seen.json(), { stale: true, cache_hit: true, generated_at: once.json().generated_at }, 'also one that was never asked for again')
  clock.now += 201_000
  for (const url of [
    '/recommendations?user_id=u',
    '/recommendations?user_id=other',
    '/tracks/a',
    '/charts/tracks?window=all',
    '/users/u/affinity'
  ]) {
    const reply = await get(url)
    t.equal(reply.statusCode, 503, url)
    t.equal(reply.headers['retry-after'], '2', url)
    t.match(reply.headers['content-type'], 'application/problem+json')
    t.match(reply.json().detail, /try again in a moment/)
    t.notMatch(reply.body, 'far.example', 'where it is concerns nobody outside')
  }
  fault.now = false
  t.equal((await get('/recommendations?user_id=u')).json().stale, undefined)
})

t.test('without stale answers it is 503 at once', async t => {
  const { fault, get, view } = await world(0)
  await get('/recommendations?user_id=u')
  view.session('u', NOW, [['b', 'artist']])
  fault.now = true
  t.equal((await get('/recommendations?user_id=u')).statusCode, 503)
})

t.test('readyz and health say so; healthz is about the process alone', async t => {
  const { fault, get } = await world()
  t.equal((await get('/readyz')).statusCode, 200)
  fault.now = true
  const ready = await get('/readyz')
  t.equal(ready.statusCode, 503)
  t.match(ready.json().detail, /^The view can't be reached: Redis at far\.example/)
  const health = await get('/health')
  t.equal(health.statusCode, 200)
  t.match(health.json(), { status: 'degraded', reason: /^The view can't be reached/, lag: null })
  t.equal((await get('/healthz')).statusCode, 200)
  fault.now = false
  t.equal((await get('/readyz')).statusCode, 200)
})

t.test('listeners are asked for again after a failed start', async t => {
  const { fault, get } = await world()
  fault.now = true
  t.equal((await get('/users')).statusCode, 503)
  fault.now = false
  t.equal((await get('/users')).statusCode, 200)
})
