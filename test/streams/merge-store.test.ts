import fc from 'fast-check'
import t from 'tap'
import type { TaskStore } from '../../state/store.js'
import type { StoreEntry } from '../../streams/stores/managed-store.js'
import { BufferedMergeStore, MergeCache } from '../../streams/stores/merge-store.js'
import { MapStore } from './map-store.js'
import { type Count, sum } from './word-count.js'

const open = (store: TaskStore, operandBytes: number, cacheBytes = 1e9) =>
  new BufferedMergeStore<Count, number>('counts', store, sum, { operandBytes, cache: new MergeCache(cacheBytes) })

/** Of windows, the numbers. */
const unemitted = (merge: BufferedMergeStore<Count, number>, limit: number) =>
  merge.takeUnemitted(limit).map(([key, window]) => (window === 0 ? key : `${key} ${window}`))

async function commit(merge: BufferedMergeStore<Count, number>, store: TaskStore): Promise<StoreEntry[]> {
  const entries = merge.prepare()
  await store.write([{ space: 'counts', entries, position: 1 }])
  merge.committed()
  return entries
}

const WINDOWS = [0, 1, 20_454, 2 ** 29 - 1]

t.test('any operands, restarts and evictions: values are the sum of the operands, each applied once', async t => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), window: fc.constantFrom(...WINDOWS), n: fc.nat(5) }) },
    { weight: 3, arbitrary: fc.constant('commit' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
    { weight: 1, arbitrary: fc.constant('lose' as const) }
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 120 }),
      fc.constantFrom(1, 60, 200, 5000),
      fc.constantFrom(100, 1e9),
      async (steps, ring, cache) => {
        const store = new MapStore()
        let merge = open(store, ring, cache)
        let committed = new Map<string, number>()
        let current = new Map<string, number>()
        for (const s of [...steps, 'commit' as const, 'restart' as const]) {
          if (s === 'commit') {
            merge.takeUnemitted(0)
            await commit(merge, store)
            committed = new Map(current)
          } else if (s === 'restart') {
            merge.takeUnemitted(0)
            await commit(merge, store)
            committed = new Map(current)
            merge = open(store, ring, cache)
          } else if (s === 'lose') {
            merge = open(store, ring, cache)
            current = new Map(committed)
          } else {
            merge.merge(s.key, s.n, s.window)
            const name = `${s.key} ${s.window}`
            current.set(name, (current.get(name) ?? 0) + s.n)
          }
        }
        for (const key of 'abcd')
          for (const window of WINDOWS) t.equal(merge.get(key, window)?.count, current.get(`${key} ${window}`), `${key} ${window}`)
        t.ok(merge.dictionary.size <= 4, 'windows are no names')
      }
    ),
    { numRuns: 150 }
  )
})

t.test('a key whose change was not emitted is remembered over a restart, until it is emitted', async t => {
  const store = new MapStore()
  const first = open(store, 10_000)
  for (const key of ['x', 'y', 'z']) first.merge(key, 1)
  await commit(first, store)
  t.same(unemitted(open(store, 10_000), 10).sort(), ['x', 'y', 'z'], 'nothing was emitted')
  t.same(unemitted(first, 2), ['x', 'y'], 'the oldest first')
  await commit(first, store)
  t.ok(unemitted(open(store, 10_000), 10).includes('z'))
  t.same(unemitted(first, 10), ['z'])
  await commit(first, store)
  t.same(unemitted(open(store, 10_000), 10), [])
  t.same(first.prepare(), [], 'and an idle commit writes nothing')
})

t.test('the values of a large record are written little by little before it is dropped, not all in one commit', async t => {
  const store = new MapStore()
  const merge = open(store, 4_000)
  for (let i = 0; i < 200; i++) merge.merge(`large-${i}`, 1)
  await commit(merge, store)
  let most = 0
  for (let i = 0; i < 200; i++) {
    merge.merge(`small-${i % 20}`, 1)
    merge.takeUnemitted(1_000)
    const entries = await commit(merge, store)
    most = Math.max(most, entries.filter(([key]) => key.startsWith('v/')).length)
  }
  const written = [...store.range('counts', { gte: 'v/', lt: 'v0' })].length
  t.ok(written >= 200, `${written} values are written`)
  t.ok(most <= 20, `at most ${most} in one commit`)
})

t.test('operands that a restart found keep their order: none is lost when the record of the first of them is dropped', async t => {
  const store = new MapStore()
  const before = open(store, 300)
  for (const n of [1, 2]) {
    before.merge('kept', n)
    before.takeUnemitted(10)
    await commit(before, store)
  }
  const merge = open(store, 300)
  t.equal(merge.get('kept')?.count, 3)
  for (let i = 0; i < 40; i++) {
    merge.merge('filler', 1)
    merge.takeUnemitted(10)
    await commit(merge, store)
    t.equal(open(store.copy(), 300).get('kept')?.count, 3, `after ${i + 1} commits`)
  }
})

t.test('operand records are bounded: the oldest are dropped, their keys written first', async t => {
  const store = new MapStore()
  const merge = open(store, 500)
  for (let i = 0; i < 400; i++) {
    merge.merge(`key-${i}`, 1)
    merge.takeUnemitted(10)
    await commit(merge, store)
  }
  const operands = [...store.range('counts', { gte: 'o/', lt: 'o0' })]
  t.ok(operands.reduce((bytes, [, value]) => bytes + value.length, 0) <= 600)
  t.equal([...store.range('counts', { gte: 'v/', lt: 'v0' })].length, 400 - operands.length)
})

t.test('keys that wait to be emitted outlive the records of their changes, over restarts, whatever is emitted in between', async t => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ merge: fc.nat(9) }) },
    { weight: 4, arbitrary: fc.constant('commit' as const) },
    { weight: 1, arbitrary: fc.record({ emit: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.constant('restart' as const) }
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 150 }), fc.constantFrom(1, 80, 300, 5000), async (steps, ring) => {
      const store = new MapStore()
      let merge = open(store, ring)
      let waiting = new Set<string>()
      let committed = new Set<string>()
      for (const s of steps) {
        if (s === 'commit') {
          await commit(merge, store)
          committed = new Set(waiting)
        } else if (s === 'restart') {
          merge = open(store, ring)
          waiting = new Set(committed)
        } else if ('merge' in s) {
          const window = s.merge % 3
          merge.merge(`key-${s.merge}`, 1, window)
          waiting.add(window === 0 ? `key-${s.merge}` : `key-${s.merge} ${window}`)
        } else for (const key of unemitted(merge, s.emit)) waiting.delete(key)
      }
      const left = unemitted(open(store, ring), 100)
      for (const key of committed) t.ok(left.includes(key), `${key} is known after a restart`)
      const bytes = [...store.range('counts', { gte: 'o/', lt: 'o0' })].reduce((all, [, value]) => all + value.length, 0)
      t.ok(bytes <= ring + 200, `${bytes} bytes of operands`)
    }),
    { numRuns: 200 }
  )
})

t.test('operands may take a share of what the values take, also after a restart', async t => {
  const store = new MapStore()
  const cache = new MergeCache(1e9)
  const options = { operandBytes: 100, operandShare: 0.5, cache }
  const first = new BufferedMergeStore<Count, number>('counts', store, sum, options)
  for (let i = 0; i < 200; i++) {
    first.merge(`key-${i % 100}`, 1)
    first.takeUnemitted(1000)
    await commit(first, store)
  }
  const bytes = () => [...store.range('counts', { gte: 'o/', lt: 'o0' })].reduce((all, [, value]) => all + value.length, 0)
  const before = bytes()
  t.ok(before > 1000 && before <= 0.5 * cache.used, `${before} bytes of operands, ${cache.used} of values`)
  first.close()
  const second = new BufferedMergeStore<Count, number>('counts', store, sum, options)
  second.merge('key-0', 1)
  await commit(second, store)
  t.ok(bytes() > before - 100, 'nothing is written anew because no value is in memory yet')
  for (let i = 0; i < 100; i++) t.equal(second.get(`key-${i}`)?.count, i === 0 ? 3 : 2)
})

t.test('a value that grows with each commit counts as it is', async t => {
  const cache = new MergeCache(1e9)
  const store = new MapStore()
  const fold = { ...sum, sizeOf: ({ count }: Count) => count }
  const merge = new BufferedMergeStore<Count, number>('counts', store, fold, { operandBytes: 1e6, cache })
  for (const used of [10, 20, 30]) {
    merge.merge('a', 4)
    merge.merge('a', 6)
    await commit(merge, store)
    t.equal(cache.used, used)
  }
})

t.test('stores share their memory: each gives up the same share when all together have too much', async t => {
  const cache = new MergeCache(60 * sum.sizeOf(sum.empty()))
  const [large, small] = [new MapStore(), new MapStore()]
  const stores = [large, small].map(store => new BufferedMergeStore<Count, number>('counts', store, sum, { operandBytes: 1e6, cache }))
  for (let i = 0; i < 50; i++) stores[0]!.merge(`key-${i}`, 1)
  await commit(stores[0]!, large)
  t.equal([...large.range('counts', { gte: 'v/', lt: 'v0' })].length, 0, 'it may use nearly all')
  for (let i = 0; i < 20; i++) stores[1]!.merge(`key-${i}`, 1)
  await commit(stores[0]!, large)
  await commit(stores[1]!, small)
  t.ok(cache.used <= cache.limit)
  t.equal([...large.range('counts', { gte: 'v/', lt: 'v0' })].length, 12, '50 - 50 × 0.9 × 60 / 70, rounded up')
  for (const store of stores) store.close()
  t.equal(cache.used, 0)
})

t.test('windows are whole numbers below 2^29', async t => {
  const merge = open(new MapStore(), 500)
  for (const window of [-1, 0.5, 2 ** 29, Number.NaN]) t.throws(() => merge.merge('a', 1, window), /is no window/)
})

t.test('another version of the fold is refused with a sentence', async t => {
  const store = new MapStore()
  const merge = open(store, 500)
  merge.merge('a', 1)
  await commit(merge, store)
  t.throws(() => new BufferedMergeStore('counts', store, { ...sum, version: 2 }, { operandBytes: 1, cache: new MergeCache(1) }), {
    name: 'StoreVersionError',
    message: /written by version 1 of its fold \(format 1\), this program has 2 \(format 1\): reset/
  })
})

t.test('operands of before windows are refused with a sentence', async t => {
  const store = new MapStore()
  const merge = open(store, 500)
  merge.merge('a', 1)
  await commit(merge, store)
  const [[key, record]] = [...store.range('counts', { gte: 'o/', lt: 'o0' })] as [[string, Buffer]]
  const old = Buffer.from(record)
  old[0] = sum.version
  await store.write([{ space: 'counts', entries: [[key, old]], position: 1 }])
  t.throws(() => open(store, 500), /written by version 1 of its fold \(format 0\), this program has 1 \(format 1\): reset/)
})
