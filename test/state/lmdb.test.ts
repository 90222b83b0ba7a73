import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { openStore } from '../../state/open.js'
import { storeContract } from '../contract/store.js'

storeContract({ name: 'lmdb', open: openStore('lmdb'), durable: true })

const SMAPS = '/proc/self/smaps'
const PAUSE_MS = 600

/** Bytes of the mapped file that are in memory. */
function mapped(directory: string): number {
  let bytes = 0
  let ours = false
  for (const line of readFileSync(SMAPS, 'latin1').split('\n')) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) ours = line.endsWith(`${directory}/data.mdb`)
    else if (ours && line.startsWith('Rss:')) bytes += Number.parseInt(line.slice(4), 10) * 1024
  }
  return bytes
}

t.test('what was read and written does not stay mapped', { skip: !existsSync(SMAPS) && 'the system does not tell' }, async t => {
  const directory = t.testdir()
  const store = await openStore('lmdb')(directory)
  const expected = new Map<string, string>()
  const key = (i: number) => `key-${i.toString().padStart(6, '0')}`
  for (let round = 0; round < 2; round++) {
    const entries: [string, Buffer][] = []
    for (let i = 0; i < 40_000; i++) {
      entries.push([key(i), Buffer.alloc(300, (i + round) % 251)])
      expected.set(key(i), entries.at(-1)![1].toString('hex'))
    }
    await store.write([{ space: 'a', entries, position: round }])
    for (let i = 0; i < 40_000; i += 40) store.get('a', key(i))
    const range = store.range('a', {})[Symbol.iterator]()
    range.next()
    const before = mapped(directory)
    t.ok(before > 8e6, `${before} bytes are mapped by reading here and there`)
    await sleep(PAUSE_MS)
    t.ok(mapped(directory) >= before, 'while a range is read the file stays as it is')
    t.ok(range.next().value, 'and the range goes on')
    range.return?.()
    // For ever, if it were not so.
    while (mapped(directory) > 2e6) await sleep(50)
    t.equal(store.position('a'), round)
  }
  const wrong = [...expected].filter(([name, value]) => Buffer.from(store.get('a', name)!).toString('hex') !== value)
  t.same(wrong, [])
  t.equal([...store.range('a', {})].length, expected.size)
  await store.write([{ space: 'b', entries: [['x', Buffer.from('1')]], position: 1 }])
  await store.close()
  const again = await openStore('lmdb')(directory)
  t.equal(Buffer.from(again.get('b', 'x')!).toString(), '1')
  t.equal([...again.range('a', {})].length, expected.size)
  await again.close()
})
