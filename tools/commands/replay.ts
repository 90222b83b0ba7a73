import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config.js'
import { openBase } from '../embedded.js'
import { executeReplay, type Position, planReplay, ReplayError, type ReplayPlan } from '../replay.js'
import { segueTopology } from '../topology.js'
import { openView } from '../view.js'

export interface ReplayFlags {
  readonly toEarliest?: boolean
  readonly toDatetime?: string
  readonly toOffset?: number
  readonly byDuration?: string
  readonly shiftBy?: number
  readonly topic: readonly string[]
  readonly subTopology?: string
  readonly execute?: boolean
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const DURATION_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Shows what a replay would do; with `execute`, does it. */
export async function replayCommand(config: Config, flags: ReplayFlags): Promise<number> {
  const base = await openBase(config, { purpose: 'segue replay' })
  try {
    const topology = segueTopology(config.partitions)
    const { applicationId, partitions } = config
    const unit = flags.subTopology === undefined ? {} : { unit: flags.subTopology }
    const options = { applicationId, partitions, position: positionOf(flags), topics: flags.topic, ...unit }
    const members = await base.log.members(applicationId)
    if (members.length > 0)
      throw new ReplayError(`${applicationId} is running: ${members.join(', ')}. Stop ${members.length === 1 ? 'it' : 'them'} first.`)
    const plan = await planReplay(base.log, topology, options)
    show(config, plan)
    if (!flags.execute) {
      say('Nothing was changed: this is what --execute would do.')
      return 0
    }
    await executeReplay(base.log, options, plan)
    await rm(join(config.dataDir, 'state'), { recursive: true, force: true })
    const view = await openView(config, base.codec, say)
    await view.clear()
    await view.close()
    say('Done. The next segue start computes it again.')
    if (config.mode === 'kafka') say('On other machines, remove the directory state in the data directory before Segue starts there.')
    return 0
  } finally {
    await base.close()
  }
}

/** @throws ReplayError none or several of the positions were given, or one can't be read. */
function positionOf({ toEarliest, toDatetime, toOffset, byDuration, shiftBy }: ReplayFlags): Position {
  const positions: Position[] = []
  if (toEarliest) positions.push({ kind: 'earliest' })
  if (toDatetime !== undefined) positions.push({ kind: 'time', timestamp: timeOf(toDatetime) })
  if (toOffset !== undefined) positions.push({ kind: 'offset', offset: toOffset })
  if (byDuration !== undefined) positions.push({ kind: 'time', timestamp: Date.now() - durationOf(byDuration) })
  if (shiftBy !== undefined) positions.push({ kind: 'shift', by: shiftBy })
  const [position] = positions
  if (position !== undefined && positions.length === 1) return position
  throw new ReplayError('Give one of --to-earliest, --to-datetime, --to-offset, --by-duration and --shift-by, or --from-lake.')
}

function timeOf(text: string): number {
  const timestamp = Date.parse(text)
  if (Number.isNaN(timestamp)) throw new ReplayError(`"${text}" is no time: give one as 2026-01-31T12:00:00Z.`)
  return timestamp
}

function durationOf(text: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (count === undefined) throw new ReplayError(`"${text}" is no duration: give one as 90m, 12h or 7d.`)
  return Number(count) * DURATION_MS[unit!]!
}

function show({ applicationId, dataDir }: Config, plan: ReplayPlan): void {
  say(`Application ${applicationId}, sub-topologies ${plan.units.join(', ')}`)
  say('input                 partition    committed    read from          end')
  for (const { topic, partition, current, offset, end } of plan.offsets)
    say(
      `${topic.padEnd(21)} ${String(partition).padStart(9)} ${String(current ?? '-').padStart(12)} ${String(offset).padStart(12)} ${String(end).padStart(12)}`
    )
  say(`Topics to delete: ${plan.topics.join(', ')}`)
  say(`To empty: the directory ${join(dataDir, 'state')}, and the view`)
}
