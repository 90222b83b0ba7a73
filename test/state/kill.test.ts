import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openStore, type StoreKind } from '../../state/open.js'

const writer = fileURLToPath(new URL('./writer.js', import.meta.url))
const RUNS = 4

/** Runs a writer and kills it after some writes; returns the last batch it said was written. */
async function runAndKill(kind: StoreKind, directory: string, writes: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [writer, kind, directory], { env: {}, stdio: ['ignore', 'pipe', 'inherit'] })
  let last = 0
  let lines = 0
  let rest = ''
  for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    const complete = (rest + chunk).split('\n')
    rest = complete.pop()!
    for (const line of complete) {
      if (!line.startsWith('open')) last = Number(line)
      if (++lines === writes) setTimeout(() => child.kill('SIGKILL'), delayMs)
    }
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return last
}

for (const kind of ['lmdb', 'level'] as const) {
  t.test(`${kind}: a kill -9 leaves each batch wholly or not at all`, async t => {
    const directory = `${t.testdir()}/store`
    for (let run = 0; run < RUNS; run++) {
      const written = await runAndKill(kind, directory, 3 + run * 7, run * 1.7)
      const store = await openStore(kind)(directory)
      const n = store.position('a')!
      t.ok(n === written || n === written + 1 || n === written + 2, `what was resolved is there (${written} was, ${n} is)`)
      t.equal(store.position('b'), n)
      const found = [...store.range('a', {})]
      const size = n % 3 === 0 ? 20 : 300
      const expected = Array.from({ length: size }, (_, i) => i).filter(i => i < 20 || (i + n) % 3 > 0)
      t.strictSame(new Set(found.map(([key]) => key)), new Set(expected.map(i => `key ${i}`)))
      t.ok(
        found.every(([, value]) => value.length === 100 + (n % 50) && value.every(byte => byte === (n & 255))),
        'of one batch'
      )
      await store.close()
    }
  })
}
