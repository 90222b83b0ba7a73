import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { lockDirectory } from '../../state/lock.js'

const locker = fileURLToPath(new URL('./locker.js', import.meta.url))
const runLocker = (directory: string) => spawnSync(process.execPath, [locker, directory], { env: {}, encoding: 'utf8' }).stdout.trim()

t.test('a directory has one process at a time', async t => {
  const directory = join(t.testdir(), 'data')
  const lock = await lockDirectory(directory, 'segue start')
  const refusal = `StoreLockedError ${directory} is in use by process ${process.pid} on `
  const first = runLocker(directory)
  t.ok(first.startsWith(refusal), first)
  t.match(first, /\(segue start, since \d{4}-.*\)\. Stop that one first, or give this one a data directory of its own\.$/)
  await t.rejects(lockDirectory(directory, 'again'), { name: 'StoreLockedError' }, 'nor twice in one process')
  t.ok(runLocker(directory).startsWith(refusal), 'which does not end the lock')
  await lock.release()
  t.equal(runLocker(directory), 'locked')
  const again = await lockDirectory(directory, 'segue start')
  t.ok(runLocker(directory).startsWith(refusal))
  await again.release()
})

t.test('the lock of a killed process has ended', async t => {
  const directory = join(t.testdir(), 'data')
  const child = spawn(process.execPath, [locker, directory, 'stay'], { env: {}, stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  await t.rejects(lockDirectory(directory, 'segue start'), { name: 'StoreLockedError', message: new RegExp(`process ${child.pid} `) })
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = await lockDirectory(directory, 'segue start')
  await lock.release()
})

t.test('damaged files of a lock are made anew', async t => {
  const directory = join(t.testdir(), 'data')
  await (await lockDirectory(directory, 'segue start')).release()
  const path = join(directory, 'lock')
  for (const file of readdirSync(path)) writeFileSync(join(path, file), 'garbage')
  const lock = await lockDirectory(directory, 'segue start')
  t.match(runLocker(directory), /StoreLockedError/)
  await lock.release()
})
