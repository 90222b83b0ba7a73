import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { figure } from './figures.js'
import { type Product, startProduct } from './product.js'
import { type Prepared, produceInto } from './workload.js'

/** Killed in the middle of so many events. */
const BACKLOG = 10_000
const KILL_AFTER_MS = 400

/** Real kills of a real process. Times are from the start of the process, Node.js included. */
export async function restart(prepared: Prepared): Promise<void> {
  const { directory } = prepared
  await produceInto(prepared, BACKLOG)
  let product = await startProduct(directory)
  await product.ask('running')
  await sleep(KILL_AFTER_MS)
  await product.kill()

  product = await startProduct(directory)
  figure('restart after kill -9, state kept: tasks run', (await product.ask('running')).wall, 'ms')
  const { wall } = await product.ask('processing')
  figure('restart after kill -9, state kept: processing again', wall, 'ms')
  figure('restart after kill -9, state kept: after joining the group', wall - (await product.ask('joined')).wall, 'ms')
  figure('restart after kill -9, state kept: records restored', await restored(product), 'records')
  await product.ask('settled')
  await product.kill()

  rmSync(join(directory, 'state'), { recursive: true })
  product = await startProduct(directory)
  figure('restart after kill -9, state wiped: restored', (await product.ask('running')).wall, 'ms')
  figure('restart after kill -9, state wiped: records restored', await restored(product), 'records')
  await product.stop()
}

/** Changelog records that the tasks have read since they were opened. */
async function restored({ url }: Product): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const found = [...metrics.matchAll(/^segue_task_restored_records\{.*\} (\d+)/gm)]
  return found.reduce((sum, [, records]) => sum + Number(records), 0)
}
