import { openStore, type StoreKind } from '../../state/open.js'

/**
 * A process to be killed: `node writer.js KIND DIRECTORY`. Batch n puts n under every one of 300 keys of two keyspaces and
 * deletes or restores a third of them, so that any mixture of two batches shows.
 */
const [kind, directory] = process.argv.slice(2) as [StoreKind, string]
const store = await openStore(kind)(directory)
const start = (store.position('a') ?? 0) + 1
process.stdout.write(`open ${start}\n`)
for (let n = start; ; n++) {
  const value = Buffer.alloc(100 + (n % 50), n)
  const size = n % 3 === 0 ? 20 : 300
  const entries = Array.from({ length: size }, (_, i) => [`key ${i}`, i < 20 || (i + n) % 3 > 0 ? value : null] as const)
  const rest = Array.from({ length: 300 - size }, (_, i) => [`key ${size + i}`, null] as const)
  await store.write([
    { space: 'a', entries: [...entries, ...rest], position: n },
    { space: 'b', entries, position: n }
  ])
  process.stdout.write(`${n}\n`)
}
