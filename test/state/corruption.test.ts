import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openStore, type StoreKind, wipeStore } from '../../state/open.js'
import { StoreCorruptedError, type TaskStore } from '../../state/store.js'

type Content = Map<string, Buffer>
const FLIPS = 30

/** A sequence of numbers below 2^32 that depends on the seed alone (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** Some hundred keys after puts, overwrites and deletes, with values on large pages too. */
async function fill(kind: StoreKind, directory: string): Promise<Content> {
  const content: Content = new Map()
  const next = random(7)
  let store = await openStore(kind)(directory)
  for (let position = 0; position < 24; position++) {
    const entries: [string, Buffer | null][] = []
    for (let i = 0; i < 60; i++) {
      const key = `user-${next() % 700}`
      const value = next() % 4 === 0 ? null : Buffer.alloc(next() % 40 === 0 ? 9000 : 20 + (next() % 200), next())
      entries.push([key, value])
      if (value === null) content.delete(key)
      else content.set(key, value)
    }
    await store.write([
      { space: 'a', entries, position },
      { space: 'b', entries: entries.slice(0, 3), position }
    ])
    if (position !== 12) continue
    await store.close()
    store = await openStore(kind)(directory)
  }
  await store.close()
  return content
}

/** Whether the store can be opened and read; what it holds is right if so. */
async function isReadable(t: Test, kind: StoreKind, directory: string, content: Content): Promise<boolean> {
  let store: TaskStore | undefined
  try {
    store = await openStore(kind)(directory)
    // A store may have gone back to an earlier batch with its position: then its changelog is replayed from there.
    if (store.position('a') !== 23) return true
    for (const [key, value] of content) if (!value.equals(store.get('a', key) ?? Buffer.alloc(0))) t.fail(`${key} is wrong`)
    if ([...store.range('a', {})].length !== content.size) t.fail('the range is wrong')
    await store.write([
      { space: 'a', entries: Array.from({ length: 200 }, (_, i) => [`new-${i}`, Buffer.alloc(99)] as const), position: 24 }
    ])
    for (const [key, value] of content) if (!value.equals(store.get('a', key) ?? Buffer.alloc(0))) t.fail(`${key} is wrong after a write`)
    return true
  } catch (error) {
    if (error instanceof StoreCorruptedError) return false
    throw error
  } finally {
    await store?.close()
  }
}

for (const kind of ['lmdb', 'level'] as const) {
  t.test(`${kind}: damage is found or harmless`, async t => {
    const directory = t.testdir()
    const original = join(directory, 'original')
    const content = await fill(kind, original)
    const files = readdirSync(original).filter(name => statSync(join(original, name)).size > 0)
    const copy = (name: string) => {
      cpSync(original, join(directory, name), { recursive: true })
      return join(directory, name)
    }

    await t.test('flipped bits', async t => {
      let found = 0
      for (let seed = 1; seed <= FLIPS; seed++) {
        const damaged = copy(`flip ${seed}`)
        const next = random(seed * 7919)
        const path = join(damaged, files[next() % files.length]!)
        const bytes = readFileSync(path)
        const at = next() % (next() % 3 === 0 ? Math.min(bytes.length, 8192) : bytes.length)
        bytes[at]! ^= 1 << (next() % 8)
        writeFileSync(path, bytes)
        if (!(await isReadable(t, kind, damaged, content))) found++
        rmSync(damaged, { recursive: true })
      }
      t.ok(found > FLIPS / 10, `${found} of ${FLIPS} were found`)
    })

    await t.test('truncated, missing, empty and overwritten files', async t => {
      for (const name of files) {
        const size = statSync(join(original, name)).size
        const damages: Record<string, (path: string) => void> = {
          half: path => truncateSync(path, size >> 1),
          empty: path => truncateSync(path, 0),
          missing: path => rmSync(path),
          garbage: path => writeFileSync(path, Buffer.alloc(size, 0xa5)),
          longer: path => appendFileSync(path, Buffer.alloc(10_000, 1))
        }
        for (const [damage, inflict] of Object.entries(damages)) {
          const damaged = copy(`${damage} ${name}`)
          inflict(join(damaged, name))
          const readable = await isReadable(t, kind, damaged, content)
          if (name === 'data.mdb' || name === 'store.json' || name.endsWith('.ldb'))
            t.equal(readable, damage === 'longer' && name === 'data.mdb', `${name} ${damage}`)
          rmSync(damaged, { recursive: true })
        }
      }
    })

    await t.test('wiped, it is new', async t => {
      const damaged = copy('wiped')
      writeFileSync(join(damaged, 'store.json'), '{')
      await t.rejects(openStore(kind)(damaged), StoreCorruptedError)
      await wipeStore(damaged)
      const store = await openStore(kind)(damaged)
      t.equal(store.position('a'), undefined)
      t.strictSame([...store.range('a', {})], [])
      await store.close()
    })

    await t.test('another format or adapter', async t => {
      const marker = JSON.parse(readFileSync(join(original, 'store.json'), 'utf8'))
      for (const [name, changed] of Object.entries({ format: { ...marker, format: 2 }, adapter: { ...marker, adapter: 'rocksdb' } })) {
        const other = copy(name)
        writeFileSync(join(other, 'store.json'), JSON.stringify(changed))
        await t.rejects(openStore(kind)(other), { name: 'StoreCorruptedError', message: /format 2|rocksdb/ })
      }
    })
  })
}

t.test('lmdb: a store that was open when the machine stopped is not trusted, one that was closed is', async t => {
  const directory = join(t.testdir(), 'store')
  const content = await fill('lmdb', directory)
  const path = join(directory, 'store.json')
  const closed = JSON.parse(readFileSync(path, 'utf8'))
  t.equal(closed.state, 'clean')
  const store = await openStore('lmdb')(directory)
  t.equal(JSON.parse(readFileSync(path, 'utf8')).state, 'clean', 'as long as nothing is written')
  await store.write([{ space: 'b', entries: [], position: 23 }])
  const opened = JSON.parse(readFileSync(path, 'utf8'))
  t.not(opened.state, 'clean')
  await store.close()
  t.ok(await isReadable(t, 'lmdb', directory, content))
  writeFileSync(path, JSON.stringify(opened))
  t.ok(await isReadable(t, 'lmdb', directory, content), 'the same boot')
  writeFileSync(path, JSON.stringify({ ...opened, state: '00000000-0000-0000-0000-000000000000' }))
  await t.rejects(openStore('lmdb')(directory), { name: 'StoreCorruptedError', message: /machine stopped/ })
})
