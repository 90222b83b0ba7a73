import type { StreamsApplication } from '../streams/application.js'
import type { Log, TopicPartition } from '../streams/log/log.js'
import type { Topology } from '../streams/topology.js'
import { remainingTo } from './remaining.js'

const CHECK_MS = 20
/** When other instances have tasks: so long nothing new has come from them. */
const QUIET_MS = 1_000

type RunningTasks = Pick<StreamsApplication, 'tasks' | 'state'>

interface Parts {
  readonly log: Log
  readonly topology: Topology
  readonly applicationId: string
}

/**
 * Resolves when all that was in the input topics at the call is committed through all sub-topologies, emitted, and visible to
 * readers. What is undecided counts: the markers of a transaction are written to one partition after the other.
 */
export async function settled(parts: Parts, application: RunningTasks): Promise<void> {
  const { topology } = parts
  for (const unit of topology.units.values()) {
    const inputs = partitionsOf(unit.topics, unit.partitions)
    const ends = await Promise.all(inputs.map(input => parts.log.highWatermark(input)))
    await until(() => consumed(parts, inputs, ends), application)
  }
  await until(async () => application.tasks.every(runner => runner.settled), application)
  const outputs = [...topology.topics].flatMap(([topic, { partitions }]) => partitionsOf([topic], partitions))
  const written = () => Promise.all(outputs.map(output => parts.log.highWatermark(output)))
  const tasks = [...topology.units.values()].reduce((sum, { partitions }) => sum + partitions, 0)
  let ends = await written()
  while (application.tasks.length < tasks) {
    await new Promise(resolve => setTimeout(resolve, QUIET_MS))
    const before = ends.join()
    ends = await written()
    if (ends.join() === before) break
  }
  await until(async () => {
    const visible = await Promise.all(outputs.map(output => parts.log.endOffset(output)))
    return visible.every((end, i) => end >= ends[i]!)
  }, application)
}

export const partitionsOf = (topics: readonly string[], partitions: number): TopicPartition[] =>
  topics.flatMap(topic => Array.from({ length: partitions }, (_, partition) => ({ topic, partition })))

/** Whether the application has committed all of the inputs up to the ends. */
export async function consumed(
  { log, applicationId }: Pick<Parts, 'log' | 'applicationId'>,
  inputs: readonly TopicPartition[],
  ends: readonly number[]
): Promise<boolean> {
  const offsets = await log.committed(applicationId, inputs)
  for (const [i, input] of inputs.entries()) {
    const from = offsets[i] ?? (await log.beginningOffset(input))
    if ((await remainingTo(log, input, from, ends[i]!)) > 0) return false
  }
  return true
}

async function until(condition: () => Promise<boolean>, application: RunningTasks): Promise<void> {
  while (!(await condition())) {
    if (application.state === 'failed' || application.state === 'closed')
      throw new Error('The application stopped before its input was processed.')
    await new Promise(resolve => setTimeout(resolve, CHECK_MS))
  }
}
