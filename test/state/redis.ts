import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { StackError } from '../../tools/stack/error.js'
import { type Stack, type StackOptions, startStack } from '../../tools/stack/stack.js'

/** A Redis of the test's own. Undefined: the machine has none and can't get one, which CI does not accept. */
export async function startRedis(t: Test, settings: readonly string[] = []): Promise<Stack | undefined> {
  // No testdir: that is removed before the process in it has ended.
  const dir = mkdtempSync(join(tmpdir(), 'segue-redis-'))
  const options: StackOptions = { dir, parts: ['redis'], ports: 'free', bound: true, settings: { redis: settings } }
  try {
    const stack = await startStack(options)
    t.teardown(async () => {
      await stack.stop()
      rmSync(dir, { recursive: true, force: true })
    })
    return stack
  } catch (error) {
    if (!(error instanceof StackError) || process.env.CI) throw error
    console.error(`\n==== SKIPPED: tests on Redis ====\n${error.message}\n`)
    return undefined
  }
}

/** One for all tests of a file. */
export const sharedRedis = (): Promise<Stack | undefined> => startRedis(t as unknown as Test)
