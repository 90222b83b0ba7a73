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
  // Nobody adds artists up here: what is sent to them is not kept.
  const topics = topicsOf(1).set('artist-updates', { partitions: 1, internal: false })
  return buildTopology(topics, 'dead-letters', { listeners: [clean!, sessions!, affinity!], tracks: [units.tracks[0]!] })
}
