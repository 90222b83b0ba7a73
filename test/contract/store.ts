import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { OpenStore, RangeOptions, StoreWrite, TaskStore } from '../../state/store.js'

export interface StoreContract {
  readonly name: string
  readonly open: OpenStore
  /** Whether what was written is there after closing and opening. */
  readonly durable: boolean
}

const bytes = (text: string) => Buffer.from(text)
const text = (value: Uint8Array | undefined) => (value === undefined ? undefined : Buffer.from(value).toString())
const batch = (space: string, position: number, ...entries: [string, string | null][]): StoreWrite => ({
  space,
  position,
  entries: entries.map(([key, value]) => [key, value === null ? null : bytes(value)] as const)
})
const list = (store: TaskStore, space: string, options: RangeOptions = {}) =>
  [...store.range(space, options)].map(([key, value]) => [key, text(value)])

type WithStore = (name: string, run: (t: Test, store: TaskStore) => Promise<void>) => void

/** What every adapter of the Store port keeps to. */
export function storeContract(contract: StoreContract): void {
  const withStore: WithStore = (name, run) =>
    t.test(`${contract.name}: ${name}`, async t => {
      const store = await contract.open(`${t.testdir()}/store`)
      try {
        await run(t, store)
      } finally {
        await store.close()
      }
    })
  values(withStore)
  ranges(withStore)
  writes(withStore)
  if (contract.durable) durability(contract)
}

function values(withStore: WithStore): void {
  withStore('a new store is empty', async (t, store) => {
    t.equal(store.get('a', 'k'), undefined)
    t.strictSame(list(store, 'a'), [])
    t.equal(store.position('a'), undefined)
    await store.clear('a')
  })

  withStore('puts, overwrites and deletes', async (t, store) => {
    await store.write([batch('a', 1, ['k', 'one'], ['l', 'two'])])
    await store.write([batch('a', 2, ['k', 'three'], ['l', null], ['absent', null])])
    t.equal(text(store.get('a', 'k')), 'three')
    t.equal(store.get('a', 'l'), undefined)
    await store.write([batch('a', 3, ['m', 'first'], ['m', null], ['n', null], ['n', 'last'])])
    t.strictSame(
      list(store, 'a'),
      [
        ['k', 'three'],
        ['n', 'last']
      ],
      'of a key repeated in a batch, the last entry counts'
    )
  })

  withStore('keyspaces are apart', async (t, store) => {
    await store.write([batch('a', 5, ['k', 'a']), batch('ab', 7, ['k', 'ab']), batch('a-b', 9, ['bk', 'a-b'])])
    t.strictSame(list(store, 'a'), [['k', 'a']])
    t.strictSame(list(store, 'ab', { reverse: true }), [['k', 'ab']])
    t.strictSame(
      ['a', 'ab', 'a-b', 'b'].map(space => store.position(space)),
      [5, 7, 9, undefined]
    )
  })

  withStore('clear empties one keyspace and forgets its position', async (t, store) => {
    await store.write([batch('a', 5, ['k', 'a'], ['l', 'b']), batch('b', 7, ['k', 'b'])])
    await store.clear('a')
    t.strictSame(list(store, 'a'), [])
    t.equal(store.get('a', 'k'), undefined)
    t.equal(store.position('a'), undefined)
    t.strictSame(list(store, 'b'), [['k', 'b']])
    await store.write([batch('a', 1, ['z', 'new'])])
    t.strictSame(list(store, 'a'), [['z', 'new']])
  })

  withStore('values of any size, and positions up to 2^53', async (t, store) => {
    const sizes = [0, 1, 3, 4095, 4096, 65536, 1 << 20]
    const value = (size: number) => Buffer.alloc(size, size)
    await store.write([
      { space: 'a', position: Number.MAX_SAFE_INTEGER, entries: sizes.map(size => [`size ${size}`, value(size)] as const) }
    ])
    for (const size of sizes) t.ok(value(size).equals(store.get('a', `size ${size}`)!), `${size} bytes`)
    t.equal(
      [...store.range('a', {})].reduce((sum, [, found]) => sum + found.length, 0),
      sizes.reduce((a, b) => a + b)
    )
    t.equal(store.position('a'), Number.MAX_SAFE_INTEGER)
    t.ok(store.size() > 1 << 20)
  })

  withStore('what was read stays as it is, and so does what was written', async (t, store) => {
    const written = bytes('before')
    await store.write([
      {
        space: 'a',
        position: 1,
        entries: [
          ['k', written],
          ['l', bytes('other')]
        ]
      }
    ])
    const read = store.get('a', 'k')!
    const [[, first]] = [...store.range('a', {})] as [[string, Uint8Array]]
    written.fill(0)
    store.get('a', 'l')
    await store.write([batch('a', 2, ['k', 'changed'])])
    store.get('a', 'k')
    t.equal(text(read), 'before')
    t.equal(text(first), 'before')
  })
}

function ranges(withStore: WithStore): void {
  withStore('keys are ordered by their UTF-8 bytes', async (t, store) => {
    const keys = ['a', '\0', 'aa', 'a\0', 'é', 'z', '\u{ff5e}', '\u{1f3b5}', '\u{7f}', 'e\u0301', 'x'.repeat(640), '日本']
    await store.write([{ space: 'a', position: 1, entries: keys.map(key => [key, bytes(key)] as const) }])
    const sorted = [...keys].sort((a, b) => Buffer.compare(bytes(a), bytes(b)))
    t.strictSame(
      list(store, 'a'),
      sorted.map(key => [key, key])
    )
    t.strictSame(
      list(store, 'a', { reverse: true }),
      sorted.toReversed().map(key => [key, key])
    )
    for (const key of keys) t.equal(text(store.get('a', key)), key)
  })

  withStore('ranges are those of a sorted list', async (t, store) => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\u{ff5e}', '\u{1f3b5}'), minLength: 1, maxLength: 4 })
    const keys = [...new Set(fc.sample(word, { numRuns: 400, seed: 3 }))].sort((a, b) => Buffer.compare(bytes(a), bytes(b)))
    await store.write([
      { space: 'a', position: 1, entries: keys.map(key => [key, bytes(key)] as const) },
      batch('b', 1, ['a', 'b']),
      batch('A', 1, ['a', 'A'])
    ])
    const below = (a: string, b: string) => Buffer.compare(bytes(a), bytes(b)) < 0
    const options = fc.record({ gte: word, lt: word, reverse: fc.boolean(), limit: fc.nat({ max: 60 }) }, { requiredKeys: [] })
    fc.assert(
      fc.property(options, ({ gte, lt, reverse, limit }) => {
        let expected = keys.filter(key => (gte === undefined || !below(key, gte)) && (lt === undefined || below(key, lt)))
        if (reverse) expected = expected.toReversed()
        const found = list(store, 'a', {
          ...(gte === undefined ? {} : { gte }),
          ...(lt === undefined ? {} : { lt }),
          ...(reverse === undefined ? {} : { reverse }),
          ...(limit === undefined ? {} : { limit })
        })
        return JSON.stringify(found) === JSON.stringify(expected.slice(0, limit).map(key => [key, key]))
      }),
      { numRuns: 100, seed: 5 }
    )
    t.pass('100 random ranges')
  })

  withStore('a range may be left early, again and again', async (t, store) => {
    await store.write([
      {
        space: 'a',
        position: 1,
        entries: Array.from({ length: 1500 }, (_, i) => [`key ${String(i).padStart(4, '0')}`, bytes(`${i}`)] as const)
      }
    ])
    for (let i = 0; i < 50; i++) for (const [key] of store.range('a', { gte: 'key 0700' })) if (key === 'key 0733') break
    await store.write([batch('a', 2, ['key 0700', null])])
    const [[key]] = [...store.range('a', { gte: 'key 0700', limit: 1 })] as [[string, Uint8Array]]
    t.equal(key, 'key 0701')
    t.equal([...store.range('a', {})].length, 1499)
  })
}

function writes(withStore: WithStore): void {
  withStore('large batches, and writes in the order of their calls', async (t, store) => {
    const entries = (value: string) => Array.from({ length: 6000 }, (_, i) => [`key ${i}`, bytes(`${value} ${i}`)] as const)
    await Promise.all([
      store.write([{ space: 'a', entries: entries('first'), position: 1 }]),
      store.write([batch('a', 2, ['key 1', 'second'])]),
      store.write([{ space: 'a', entries: entries('third').slice(2), position: 3 }])
    ])
    t.equal(text(store.get('a', 'key 0')), 'first 0')
    t.equal(text(store.get('a', 'key 1')), 'second')
    t.equal(text(store.get('a', 'key 5999')), 'third 5999')
    t.equal(store.position('a'), 3)
  })

  withStore('a write that fails leaves nothing, and the next one succeeds', async (t, store) => {
    await store.write([batch('a', 1, ['k', 'before'])])
    function* broken() {
      for (let i = 0; i < 300; i++) yield [`key ${i}`, bytes('x')] as const
      throw new Error('broken')
    }
    await t.rejects(store.write([batch('b', 2, ['k', 'after']), { space: 'a', entries: broken(), position: 2 }]), { message: 'broken' })
    t.strictSame(list(store, 'a'), [['k', 'before']])
    t.strictSame(list(store, 'b'), [])
    t.strictSame([store.position('a'), store.position('b')], [1, undefined])
    await store.write([batch('a', 2, ['k', 'after'])])
    t.equal(text(store.get('a', 'k')), 'after')
  })

  withStore('a snapshot shows what was there, whatever is written since, until it is closed', async (t, store) => {
    const entries = (value: string) =>
      Array.from({ length: 3000 }, (_, i) => [`key ${String(i).padStart(4, '0')}`, bytes(`${value} ${i}`)] as const)
    await store.write([{ space: 'a', entries: entries('before'), position: 1 }])
    const snapshot = store.snapshot()
    const all = async (options: RangeOptions = {}) => {
      const found: [string, string | undefined][] = []
      for await (const [key, value] of snapshot.range('a', options)) found.push([key, text(value)])
      return found
    }
    const before = entries('before').map(([key, value]) => [key, text(value)])
    await store.write([{ space: 'a', entries: entries('after'), position: 2 }, batch('b', 2, ['key', 'new'])])
    await store.write([batch('a', 3, ['key 0000', null])])
    t.equal(text(snapshot.get('a', 'key 0000')), 'before 0')
    t.equal(snapshot.get('b', 'key'), undefined)
    t.strictSame(await all(), before)
    await store.clear('a')
    t.strictSame(await all({ gte: 'key 0010', lt: 'key 0900', limit: 2 }), before.slice(10, 12))
    t.strictSame(await all({ gte: 'key 0010', lt: 'key 0900', limit: 2, reverse: true }), before.slice(898, 900).reverse())
    t.equal(store.get('a', 'key 0001'), undefined)
    await snapshot.close()
    await snapshot.close()
    t.throws(() => snapshot.get('a', 'key 0000'), /was closed/)
  })

  withStore('equals a map after any sequence of writes', async (t, store) => {
    const key = fc.constantFrom('a', 'b', 'c', 'ab', 'é')
    const entry = fc.tuple(key, fc.option(fc.string({ maxLength: 5 }), { nil: null }))
    const writes = fc.sample(fc.array(fc.tuple(fc.constantFrom('x', 'y'), fc.array(entry, { maxLength: 6 })), { maxLength: 3 }), {
      numRuns: 60,
      seed: 11
    })
    const model = { x: new Map<string, string>(), y: new Map<string, string>() }
    for (const [position, write] of writes.entries()) {
      await store.write(write.map(([space, entries]) => batch(space, position, ...entries)))
      for (const [space, entries] of write) {
        for (const [key, value] of entries) value === null ? model[space].delete(key) : model[space].set(key, value)
      }
    }
    for (const space of ['x', 'y'] as const) {
      t.strictSame(new Map(list(store, space) as [string, string][]), model[space])
      for (const key of ['a', 'b', 'c', 'ab', 'é']) t.equal(text(store.get(space, key)), model[space].get(key))
    }
  })
}

function durability(contract: StoreContract): void {
  t.test(`${contract.name}: no snapshot outlives its store`, async t => {
    const store = await contract.open(`${t.testdir()}/store`)
    await store.write([batch('a', 1, ['k', 'v'])])
    const snapshot = store.snapshot()
    t.equal(text(snapshot.get('a', 'k')), 'v')
    await store.close()
    t.throws(() => snapshot.get('a', 'k'), /was closed/)
  })

  t.test(`${contract.name}: keeps everything over closing and opening`, async t => {
    const directory = `${t.testdir()}/deep/store`
    for (let run = 0; run < 20; run++) {
      const store = await contract.open(directory)
      t.equal(store.position('a'), run === 0 ? undefined : run - 1)
      t.equal(store.position('cleared'), undefined)
      t.equal([...store.range('a', {})].length, run)
      if (run > 0) t.equal(text(store.get('a', `key ${run - 1}`)), `${run - 1}`)
      await store.write([batch('a', run, [`key ${run}`, `${run}`]), batch('cleared', 1, ['k', 'v'])])
      await store.clear('cleared')
      await store.close()
    }
  })
}
