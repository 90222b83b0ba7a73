import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openEmbeddedLog } from '../../streams/log/embedded/open.js'
import { LogCorruptedError, LogLockedError } from '../../streams/log/log.js'
import { readAll, record, texts } from '../contract/log-helpers.js'
import { directory } from './harness.js'

const spec = { name: 'topic', partitions: 1, cleanup: 'delete', retentionMs: -1 } as const
const at = { topic: 'topic', partition: 0 }

t.test('one directory, one log', async t => {
  const path = await directory(t)
  const log = await openEmbeddedLog(path)
  await t.rejects(openEmbeddedLog(path), LogLockedError)
  await t.rejects(openEmbeddedLog(path), { message: /in use by another process/ })
  await log.ensureTopics([spec])
  await log.send([record('topic', 'a', '1')])
  await log.close()
  const again = await openEmbeddedLog(path, { fsync: true })
  await again.send([record('topic', 'b', '2')])
  t.strictSame(texts(await readAll(again, at)), ['a=1', 'b=2'])
  await again.close()
})

t.test('the index may be lost or damaged; the journal may not', async t => {
  const path = await directory(t)
  const log = await openEmbeddedLog(path)
  await log.ensureTopics([spec])
  await log.send([record('topic', 'a', '1')])
  await log.close()
  const damage = async (folder: string, pattern: RegExp): Promise<void> => {
    for (const file of await readdir(join(path, folder))) if (pattern.test(file)) await writeFile(join(path, folder, file), 'damaged')
  }
  await damage('index', /^(MANIFEST|CURRENT)/)
  const second = await openEmbeddedLog(path)
  t.strictSame(texts(await readAll(second, at)), ['a=1'])
  await second.close()
  await rm(join(path, 'index'), { recursive: true })
  const third = await openEmbeddedLog(path)
  t.strictSame(texts(await readAll(third, at)), ['a=1'])
  await third.close()
  await rm(join(path, 'journal', 'CURRENT'))
  await t.rejects(openEmbeddedLog(path), LogCorruptedError)
  await writeFile(join(path, 'journal', 'CURRENT'), 'MANIFEST-000000\n')
  await t.rejects(openEmbeddedLog(path), { message: /restore the directory from a copy/ })
})

t.test('reading much reopens the database, unnoticed', async t => {
  const path = await directory(t)
  const log = await openEmbeddedLog(path, { cacheBytes: 0, recycleBytes: 10_000, prefetchBytes: 1_000 })
  await log.ensureTopics([spec])
  for (let i = 0; i < 40; i++) await log.send([record('topic', `${i}`, 'x'.repeat(1_000))])
  const reads = Array.from({ length: 5 }, () => readAll(log, at, 0, 500))
  const sends = Array.from({ length: 10 }, (_, i) => log.send([record('topic', `${40 + i}`, 'y')]))
  await Promise.all(sends)
  for (const found of await Promise.all(reads))
    t.strictSame(
      found.slice(0, 40).map(r => `${r.key}`),
      Array.from({ length: 40 }, (_, i) => `${i}`)
    )
  t.equal((await readAll(log, at)).length, 50)
  await log.close()
})
