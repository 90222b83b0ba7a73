import type { Test } from 'tap'
import { readConfig } from '../../config.js'
import { verifyLake } from '../../connect/lake/verify.js'
import { openBase } from '../../tools/embedded.js'
import { openLakeObjects } from '../../tools/lake.js'
import { runNode, temporary } from '../product/run.js'
import { child, steps } from './kill-child.js'
import { flushed, lakeOptions, sameAsLog } from './support.js'

/** Kills a process `kills` times while it uploads, then compares every row of the lake with the log. */
export async function killed(t: Test, kills: number, environment: Record<string, string> = {}): Promise<void> {
  const directory = temporary(t)
  for (let kill = 0; kill < kills; kill++) {
    const step = steps[kill % steps.length]!
    const nth = String(1 + ((kill * 5) % 9))
    const { signal, stderr } = await runNode(child, [directory, step, nth], environment)
    if (signal !== 'SIGKILL') return void t.equal(signal, 'SIGKILL', `killed ${step} upload ${nth}: ${stderr}`)
  }
  const config = readConfig({ ...environment, SEGUE_DATA_DIR: directory, SEGUE_PARTITIONS: '2' })
  const base = await openBase(config, { purpose: 'kill test' })
  const objects = await openLakeObjects(config.lake!)
  await flushed(lakeOptions(base, objects))
  const rows = await sameAsLog(t, base, objects)
  t.ok(rows > kills * 10, `${rows} rows after ${kills} kills`)
  t.strictSame((await verifyLake(objects)).problems, [])
  await objects.close()
  await base.close()
}
