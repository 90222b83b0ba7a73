/**
 * Runs the tests that need the real stack: starts it once in a directory of its own, tells the tests where
 * (SEGUE_TEST_STACK, KAFKA_BOOTSTRAP_SERVERS and the like), runs them one after the other, ends it. Arguments: test files, else all of `test/kafka`.
 * Where SEGUE_TEST_STACK is set already (a directory of `stack:up`), that stack is used and left running.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readStack } from '../../tools/stack/addresses.js'
import { StackError } from '../../tools/stack/error.js'
import { startStack } from '../../tools/stack/stack.js'

const TIMEOUT_S = 300

const here = import.meta.dirname
const given = process.argv.slice(2)
const tests = readdirSync(here)
  .filter(name => name.endsWith('.test.js'))
  .map(name => join(here, name))

process.exitCode = await run()

async function run(): Promise<number> {
  if (process.env.SEGUE_TEST_STACK) return runTests(process.env.SEGUE_TEST_STACK)
  const dir = mkdtempSync(join(tmpdir(), 'segue-stack-'))
  try {
    const stack = await startStack({ dir, ports: 'free', bound: true, say: line => console.log(line) })
    try {
      return await runTests(dir)
    } finally {
      await stack.stop()
    }
  } catch (error) {
    if (!(error instanceof StackError)) throw error
    if (process.env.CI) console.error(`The tests on the real stack can't run: ${error.message}`)
    else console.warn(`\n==== SKIPPED: all tests on the real stack (test/kafka) ====\n${error.message}\n`)
    return process.env.CI ? 1 : 0
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function runTests(dir: string): Promise<number> {
  const args = ['tap', 'run', '--jobs=1', `--timeout=${TIMEOUT_S}`, ...(given.length > 0 ? given : tests)]
  return new Promise(resolve => {
    const child = spawn('npx', args, { stdio: 'inherit', env: { ...process.env, ...readStack(dir)?.environment, SEGUE_TEST_STACK: dir } })
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => child.kill(name))
    child.once('exit', code => resolve(code ?? 1))
  })
}
