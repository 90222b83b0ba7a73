import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Difference, ReconciliationRefused } from '../../api/reconciliation.js'
import type { Config } from '../../config.js'
import type { LakeConfig } from '../../config-lake.js'
import { withInstances } from '../reconcile/instances.js'
import { erasureHint } from '../reconcile/report.js'
import { type Outcome, type RunOptions, reconcile } from '../reconcile/run.js'
import { sentenceOf } from '../sentence.js'

const EQUAL = 0
const DIFFERENT = 1
const NOT_DONE = 2
/** Differences that one transaction repairs. */
const AT_ONCE = 1_000

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)

/** Resolves to the exit code: 0 equal, 1 different, 2 it could not be done. */
export async function reconcileCommand(config: Config, flags: { repair?: boolean; maxPause: number }): Promise<number> {
  try {
    const { lake } = config
    if (lake === undefined) throw new ReconciliationRefused('SEGUE_LAKE is off: the batch is computed from the lake.')
    return await withInstances(config, say, ({ instances, topology }) =>
      run(
        { instances, topology, lake: lake as LakeConfig, dataDir: config.dataDir, maxPauseMs: flags.maxPause, say, afterRepair: false },
        flags
      )
    )
  } catch (error) {
    say(`Stream and batch were not compared. ${sentenceOf(error)}`)
    return NOT_DONE
  }
}

async function run(options: RunOptions, { repair = false }: { repair?: boolean }): Promise<number> {
  const outcome = await reconcile(options)
  const code = tell(outcome)
  if (!repair || code !== DIFFERENT) return code
  say(`${outcome.summary.differences} differences are repaired ...`)
  await repairAll(options, outcome.directory)
  say('The repairs are applied. Compared once more:')
  return tell(await reconcile({ ...options, afterRepair: true }))
}

function tell({ summary, directory }: Outcome): number {
  const { verdict, reason, keys, differences, pause_ms, sections } = summary
  if (verdict === 'failed') {
    say(`Stream and batch were not compared. ${reason}`)
    return NOT_DONE
  }
  for (const [name, { keys, differences }] of Object.entries(sections))
    process.stdout.write(`${name.padEnd(10)} ${String(keys).padStart(12)} keys ${String(differences).padStart(10)} different\n`)
  const found = differences === 0 ? `Stream equals batch: ${keys} keys` : `Stream and batch differ in ${differences} of ${keys} keys`
  process.stdout.write(`${found}; the stream was paused for ${pause_ms} ms. ${join(directory, 'report.html')}\n`)
  const hint = erasureHint(summary)
  if (hint !== null) say(hint)
  return differences === 0 ? EQUAL : DIFFERENT
}

/** Through any of the instances: each part is a transaction of its own. */
async function repairAll({ instances: [instance] }: RunOptions, directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith('repair-')) continue
    let part: Difference[] = []
    const send = async () => {
      if (part.length > 0) await instance!.reconciliation.repair(part)
      part = []
    }
    for await (const line of createInterface(createReadStream(join(directory, name)))) {
      part.push(differenceOf(JSON.parse(line)))
      if (part.length === AT_ONCE) await send()
    }
    await send()
  }
}

type Row = Omit<Difference, 'stream' | 'batch'> & Record<'stream' | 'batch', Record<string, number | null>>

/** What a side has nothing of is null there. */
function differenceOf({ section, keys, stream, batch }: Row): Difference {
  const known = (values: Record<string, number | null>) =>
    Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== null))
  return { section, keys, stream: known(stream), batch: known(batch) }
}
