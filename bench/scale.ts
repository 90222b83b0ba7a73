import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { units } from '../processors/topology.js'
import { figure } from './figures.js'
import { feed } from './latency.js'
import { openPath } from './path.js'
import { type Product, startProduct } from './product.js'
import type { Prepared } from './workload.js'

const TASKS = 3 * Object.keys(units).length
const BEFORE_MS = 5_000
const AFTER_MS = 3_000

/** Three instances share the work while events arrive; one is killed, and comes back: how long the tasks pause that stay where they are. */
export async function scale(prepared: Prepared): Promise<void> {
  const start = (name: string) => startProduct(join(prepared.directory, '..', name))
  const others = [await startProduct(prepared.directory), await start('second')]
  let third = await start('third')
  await shared([...others, third])
  const stop = new AbortController()
  const path = await openPath(others[0]!)
  const feeding = feed(path, prepared, stop.signal)
  await sleep(BEFORE_MS)
  await pause('killed', others, async () => {
    await third.kill()
    await shared(others)
  })
  await pause('added', others, async () => {
    third = await start('third')
    await shared([...others, third])
  })
  stop.abort()
  await feeding
  await path.close()
  for (const product of [...others, third]) await product.stop()
}

async function pause(what: string, products: readonly Product[], change: () => Promise<void>): Promise<void> {
  const own = await Promise.all(products.map(product => product.ask('tasks')))
  for (const product of products) await product.ask('pauses')
  const started = performance.now()
  await change()
  figure(`one of three ${what}: all tasks run after`, performance.now() - started, 'ms')
  await sleep(AFTER_MS)
  let longest = 0
  for (const [i, product] of products.entries()) {
    const stayed = new Set(await product.ask('tasks'))
    const pauses = await product.ask('pauses')
    for (const task of own[i]!) if (stayed.has(task)) longest = Math.max(longest, pauses[task] ?? 0)
  }
  figure(`one of three ${what}: the others' own partitions pause`, longest, 'ms')
}

async function shared(products: readonly Product[]): Promise<void> {
  for (;;) {
    const tasks = await Promise.all(products.map(product => product.ask('tasks')))
    if (tasks.flat().length === TASKS && tasks.every(own => own.length > 0)) return
    await sleep(20)
  }
}
