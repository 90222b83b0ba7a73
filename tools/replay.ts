/** Computing again from the input: the plan of a replay, and what carries it out. */
import { catalogue, factTopics, type TopicName, topicSpecs } from '../schemas/catalogue.js'
import type { Log, OffsetCommit, TopicPartition } from '../streams/log/log.js'
import type { Topology, Unit } from '../streams/topology.js'
import { changelogTopic } from '../streams/topology.js'

/** Where reading begins again. Offsets are brought within what a partition has. */
export type Position =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'time'; readonly timestamp: number }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'shift'; readonly by: number }

export interface ReplayOptions {
  readonly applicationId: string
  readonly partitions: number
  readonly position: Position
  /** The position is for these alone, all else is read from the beginning: `NAME` or `NAME:0,2`. Empty: for all. */
  readonly topics: readonly string[]
  /** This sub-topology and all that read what it writes. Undefined: the whole application. */
  readonly unit?: string
}

export interface PlannedOffset extends OffsetCommit {
  /** What the group has committed. */
  readonly current: number | undefined
  readonly end: number
}

export interface ReplayPlan {
  readonly units: readonly string[]
  readonly offsets: readonly PlannedOffset[]
  /** Computed from the input, and deleted. */
  readonly topics: readonly string[]
}

/** A replay that can't be had; the message says why and what to do. */
export class ReplayError extends Error {
  override name = 'ReplayError'
}

/** @throws ReplayError */
export async function planReplay(log: Log, topology: Topology, options: ReplayOptions): Promise<ReplayPlan> {
  const units = affected(topology, options.unit)
  const computed = units.flatMap(unit => unit.processors.flatMap(processor => [...processor.to] as string[]))
  const written = new Set(computed)
  const inputs = [...new Set(units.flatMap(unit => unit.topics))].filter(topic => !written.has(topic))
  const selected = selectionOf(options, inputs)
  const partitions = inputs.flatMap(topic => Array.from({ length: options.partitions }, (_, partition) => ({ topic, partition })))
  const committed = await log.committed(options.applicationId, partitions)
  const offsets = await Promise.all(
    partitions.map(async (at, i): Promise<PlannedOffset> => {
      const position = selected(at) ? options.position : ({ kind: 'earliest' } as const)
      // What was repaired is computed anew: repaired once more, it would be wrong.
      const isRepair = at.topic === catalogue.repairs.name
      const [beginning, end] = await Promise.all([log.beginningOffset(at), log.endOffset(at)])
      if (!isRepair) refusePurged(at, beginning, units)
      const offset = isRepair ? end : Math.min(end, Math.max(beginning, await wanted(log, at, position, committed[i] ?? beginning)))
      return { ...at, offset, current: committed[i], end }
    })
  )
  const stores = units.flatMap(unit => [...unit.stores.keys()].map(store => changelogTopic(options.applicationId, store)))
  const derived = [...written].filter(topic => topic !== topology.deadLetters)
  return { units: units.map(({ name }) => name), offsets, topics: [...stores, ...derived] }
}

/** To be called when no instance runs. The caller wipes the stores and empties the view. @throws GroupActiveError */
export async function executeReplay(log: Log, { applicationId, partitions }: ReplayOptions, plan: ReplayPlan): Promise<void> {
  // First, as it refuses while there are members: then nothing is deleted.
  await log.setCommitted(applicationId, plan.offsets)
  await log.deleteTopics(plan.topics)
  const deleted = new Set(plan.topics)
  const specs = topicSpecs(partitions).filter(({ name }) => deleted.has(name))
  await log.ensureTopics(specs)
  const internal = specs.filter(({ name }) => catalogue[name as TopicName].internal)
  const beginnings = internal.flatMap(({ name }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition, offset: 0 }))
  )
  await log.setCommitted(applicationId, beginnings)
}

function affected(topology: Topology, name: string | undefined): Unit[] {
  const all = [...topology.units.values()]
  if (name === undefined) return all
  const first = topology.units.get(name)
  if (first === undefined) throw new ReplayError(`There is no sub-topology ${name}: there are ${[...topology.units.keys()].join(', ')}.`)
  const found = new Set([first])
  for (const unit of found) {
    const written = new Set(unit.processors.flatMap(processor => [...processor.to] as string[]))
    for (const reader of all) if (reader.topics.some(topic => written.has(topic))) found.add(reader)
  }
  return [...found]
}

/** What a sub-topology reads is gone once it was read, if it is the application's own. */
function refusePurged({ topic, partition }: TopicPartition, beginning: number, units: readonly Unit[]): void {
  if (beginning === 0 || (factTopics as readonly string[]).includes(topic)) return
  const readers = units.filter(unit => unit.topics.includes(topic)).map(({ name }) => name)
  throw new ReplayError(
    `${readers.join(' and ')} can't be computed again alone: ${topic}, partition ${partition}, is purged once it was read. Replay the sub-topology that writes it, or the whole application.`
  )
}

function selectionOf({ topics }: ReplayOptions, inputs: readonly string[]): (at: TopicPartition) => boolean {
  if (topics.length === 0) return () => true
  const selected = new Map<string, ReadonlySet<number> | undefined>()
  for (const text of topics) {
    const [, topic, list] = /^([^:]+)(?::([\d,]+))?$/.exec(text) ?? []
    if (topic === undefined || !inputs.includes(topic))
      throw new ReplayError(`"${text}" is no input to choose: give NAME or NAME:0,2 of ${inputs.join(', ')}.`)
    selected.set(topic, list === undefined ? undefined : new Set(list.split(',').map(Number)))
  }
  return ({ topic, partition }) => selected.has(topic) && (selected.get(topic)?.has(partition) ?? true)
}

async function wanted(log: Log, at: TopicPartition, position: Position, current: number): Promise<number> {
  if (position.kind === 'earliest') return 0
  if (position.kind === 'offset') return position.offset
  if (position.kind === 'shift') return current + position.by
  return log.offsetForTime(at, position.timestamp)
}
