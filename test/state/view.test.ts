import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Codec } from '../../schemas/codec.js'
import { openStore, type StoreKind } from '../../state/open.js'
import { StoreCorruptedError, type TaskStore } from '../../state/store.js'
import { DecodedCache } from '../../state/view/decoded-cache.js'
import { openLocalView } from '../../state/view/local-view.js'
import type { ViewSpace, ViewValues } from '../../state/view/view.js'
import { viewContract } from '../contract/view.js'

const open = (kind: StoreKind) => (place: string, codec: Codec) =>
  openLocalView(`${place}/view`, { openStore: openStore(kind), decode: (space, bytes) => codec.decodeBare(space, bytes) })

viewContract({ name: 'local, lmdb', open: open('lmdb'), durable: true })
viewContract({ name: 'local, memory', open: open('memory'), durable: false })

/** Bytes as values: what the view decodes, and how often. */
function counting() {
  let decoded = 0
  const decode = <S extends ViewSpace>(_: S, bytes: Uint8Array) => {
    decoded++
    return { track_id: Buffer.from(bytes).toString() } as ViewValues[S]
  }
  return { decode, count: () => decoded }
}
const put = (from: number, ...entries: [string, string][]) => ({
  topic: 'track-details' as const,
  partition: 0,
  from,
  to: from + 1,
  entries: entries.map(([key, value]) => ({ key, value: Buffer.from(value) }))
})

t.test('a value is decoded once until it changes, within a limit of memory', async t => {
  const { decode, count } = counting()
  const view = await openLocalView('', { openStore: openStore('memory'), decode, cacheBytes: 100_000 })
  await view.apply(put(0, ['x', 'one'], ['y', 'other']))
  const first = await view.get('track-details', 'x')
  t.equal(await view.get('track-details', 'x'), first)
  await view.getMany('track-details', ['x', 'y', 'y', 'absent'])
  t.equal(count(), 2)
  await view.apply(put(1, ['x', 'two']))
  t.strictSame(await view.get('track-details', 'x'), { track_id: 'two' })
  t.strictSame(await view.get('track-details', 'y'), { track_id: 'other' })
  t.equal(count(), 3)
  const many = Array.from({ length: 1000 }, (_, i) => [`key ${i}`, 'v'.repeat(100)] as [string, string])
  await view.apply(put(2, ...many))
  for (const [key] of many) await view.get('track-details', key)
  t.equal(count(), 1003)
  for (const [key] of many) await view.get('track-details', key)
  t.ok(count() > 1800, 'most were forgotten: a thousand need six times the limit')
})

t.test('the cache keeps what is asked for again', async t => {
  const cache = new DecodedCache(1000)
  const [hot, first] = [{}, {}]
  cache.set('s', 'hot', hot, 100)
  cache.set('s', 'first', first, 100)
  for (let i = 0; i < 50; i++) {
    t.equal(cache.get('s', 'hot'), hot)
    cache.set('s', `other ${i}`, {}, 100)
  }
  t.equal(cache.get('s', 'first'), undefined)
  t.equal(cache.get('other', 'hot'), undefined)
  cache.delete('s', 'hot')
  t.equal(cache.get('s', 'hot'), undefined)
})

t.test('a damaged view is emptied when it is opened', async t => {
  const directory = join(t.testdir(), 'view')
  const { decode } = counting()
  const notices: string[] = []
  const options = { openStore: openStore('lmdb'), decode, onNotice: (sentence: string) => notices.push(sentence) }
  const view = await openLocalView(directory, options)
  await view.apply(put(0, ['x', 'one']))
  await view.close()
  const path = join(directory, 'data.mdb')
  const bytes = readFileSync(path)
  bytes[bytes.lastIndexOf('one')]! ^= 1
  writeFileSync(path, bytes)
  const again = await openLocalView(directory, options)
  t.equal(await again.position('track-details', 0), undefined)
  t.equal(await again.get('track-details', 'x'), undefined)
  t.match(notices, [/^The view is filled anew: .*data\.mdb is damaged/])
  await again.close()
})

t.test('a view in which damage shows is emptied', async t => {
  let damaged = false
  const broken = async (directory: string): Promise<TaskStore> => {
    const store = await openStore('memory')(directory)
    return {
      get: (space, key) => {
        if (damaged) throw new StoreCorruptedError('It is damaged.')
        return store.get(space, key)
      },
      range: (space, options) => store.range(space, options),
      position: space => store.position(space),
      write: batch => store.write(batch),
      clear: space => store.clear(space),
      snapshot: () => store.snapshot(),
      size: () => store.size(),
      close: () => store.close()
    }
  }
  const { decode } = counting()
  const view = await openLocalView('', { openStore: broken, decode })
  await view.apply(put(0, ['x', 'one']))
  damaged = true
  await t.rejects(view.get('track-details', 'x'), StoreCorruptedError)
  damaged = false
  t.equal(await view.apply(put(1, ['x', 'two'])), false, 'its positions are gone')
  t.equal(await view.position('track-details', 0), undefined)
  t.equal(await view.get('track-details', 'x'), undefined)
  t.equal(await view.apply(put(0, ['x', 'two'])), true)
})

t.test('what a kill left of a clear is finished when the view is opened', async t => {
  const directory = join(t.testdir(), 'view')
  const store = await openStore('lmdb')(directory)
  await store.write([{ space: 'charts', entries: [['left', Buffer.from('x')]], position: 0 }])
  await store.close()
  const view = await openLocalView(directory, { openStore: openStore('lmdb'), decode: counting().decode })
  t.strictSame(await view.scan('charts', { limit: 9 }), [])
  await view.close()
})
