import type { Topology } from './topology.js'

export interface TopologyNode {
  readonly id: string
  readonly kind: 'topic' | 'processor' | 'store'
  readonly unit: string | null
}
/** `read` and `write`: topics; `forward`: from processor to processor; `store`: a processor uses it. Ids are unique by kind. */
export interface TopologyEdge {
  readonly kind: 'read' | 'write' | 'forward' | 'store'
  readonly from: string
  readonly to: string
}

/** Topics, processors and stores with the edges between them, for pictures; `only`: of one sub-topology. */
export function graphOf(topology: Topology, only?: string): { nodes: TopologyNode[]; edges: TopologyEdge[] } {
  const nodes = new Map<string, TopologyNode>()
  const edges: TopologyEdge[] = []
  const topic = (id: string) => nodes.set(`topic:${id}`, { id, kind: 'topic', unit: null })
  for (const unit of topology.units.values()) {
    if (only !== undefined && unit.name !== only) continue
    for (const processor of unit.processors) {
      nodes.set(`processor:${processor.name}`, { id: processor.name, kind: 'processor', unit: unit.name })
      for (const source of processor.from) {
        if (typeof source === 'string') topic(source)
        if (typeof source === 'string') edges.push({ kind: 'read', from: source, to: processor.name })
        else edges.push({ kind: 'forward', from: source.name, to: processor.name })
      }
      for (const sink of processor.to) {
        topic(String(sink))
        edges.push({ kind: 'write', from: processor.name, to: String(sink) })
      }
    }
    for (const [store, node] of unit.stores) {
      if (node.users.length === 0) continue
      nodes.set(`store:${store}`, { id: store, kind: 'store', unit: unit.name })
      for (const user of node.users) edges.push({ kind: 'store', from: user, to: store })
    }
  }
  return { nodes: [...nodes.values()], edges }
}

/** As Kafka Streams prints it. */
export function describeText(topology: Topology): string {
  const lines = ['Topology']
  for (const unit of topology.units.values()) {
    lines.push(`  Sub-topology ${unit.name} (${unit.partitions} tasks)`, `    Sources: ${unit.topics.join(', ')}`)
    for (const processor of unit.processors) {
      const from = processor.from.map(source => (typeof source === 'string' ? source : source.name)).join(', ')
      const stores = Object.values(processor.stores as Record<string, { name: string }>).map(store => store.name)
      lines.push(`    Processor: ${processor.name}`, `      <-- ${from}`)
      if (processor.to.length > 0) lines.push(`      --> ${processor.to.join(', ')}`)
      if (stores.length > 0) lines.push(`      stores: ${stores.join(', ')}`)
    }
  }
  lines.push(`  Dead letters: ${topology.deadLetters}`)
  return lines.join('\n')
}

/** A Mermaid flowchart: topics as pipes, processors as boxes, stores as cylinders. `only`: of one sub-topology. */
export function describeMermaid(topology: Topology, only?: string): string {
  const { nodes, edges } = graphOf(topology, only)
  const ends = {
    read: ['topic', 'processor'],
    write: ['processor', 'topic'],
    forward: ['processor', 'processor'],
    store: ['processor', 'store']
  } as const
  const idOf = (kind: TopologyNode['kind'], name: string) => `${kind[0]}_${name.replace(/[^a-zA-Z0-9]/g, '_')}`
  const shapes = { topic: ['[/', '/]'], processor: ['[', ']'], store: ['[(', ')]'] }
  const draw = ({ id, kind }: TopologyNode) => `${idOf(kind, id)}${shapes[kind][0]}"${id}"${shapes[kind][1]}`
  const lines = ['flowchart LR', ...nodes.filter(node => node.unit === null).map(node => `  ${draw(node)}`)]
  for (const unit of only === undefined ? topology.units.keys() : [only]) {
    const own = nodes.filter(node => node.unit === unit)
    lines.push(`  subgraph ${unit}`, ...own.map(node => `    ${draw(node)}`), '  end')
  }
  for (const { kind, from, to } of edges)
    lines.push(`  ${idOf(ends[kind][0], from)} ${kind === 'store' ? '-.-' : '-->'} ${idOf(ends[kind][1], to)}`)
  return lines.join('\n')
}
