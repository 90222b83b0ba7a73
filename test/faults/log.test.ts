import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { projectRoot } from '../../schemas/root.js'
import { openEmbeddedLog } from '../../streams/log/embedded/open.js'
import { type Log, LogLockedError } from '../../streams/log/log.js'
import { readAll } from '../contract/log-helpers.js'
import { directory } from '../log/harness.js'
import { BOTH, EVENTS, GROUP, KEYS, padding, settings, TABLE } from './log-child.js'

const KILLS = 10

interface Writer {
  readonly process: ChildProcess
  /** The last transaction that was acknowledged; -1 before the first. */
  acknowledged(): number
  /** Whether a compaction was completed. */
  compacted(): boolean
}

async function start(path: string): Promise<Writer> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/test/faults/log-child.js'), path], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  while (!output.includes('ready\n')) {
    if (child.exitCode !== null) throw new Error(`the writer ended with ${child.exitCode}`)
    await sleep(5)
  }
  const lines = (): string[] =>
    output
      .slice(0, output.lastIndexOf('\n'))
      .split('\n')
      .filter(line => line !== '')
  const numbers = (): number[] => lines().map(Number).filter(Number.isInteger)
  return { process: child, acknowledged: () => Math.max(-1, ...numbers()), compacted: () => lines().includes('compacted') }
}

/** Everything acknowledged is there, each transaction as a whole, and nothing else. Returns the transactions there are. */
async function verify(t: Test, log: Log, acknowledged: number): Promise<number> {
  const [count = 0] = await log.committed(GROUP, [EVENTS])
  t.ok(count > acknowledged, `${acknowledged} was acknowledged, ${count} were committed`)
  const whole = (n: number): string => `${n} ${padding(n)}`
  const events = (await readAll(log, EVENTS)).map(r => `${r.value}`)
  const begin = await log.beginningOffset(EVENTS)
  t.strictSame([begin + events.length, await log.endOffset(EVENTS), await log.endOffset(TABLE)], [count, count, count])
  if (events.some((text, i) => text !== whole(begin + i))) t.fail('an event is another')
  const table = await readAll(log, TABLE)
  const latest = new Map<string, number>()
  for (const r of table) {
    if (`${r.value}` !== whole(r.offset) || `${r.key}` !== `${r.offset % KEYS}`) t.fail(`record ${r.offset} of the table is another`)
    latest.set(`${r.key}`, r.offset)
  }
  const expected = Array.from({ length: Math.min(KEYS, count) }, (_, i) => count - 1 - i)
  t.strictSame(
    [...latest.values()].sort((a, b) => b - a),
    expected,
    'the last of each key'
  )
  return count
}

t.test('kill -9 at any moment loses nothing that was acknowledged, and leaves nothing in part', async t => {
  const path = await directory(t)
  let count = 0
  let compacted = false
  for (let kill = 0; kill < KILLS; kill++) {
    const writer = await start(path)
    const target = count + 20 + 37 * kill
    while (writer.acknowledged() < target || (kill === KILLS - 2 && !writer.compacted())) await sleep(1)
    writer.process.kill('SIGKILL')
    await once(writer.process, 'exit')
    const log = await openEmbeddedLog(path, { ...settings, housekeepingMs: 0 })
    count = await verify(t, log, writer.acknowledged())
    compacted ||= (await readAll(log, TABLE)).length < count - KEYS
    await log.close()
  }
  t.ok(compacted, 'the cleaner was at work')
})

t.test('a second process is refused, with a sentence', async t => {
  const path = await directory(t)
  const writer = await start(path)
  await t.rejects(openEmbeddedLog(path), LogLockedError)
  await t.rejects(openEmbeddedLog(path), { message: /is in use by another process\. Stop that one/ })
  writer.process.kill('SIGKILL')
  await once(writer.process, 'exit')
  const log = await openEmbeddedLog(path)
  t.equal((await log.topics()).length, BOTH.length)
  await log.close()
})

async function bytesIn(path: string): Promise<number> {
  const files = await readdir(path, { recursive: true, withFileTypes: true })
  const sizes = files
    .filter(file => file.isFile())
    .map(file =>
      stat(join(file.parentPath, file.name)).then(
        ({ size }) => size,
        () => 0
      )
    )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

t.test('the disk stays bounded under updates of few keys', async t => {
  const path = await directory(t)
  const MB = 1_000_000
  const log = await openEmbeddedLog(path, {
    housekeepingMs: 10,
    purgeBytes: 10 * MB,
    cleaner: { minDirtyBytes: MB, busyDirtyBytes: 5 * MB }
  })
  await log.ensureTopics([{ name: 'table', partitions: 1, cleanup: 'compact', retentionMs: -1 }])
  let most = 0
  for (let written = 0; written < 150 * MB; ) {
    const first = written / 200_000
    await log.send(
      Array.from({ length: 20 }, (_, k) => ({ ...TABLE, key: Buffer.from(`${(first + k) % 50}`), value: Buffer.alloc(10_000, first) }))
    )
    written += 200_000
    if (written % (5 * MB) === 0) most = Math.max(most, await bytesIn(path))
  }
  // The writer never waits by itself: it is slowed down until cleaning keeps up.
  t.ok(most < 75 * MB, `${most / MB} MB at most, of 150 MB that were written`)
  await log.compact()
  t.ok((await bytesIn(path)) < 20 * MB, `${(await bytesIn(path)) / MB} MB in the end`)
  await log.close()
})
