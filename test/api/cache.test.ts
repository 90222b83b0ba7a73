import t from 'tap'
import { asCached, serialise, stampTime } from '../../api/answers/served.js'
import { AnswerCache, Generations } from '../../api/cache.js'
import type { Recommendations } from '../../api/schemas/recommendations.js'
import { fixture, MINUTE, NOW } from './support.js'

const options = { entries: 3, bytes: 10_000, ttlMs: 1000, staleMs: 5000 }
const putIn = (cache: AnswerCache<string>, key: string, text: string, until?: number) =>
  cache.put(key, cache.look('u'), text, text.length, 0, until)

t.test('bounded by entries, least recently used first', async t => {
  const cache = new AnswerCache<string>(options)
  const put = (key: string) => putIn(cache, key, 'text')
  for (const key of ['a', 'b', 'c']) put(key)
  t.equal(cache.get('a', 1), 'text')
  put('d')
  t.equal(cache.get('b', 1), undefined)
  t.same(
    ['a', 'c', 'd'].map(key => cache.get(key, 1)),
    ['text', 'text', 'text']
  )
  t.match(cache.stats(), { entries: 3, hits: 4, misses: 1 })
  cache.invalidateAll()
  t.equal(cache.get('a', 1), undefined)
})

t.test('bounded by bytes', async t => {
  const cache = new AnswerCache<string>({ ...options, entries: 100 })
  const text = 'x'.repeat(4000)
  for (let i = 0; i < 10; i++) putIn(cache, `k${i}`, text)
  t.ok(cache.stats().bytes <= 10_000)
  t.equal(cache.stats().entries, 2)
  putIn(cache, 'k9', 'short')
  t.equal(cache.stats().entries, 2, 'replaced')
  putIn(cache, 'huge', 'x'.repeat(12_000))
  t.equal(cache.get('huge', 0), undefined, 'what is larger than all of it is not kept')
  t.equal(cache.get('k9', 0), 'short')
})

t.test('ends with the TTL, or earlier where the answer does', async t => {
  const cache = new AnswerCache<string>(options)
  putIn(cache, 'k', 'text')
  putIn(cache, 'early', 'text', 500)
  t.equal(cache.get('early', 499), 'text')
  t.equal(cache.get('early', 500), undefined)
  t.equal(cache.get('k', 999), 'text')
  t.equal(cache.get('k', 1000), undefined)
})

t.test('the last one is known for longer, whatever has changed', async t => {
  const cache = new AnswerCache<string>(options)
  putIn(cache, 'k', 'text')
  cache.invalidate('u')
  t.equal(cache.get('k', 10), undefined)
  t.same(cache.lastKnown('k', 4999), { value: 'text', age: 4999 })
  t.equal(cache.lastKnown('k', 5000), undefined)
  t.equal(cache.lastKnown('other', 10), undefined)
})

t.test('a change between reading and keeping wins', async t => {
  const cache = new AnswerCache<string>(options)
  const look = cache.look('u')
  cache.invalidate('u')
  cache.put('k', look, 'stale', 5, 0)
  t.equal(cache.get('k', 0), undefined)
})

t.test('the time of a hit is written in place', async t => {
  for (const [milliseconds, written] of [
    [0.0123, 0.012],
    [1.5, 1.5],
    [123.4567, 123.457],
    [40_001, 40_001],
    [1e9, 99_999.999],
    [0, 0]
  ] as const) {
    const computed = stampTime(serialise({ user_id: 'ü' } as never), milliseconds)
    const cached = stampTime(asCached(computed), 0.5)
    t.same(JSON.parse(computed.toString()), { user_id: 'ü', cache_hit: false, query_time_ms: written })
    t.same(JSON.parse(cached.toString()), { user_id: 'ü', cache_hit: true, query_time_ms: 0.5 })
    t.same(JSON.parse(stampTime(cached, milliseconds).toString()), { user_id: 'ü', cache_hit: true, query_time_ms: written })
  }
})

t.test('generations rarely meet', async t => {
  const generations = new Generations()
  for (let i = 0; i < 100; i++) generations.changed(`user${i}`)
  const others = Array.from({ length: 10_000 }, (_, i) => generations.look(`other${i}`)).filter(({ count }) => count > 0)
  t.ok(others.length < 50, `${others.length} of 10,000 share a counter with one of 100`)
})

t.test('answers over HTTP', async t => {
  const { app, view, clock } = await fixture()
  view.track('a', 'A')
  view.track('b', 'B')
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

t.test('an answer without the name of its track is not kept for long', async t => {
  const { app, view, clock } = await fixture()
  view.session('u', NOW, [['new', 'A']])
  const get = async () => (await app.inject('/recommendations?user_id=u')).json<Recommendations>()
  t.match(await get(), { track_name: 'new' })
  t.match(await get(), { cache_hit: true })
  view.track('new', 'A')
  clock.now += 250
  t.match(await get(), { cache_hit: false, track_name: 'Name of new' })
  clock.now += 1000
  t.match(await get(), { cache_hit: true })
})
