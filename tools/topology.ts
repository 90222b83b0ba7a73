import { units } from '../processors/topology.js'
import { catalogue } from '../schemas/catalogue.js'
import { buildTopology, type Topology } from '../streams/topology.js'

const topicsOf = (partitions: number) =>
  new Map(Object.values(catalogue).map(({ name, internal }) => [name as string, { partitions, internal }]))

/** All of it. Every topic has the same number of partitions. */
export const segueTopology = (partitions: number): Topology => buildTopology(topicsOf(partitions), 'dead-letters', units)

/** One task each of what recommendations need. */
export function evaluationTopology(): Topology {
  const [clean, sessions, affinity] = units.listeners
  return buildTopology(topicsOf(1), 'dead-letters', { listeners: [clean!, sessions!, affinity!], tracks: [units.tracks[0]!] })
}
