import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openLmdbStore } from '../../state/lmdb-store.js'
import { openStore } from '../../state/open.js'
import type { StoreWrite } from '../../state/store.js'
import { mayMount, withSmallDevice } from './small-device.js'

const mebibyte = 1024 * 1024

/** Runs with a device of 12 MB, most of which is filled with the file `filler`. */
const withFullDevice = (t: Test, run: (device: string, filler: string) => Promise<void>): Promise<void> =>
  withSmallDevice(t, 12, async device => {
    const filler = join(device, 'filler')
    writeFileSync(filler, Buffer.alloc(6 * mebibyte))
    await run(device, filler)
  })

const skip = mayMount() ? false : 'this user may not mount a small file system'

function batch(n: number, size: number): StoreWrite[] {
  return [{ space: 'a', position: n, entries: Array.from({ length: size }, (_, i) => [`key ${n} ${i}`, Buffer.alloc(200, n)] as const) }]
}

for (const kind of ['lmdb', 'level'] as const) {
  // Both of lmdb's ways to commit.
  for (const size of kind === 'lmdb' ? [50, 1500] : [200]) {
    t.test(`${kind}: a full device refuses a batch of ${size} and takes the next one when there is room`, { skip }, t =>
      withFullDevice(t, async (device, filler) => {
        let store = await openStore(kind)(join(device, 'store'))
        let n = 0
        const fill = async () => {
          for (;;) {
            await store.write(batch(n + 1, size))
            n++
          }
        }
        await t.rejects(fill(), { name: 'StoreFullError', message: /no room left on the device/ })
        await t.rejects(store.write(batch(n + 1, size)), { name: 'StoreFullError' }, 'again')
        rmSync(filler)
        t.equal(store.position('a'), n)
        for (let i = 0; i < 3; i++) await store.write(batch(++n, size))
        for (let run = 0; run < 2; run++) {
          t.equal(store.position('a'), n)
          t.equal([...store.range('a', {})].length, n * size)
          await store.close()
          store = await openStore(kind)(join(device, 'store'))
        }
        await store.close()
      })
    )
  }
}

t.test('lmdb: the map grows beyond its first size', async t => {
  const store = await openLmdbStore(join(t.testdir(), 'store'), { mapBytes: mebibyte })
  for (let n = 1; n <= 20; n++) await store.write(batch(n, n % 2 ? 1500 : 40))
  t.ok(store.size() > 3 * mebibyte)
  t.equal([...store.range('a', {})].length, 10 * 1540)
  await store.close()
})
