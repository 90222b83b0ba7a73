import type { Config } from '../../config.js'
import { openStore } from '../../state/open.js'
import { systemClock } from '../../streams/clock.js'
import type { TaskId } from '../../streams/log/log.js'
import { restore } from '../../streams/restore.js'
import { MergeCache } from '../../streams/stores/merge-store.js'
import { Task, type TopicCodec } from '../../streams/task.js'
import { changelogTopic, type Unit } from '../../streams/topology.js'
import { type Base, OPERAND_BYTES, openBase } from '../embedded.js'
import { segueTopology } from '../topology.js'

const CACHE_BYTES = 256 * 1024 * 1024

interface Readable {
  get(key: string, window: number): unknown
}

/**
 * What a store has under a key: from its changelog, so from any machine and whichever instance has the task. Prints the value as JSON,
 * and where it was found.
 */
export async function inspectCommand(config: Config, store: string, key: string, window: number): Promise<number> {
  const topology = segueTopology(config.partitions)
  const unit = [...topology.units.values()].find(({ stores }) => stores.has(store))
  if (unit === undefined) {
    const stores = [...topology.units.values()].flatMap(({ stores }) => [...stores.keys()])
    throw new Error(`There is no store ${store}: there are ${stores.join(', ')}.`)
  }
  const base = await openBase(config, { purpose: 'segue inspect', stateless: true })
  try {
    const changelog = changelogTopic(config.applicationId, store)
    if (!(await base.log.topics()).some(({ name }) => name === changelog))
      throw new Error(`${store} has no changelog here: nothing has been processed yet (segue start).`)
    for (let partition = 0; partition < unit.partitions; partition++) {
      const value = (await storeOf(config, base, unit, { unit: unit.name, partition }, store)).get(key, window)
      if (value === undefined) continue
      process.stderr.write(`${store}, task ${unit.name}-${partition}\n`)
      process.stdout.write(`${JSON.stringify(value, plain, 2)}\n`)
      return 0
    }
    process.stderr.write(`${store} has nothing under ${JSON.stringify(key)}.\n`)
    return 1
  } finally {
    await base.close()
  }
}

/** The store as it is committed, restored into memory. */
async function storeOf(
  { applicationId, partitions }: Config,
  { log, codec }: Base,
  unit: Unit,
  id: TaskId,
  store: string
): Promise<Readable> {
  const alone: Unit = { ...unit, stores: new Map([...unit.stores].filter(([name]) => name === store)) }
  const memory = await openStore('memory')('')
  await restore({ log, applicationId, clock: systemClock }, alone, id.partition, memory, {
    onProgress: () => {},
    signal: new AbortController().signal
  })
  const mergeStores = { operandBytes: OPERAND_BYTES, cache: new MergeCache(CACHE_BYTES) }
  const task = new Task(id, unit, { applicationId, topology: segueTopology(partitions), codec: codec as TopicCodec, mergeStores }, memory)
  return task.storeNamed(store) as unknown as Readable
}

/** Maps, sets, big numbers and typed arrays as JSON has them. */
function plain(_: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  if (typeof value === 'bigint') return String(value)
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return [...(value as Uint8Array)]
  return value
}
