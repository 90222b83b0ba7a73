import t from 'tap'
import { AnswerCache, Generations } from '../../api/cache.js'
import type { Recommendations } from '../../api/schemas/recommendations.js'
import { fixture, MINUTE, NOW } from './support.js'

const options = { entries: 3, bytes: 10_000, ttlMs: 1000 }

t.test('bounded by entries, least recently used first', async t => {
  const cache = new AnswerCache(options)
  const put = (key: string) => cache.put(key, 'u', cache.generation('u'), 'text', 0)
  for (const key of ['a', 'b', 'c']) put(key)
  t.equal(cache.get('a', 'u', 1), 'text')
  put('d')
  t.equal(cache.get('b', 'u', 1), undefined)
  t.same(
    ['a', 'c', 'd'].map(key => cache.get(key, 'u', 1)),
    ['text', 'text', 'text']
  )
  t.match(cache.stats(), { entries: 3, hits: 4, misses: 1 })
  cache.clear()
  t.match(cache.stats(), { entries: 0, bytes: 0 })
})

t.test('bounded by bytes', async t => {
  const cache = new AnswerCache({ ...options, entries: 100 })
  const text = 'x'.repeat(2000)
  for (let i = 0; i < 10; i++) cache.put(`k${i}`, 'u', cache.generation('u'), text, 0)
  t.ok(cache.stats().bytes <= 10_000)
  t.equal(cache.stats().entries, 2)
  cache.put('k9', 'u', cache.generation('u'), 'short', 0)
  t.equal(cache.stats().entries, 2, 'replaced')
  cache.put('huge', 'u', cache.generation('u'), 'x'.repeat(6000), 0)
  t.equal(cache.get('huge', 'u', 0), undefined, 'what is larger than all of it is not kept')
  t.equal(cache.get('k9', 'u', 0), 'short')
})

t.test('ends with the TTL, or earlier where the answer does', async t => {
  const cache = new AnswerCache(options)
  cache.put('k', 'u', cache.generation('u'), 'text', 0)
  cache.put('early', 'u', cache.generation('u'), 'text', 0, 500)
  t.equal(cache.get('early', 'u', 499), 'text')
  t.equal(cache.get('early', 'u', 500), undefined)
  t.equal(cache.get('k', 'u', 999), 'text')
  t.equal(cache.get('k', 'u', 1000), undefined)
  t.equal(cache.stats().entries, 0)
})

t.test('a change between reading and keeping wins', async t => {
  const cache = new AnswerCache(options)
  const generation = cache.generation('u')
  cache.invalidate('u')
  cache.put('k', 'u', generation, 'stale', 0)
  t.equal(cache.get('k', 'u', 0), undefined)
})

t.test('generations rarely meet', async t => {
  const generations = new Generations()
  for (let i = 0; i < 100; i++) generations.changed(`user${i}`)
  const others = Array.from({ length: 10_000 }, (_, i) => generations.of(`other${i}`)).filter(count => count > 0)
  t.ok(others.length < 50, `${others.length} of 10,000 share a counter with one of 100`)
})

t.test('answers over HTTP', async t => {
  const { app, view, clock } = await fixture()
  view.session('u', NOW - MINUTE, [['a', 'A']])
  view.session('v', NOW - MINUTE, [['a', 'A']])
  view.list('a', 1, 1, [
    ['x', 1, 1],
    ['b', 1, 0.5]
  ])
  const get = async (url = '/recommendations?user_id=u') => (await app.inject(url)).json<Recommendations>()
  const hit = async (url?: string) => (await get(url)).cache_hit

  const { cache_hit, query_time_ms, ...first } = await get()
  t.equal(cache_hit, false)
  clock.now += 1000
  const { cache_hit: second, query_time_ms: time, ...same } = await get()
  t.equal(second, true)
  t.same(same, first, 'the very same answer, generated_at included')
  t.ok(query_time_ms >= 0 && time >= 0)
  const reads = view.reads
  await get()
  t.equal(view.reads, reads, 'the view is not read')

  for (const other of [
    '/recommendations?user_id=v',
    '/recommendations?user_id=u&limit=1',
    '/recommendations?user_id=u&strategy=baseline',
    '/recommendations/a?user_id=u',
    '/recommendations/a'
  ]) {
    t.equal(await hit(other), false, other)
    t.equal(await hit(other), true, other)
  }
  const at = `/recommendations?user_id=u&at=${new Date(NOW).toISOString()}`
  t.equal(await hit(at), false)
  t.equal(await hit(at), false, 'a stated time is never cached')

  view.session('u', NOW, [
    ['b', 'B'],
    ['a', 'A']
  ])
  const changed = await get()
  t.same([changed.cache_hit, changed.track_id], [false, 'b'], 'a new play: at once')
  t.equal(await hit('/recommendations/a?user_id=u'), false)
  t.equal(await hit('/recommendations?user_id=v'), true, 'others keep theirs')
  t.equal(await hit(), true)
  view.affinity('u', NOW, [['X', 1]])
  t.equal(await hit(), false, 'a new affinity: at once')

  clock.now += 30_000
  t.equal(await hit(), false, 'the TTL')
  clock.now = NOW + 60 * MINUTE - 5000
  t.same((await get()).context, ['b', 'a'])
  clock.now = NOW + 60 * MINUTE + 1
  t.same((await get()).context, [], 'a session that ends takes its answer along')
})

t.test('a play that arrives while an answer is computed', async t => {
  const { app, view } = await fixture()
  view.session('u', NOW - MINUTE, [['a', 'A']])
  view.list('a', 1, 1, [['x', 1, 1]])
  view.beforeRead = space => {
    if (space !== 'track-neighbours') return
    view.beforeRead = () => {}
    view.session('u', NOW, [['b', 'B']])
  }
  const get = async () => (await app.inject('/recommendations?user_id=u')).json<Recommendations>()
  t.equal((await get()).track_id, 'a')
  t.match(await get(), { track_id: 'b', cache_hit: false })
})

t.test('the artist of a candidate changes', async t => {
  const { app, view, clock } = await fixture()
  view.session('u', NOW, [['a', 'A']])
  view.affinity('u', NOW, [['X', 1]])
  view.list('a', 1, 1, [['x', 1, 1]])
  view.track('x', 'other')
  const affinity = async () => {
    clock.now += 31_000
    return (await app.inject('/recommendations?user_id=u')).json<Recommendations>().recommendations[0]!.artist_affinity_score
  }
  t.equal(await affinity(), 0)
  view.track('x', 'X')
  t.equal(await affinity(), 100)
  view.beforeRead = (space, keys) => {
    if (space === 'track-details' && keys.includes('x')) {
      view.beforeRead = () => {}
      view.track('x', 'other')
    }
  }
  view.track('x', 'X')
  t.equal(await affinity(), 0, 'even while it is read')
  t.equal(await affinity(), 0)
})
