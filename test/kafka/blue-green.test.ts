import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { projectRoot } from '../../schemas/root.js'
import { startStack } from '../../tools/stack/stack.js'
import { fixture, segue, temporary } from '../product/run.js'
import { unique } from './harness.js'

/** An application with API and view, in a process of its own. */
async function start(t: Test, environment: Record<string, string>): Promise<{ url: string; end(): Promise<void> }> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/main.js')], { env: { ...process.env, ...environment }, stdio: 'ignore' })
  const exited = once(child, 'exit')
  const end = async () => {
    child.kill('SIGTERM')
    await exited
  }
  t.teardown(end)
  const file = join(environment.SEGUE_DATA_DIR!, 'instance.json')
  for (;;) {
    if (child.exitCode !== null) throw new Error(`Segue ended with ${child.exitCode}.`)
    try {
      return { url: (JSON.parse(readFileSync(file, 'utf8')) as { url: string }).url, end }
    } catch {
      await sleep(100)
    }
  }
}

t.test('green computes everything beside blue; the switch is one step without a failed request; blue can be dropped', async t => {
  // Which application is live holds for all of a Redis: this test has its own.
  const redis = await startStack({ dir: temporary(t), parts: ['redis'], ports: 'free', bound: true })
  t.teardown(() => redis.stop())
  const [blueId, greenId] = [unique('blue'), unique('green')]
  const common = { SEGUE_MODE: 'kafka', SEGUE_SIMULATOR: 'off', SEGUE_LAKE: 'off', PORT: '0', LOG_LEVEL: 'error', ...redis.environment }
  const of = (SEGUE_APPLICATION_ID: string) => ({ ...common, SEGUE_APPLICATION_ID, SEGUE_DATA_DIR: temporary(t) })
  const [blueSettings, greenSettings] = [of(blueId), of(greenId)]
  const blue = await start(t, blueSettings)
  t.equal((await segue(['produce', fixture('awkward.jsonl')], blueSettings)).code, 0)
  const first = await segue(['switch', '--execute', '--max-lag', '0'], blueSettings)
  t.equal(first.code, 0, first.stderr)

  const green = await start(t, greenSettings)
  t.match((await segue(['switch'], greenSettings)).stdout, /Nothing was changed/)
  const refused = await segue(['drop', '--execute'], blueSettings)
  t.match(refused.stderr, /Answers come from .*switch to another one first/)
  let asked = 0
  const failed: number[] = []
  const asking = new AbortController()
  const requests = (async () => {
    for (; !asking.signal.aborted; asked++) {
      const { status } = await fetch(`${blue.url}/tracks/track0000/neighbours`)
      if (status !== 200) failed.push(status)
    }
  })()
  const switched = await segue(['switch', '--execute', '--max-lag', '0'], greenSettings)
  t.match(switched.stdout, new RegExp(`Answers come from ${greenId} now`), switched.stderr)
  await sleep(500)
  asking.abort()
  await requests
  t.same(failed, [], `of ${asked} requests`)
  const [ofBlue, ofGreen] = await Promise.all(
    [blue, green].map(async ({ url }) => (await fetch(`${url}/tracks/track0000/neighbours`)).json())
  )
  t.ok(ofBlue)
  t.same(ofBlue, ofGreen, 'both answer from green')

  t.match((await segue(['drop', '--execute'], blueSettings)).stderr, /is running: /)
  await blue.end()
  t.match((await segue(['drop', '--execute'], blueSettings)).stdout, /was removed/)
})
