import type { AssignmentUnit } from './log/log.js'
import { keyValueStore, type Processor, type Serde, type StoreSpec } from './processor.js'

/** What the topology must know of a topic. */
export interface TopicInfo {
  readonly partitions: number
  /** Written and read by the application alone; purged once consumed. */
  readonly internal: boolean
}

export interface StoreNode {
  readonly spec: StoreSpec
  /** The processors that list it: one writes it, the others read. */
  readonly users: readonly string[]
}

/** A sub-topology: processors that share a task. One task per partition of its source topics. */
export interface Unit extends AssignmentUnit {
  readonly partitions: number
  readonly processors: readonly Processor[]
  readonly stores: ReadonlyMap<string, StoreNode>
}

export interface Topology {
  readonly units: ReadonlyMap<string, Unit>
  readonly topics: ReadonlyMap<string, TopicInfo>
  readonly deadLetters: string
}

/** Whether a sub-topology reads nothing that others of the application send. */
export const isFirstStage = ({ topics }: Topology, unit: Unit): boolean => unit.topics.every(topic => !topics.get(topic)!.internal)

export class TopologyError extends Error {
  override name = 'TopologyError'
}

/**
 * Builds and validates: each unit's processors in the order of their edges.
 * @param deadLetters the topic that records go to which can't be processed
 * @throws TopologyError in a sentence
 */
export function buildTopology(
  topics: ReadonlyMap<string, TopicInfo>,
  deadLetters: string,
  units: Readonly<Record<string, readonly Processor[]>>
): Topology {
  const names = new Set<string>()
  const stores = new Set<string>()
  const readers = new Map<string, string>()
  const built = new Map<string, Unit>()
  if (Object.keys(units).length === 0) throw new TopologyError('The topology has no sub-topologies.')
  if (!topics.has(deadLetters)) throw new TopologyError(`The dead-letter topic ${deadLetters} is not in the catalogue.`)
  for (const [name, processors] of Object.entries(units)) {
    const unit = buildUnit(name, processors, topics)
    for (const processor of processors) {
      if (names.has(processor.name)) throw new TopologyError(`Two processors are named ${processor.name}.`)
      names.add(processor.name)
    }
    for (const topic of unit.topics) {
      const other = readers.get(topic)
      // They would commit offsets of the same partitions, each its own.
      if (other !== undefined) throw new TopologyError(`The topic ${topic} is read by two sub-topologies: ${other} and ${name}.`)
      if (topic === deadLetters)
        throw new TopologyError(
          `The sub-topology ${name} reads the dead letters, ${topic}: one that it can't process would come back for ever.`
        )
      readers.set(topic, name)
    }
    for (const store of unit.stores.keys()) {
      checkName('store', store)
      if (stores.has(store)) throw new TopologyError(`The store ${store} has two writers: it is used in two sub-topologies.`)
      stores.add(store)
    }
    built.set(name, unit)
  }
  refuseUnread(built, topics)
  return { units: built, topics, deadLetters }
}

function buildUnit(name: string, processors: readonly Processor[], topics: ReadonlyMap<string, TopicInfo>): Unit {
  checkName('sub-topology', name)
  if (processors.length === 0) throw new TopologyError(`The sub-topology ${name} has no processors.`)
  const sources = new Set<string>()
  const seen = new Set<Processor>()
  for (const processor of processors) {
    if (processor.from.length === 0) throw new TopologyError(`The processor ${processor.name} reads nothing: it can never run.`)
    for (const [i, edge] of processor.from.entries()) {
      if (processor.from.indexOf(edge) < i)
        throw new TopologyError(`The processor ${processor.name} reads from ${typeof edge === 'string' ? edge : edge.name} twice.`)
      if (typeof edge !== 'string') {
        if (seen.has(edge)) continue
        throw new TopologyError(
          `The processor ${processor.name} reads from ${edge.name}, which does not come before it in the sub-topology ${name}.`
        )
      }
      if (!topics.has(edge))
        throw new TopologyError(`The processor ${processor.name} reads the topic ${edge}, which is not in the catalogue.`)
      sources.add(edge)
    }
    for (const sink of processor.to)
      if (!topics.has(sink as string))
        throw new TopologyError(`The processor ${processor.name} writes the topic ${String(sink)}, which is not in the catalogue.`)
    seen.add(processor)
  }
  return {
    name,
    topics: [...sources],
    partitions: copartitioned(name, [...sources], topics),
    processors,
    stores: storesOf(name, processors)
  }
}

function copartitioned(unit: string, sources: readonly string[], topics: ReadonlyMap<string, TopicInfo>): number {
  const counts = sources.map(topic => topics.get(topic)!.partitions)
  if (new Set(counts).size > 1) {
    const list = sources.map((topic, i) => `${topic} has ${counts[i]}`).join(', ')
    throw new TopologyError(`The topics of the sub-topology ${unit} are not co-partitioned: ${list} partitions.`)
  }
  return counts[0]!
}

function storesOf(unit: string, processors: readonly Processor[]): Map<string, StoreNode> {
  const stores = new Map<string, StoreNode & { users: string[] }>()
  stores.set(streamTimeStore(unit), { spec: keyValueStore(streamTimeStore(unit), numberSerde), users: [] })
  for (const processor of processors) {
    for (const spec of Object.values(processor.stores as Record<string, StoreSpec>)) {
      const known = stores.get(spec.name)
      if (known === undefined) stores.set(spec.name, { spec, users: [processor.name] })
      else if (known.spec === spec) known.users.push(processor.name)
      else if (known.users.length === 0)
        throw new TopologyError(`The name ${spec.name} is the engine's own: name the store of ${processor.name} otherwise.`)
      else throw new TopologyError(`Two different stores are named ${spec.name}: in ${known.users[0]} and in ${processor.name}.`)
    }
  }
  return stores
}

/** Names become parts of the names of topics, transactional ids and directories. */
function checkName(kind: string, name: string): void {
  if (/^[a-zA-Z0-9._-]{1,100}$/.test(name)) return
  throw new TopologyError(`A ${kind} can't be named '${name}': 1 to 100 of the characters a-z, A-Z, 0-9, '.', '_' and '-' are allowed.`)
}

function refuseUnread(units: ReadonlyMap<string, Unit>, topics: ReadonlyMap<string, TopicInfo>): void {
  const written = new Set([...units.values()].flatMap(unit => unit.processors.flatMap(processor => [...processor.to] as string[])))
  for (const unit of units.values())
    for (const topic of unit.topics)
      if (topics.get(topic)!.internal && !written.has(topic))
        throw new TopologyError(`The sub-topology ${unit.name} reads the internal topic ${topic}, which no processor writes.`)
  const read = new Set([...units.values()].flatMap(unit => [...unit.topics]))
  for (const topic of written)
    if (topics.get(topic)!.internal && !read.has(topic))
      throw new TopologyError(`The internal topic ${topic} is written, but no sub-topology reads it: it would grow for ever.`)
}

/** The engine's own store in each sub-topology: a replay after a restart must find the stream time that was. */
export const streamTimeStore = (unit: string) => `${unit}-stream-time`

const numberSerde: Serde<number> = {
  encode: value => Buffer.from(String(value)),
  decode: bytes => Number(Buffer.from(bytes).toString())
}

export const changelogTopic = (applicationId: string, store: string) => `${applicationId}-${store}-changelog`
