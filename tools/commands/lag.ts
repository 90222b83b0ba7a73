import type { Config } from '../../config.js'
import { openBase } from '../embedded.js'
import { runningInstance } from '../instance.js'
import { taskLag } from '../operations.js'
import { segueTopology } from '../topology.js'

/** How many records each task has still to read, and who takes part. */
export async function lagCommand(config: Config): Promise<number> {
  if (config.mode === 'embedded' && (await runningInstance(config.dataDir)) !== undefined)
    throw new Error('Segue runs here: its page and GET /v1/lag show the lag. Without it, segue lag reads the log itself.')
  const base = await openBase(config, { purpose: 'segue lag', stateless: true })
  try {
    const lags = await taskLag(base.log, segueTopology(config.partitions), config.applicationId)
    for (const { topic, partition, records } of lags)
      say(`${topic.padEnd(24)} ${String(partition).padStart(3)} ${String(records).padStart(12)}`)
    say(`${'all'.padEnd(28)} ${String(lags.reduce((sum, { records }) => sum + records, 0)).padStart(12)}`)
    const members = await base.log.members(config.applicationId)
    say(members.length === 0 ? 'No instance takes part.' : `Members: ${members.join(', ')}`)
    return 0
  } finally {
    await base.close()
  }
}

const say = (line: string) => process.stdout.write(`${line}\n`)
