/** Whether all that came in was counted exactly once. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Audit } from '../api/diagnosis.js'
import { countsKey, inputTopics } from '../schemas/catalogue.js'
import type { View } from '../state/view/view.js'
import type { Log } from '../streams/log/log.js'
import { remainingTo } from './remaining.js'

const LOOKS = 40
const PAUSE_MS = 25

export interface AuditParts {
  readonly log: Pick<Log, 'beginningOffset' | 'endOffset' | 'fetch'>
  readonly view: Pick<View, 'getMany'>
  readonly partitions: number
  /** Records that wait for the tasks or the view. */
  readonly waiting: () => Promise<number>
}

/**
 * Compares the records of the input topics with the sum of accepted, rejected and duplicate ones. Both move while listeners listen, so
 * a moment is waited for in which nothing arrives and nothing waits.
 */
export async function audit(parts: AuditParts): Promise<Audit> {
  let before = await ends(parts)
  let counted = 0
  for (let look = 0; look < LOOKS; look++) {
    await sleep(PAUSE_MS)
    const waiting = await parts.waiting()
    counted = await counts(parts)
    const after = await ends(parts)
    const isQuiet = waiting === 0 && after.every(({ end }, i) => end === before[i]!.end)
    if (isQuiet) return { records: sum(after), counted, exact: counted === sum(after) }
    before = after
  }
  return { records: sum(before), counted, exact: null }
}

const sum = (partitions: readonly { count: number }[]): number => partitions.reduce((total, { count }) => total + count, 0)

async function ends({ log, partitions }: AuditParts): Promise<{ end: number; count: number }[]> {
  const all = inputTopics.flatMap(topic => Array.from({ length: partitions }, (_, partition) => ({ topic, partition })))
  return Promise.all(
    all.map(async at => {
      const end = await log.endOffset(at)
      return { end, count: await remainingTo(log, at, await log.beginningOffset(at), end) }
    })
  )
}

async function counts({ view, partitions }: AuditParts): Promise<number> {
  const shards = await view.getMany(
    'pipeline-counts',
    Array.from({ length: partitions }, (_, shard) => countsKey(shard))
  )
  const all = (values: Readonly<Record<string, number>>) => Object.values(values).reduce((total, value) => total + value, 0)
  return shards.reduce((total, shard) => total + (shard ? all(shard.accepted) + all(shard.rejected) + shard.duplicates : 0), 0)
}
