import { join } from 'node:path'
import { readConfig } from '../config.js'
import { openStore } from '../state/open.js'
import { segueTopology } from '../tools/topology.js'
import { figure } from './figures.js'
import type { Prepared } from './workload.js'

/** Too little to grow with anything. */
const LEAST = 10_000

/** The bytes of keys and values in each store, over all its tasks: what docs/scaling.md reckons with. */
export async function sizes({ directory }: Prepared): Promise<void> {
  const { store, partitions } = readConfig(process.env)
  const open = openStore(store)
  for (const [unit, { stores }] of segueTopology(partitions).units) {
    const bytes = new Map([...stores.keys()].map(name => [name, 0]))
    for (let partition = 0; partition < partitions; partition++) {
      const task = await open(join(directory, 'state', `${unit}-${partition}`))
      for (const name of bytes.keys()) bytes.set(name, bytes.get(name)! + sizeOf(task.range(name, {})))
      await task.close()
    }
    for (const [name, size] of bytes) if (size >= LEAST) figure(`size: ${name}`, size / 1e6, 'MB')
  }
}

function sizeOf(entries: Iterable<readonly [key: string, value: Uint8Array]>): number {
  let bytes = 0
  for (const [key, value] of entries) bytes += Buffer.byteLength(key) + value.length
  return bytes
}
