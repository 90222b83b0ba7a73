/**
 * Appends records and writes them to the lake, until it kills itself with SIGKILL at the nth upload: before it, in the middle of
 * it, or after it and before its offset is committed. Arguments: data directory, step, n.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../../config.js'
import { startLake } from '../../connect/lake/sink.js'
import type { Objects } from '../../connect/objects/objects.js'
import { openBase } from '../../tools/embedded.js'
import { openLakeObjects } from '../../tools/lake.js'
import { lakeOptions, records } from './support.js'

export const steps = ['before', 'during', 'after'] as const
export type Step = (typeof steps)[number]

const BATCH = 40

const die = () => process.kill(process.pid, 'SIGKILL')

function deadly(objects: Objects, step: Step, nth: number): Objects {
  let count = 0
  return {
    place: objects.place,
    get: key => objects.get(key),
    list: prefix => objects.list(prefix),
    delete: keys => objects.delete(keys),
    close: () => objects.close(),
    put: async (key, body) => {
      const isLast = ++count === nth
      if (isLast && step === 'before') die()
      const put = objects.put(key, body)
      if (isLast && step === 'during') setTimeout(die, nth % 4)
      const result = await put
      if (isLast) die()
      return result
    }
  }
}

const [directory, step, nth] = process.argv.slice(2)
if (directory !== undefined && process.argv[1]?.endsWith('kill-child.js')) {
  const config = readConfig({ ...process.env, SEGUE_DATA_DIR: directory, SEGUE_PARTITIONS: '2' })
  const base = await openBase(config, { purpose: 'kill test' })
  const objects = deadly(await openLakeObjects(config.lake!), step as Step, Number(nth))
  const onNotice = (sentence: string) => process.stderr.write(`${sentence}\n`)
  await startLake(lakeOptions(base, objects, { rotation: { rows: 15, bytes: 1_000_000, ageMs: 100 }, onNotice }))
  // A child that never comes to its upload is a test that tests nothing: it ends with another code.
  setTimeout(() => process.exit(4), 120_000)
  for (let first = 0; ; first += BATCH) {
    await base.log.send(records(base.codec, first, BATCH))
    await sleep(20)
  }
}

export const child = join('test', 'lake', 'kill-child.js')
