import type { Topology } from './topology.js'

export interface TopologyNode {
  readonly id: string
  readonly kind: 'topic' | 'processor' | 'store'
  readonly unit: string | null
}
export interface TopologyEdge {
  readonly from: string
  readonly to: string
}

/** Topics, processors and stores with the edges between them, for pictures. */
export function graphOf(topology: Topology): { nodes: TopologyNode[]; edges: TopologyEdge[] } {
  const nodes = new Map<string, TopologyNode>()
  const edges: TopologyEdge[] = []
  const topic = (id: string) => nodes.set(`topic:${id}`, { id, kind: 'topic', unit: null })
  for (const unit of topology.units.values()) {
    for (const processor of unit.processors) {
      nodes.set(processor.name, { id: processor.name, kind: 'processor', unit: unit.name })
      for (const source of processor.from) {
        if (typeof source === 'string') topic(source)
        edges.push({ from: typeof source === 'string' ? source : source.name, to: processor.name })
      }
      for (const sink of processor.to) {
        topic(String(sink))
        edges.push({ from: processor.name, to: String(sink) })
      }
    }
    for (const [store, node] of unit.stores) {
      if (node.users.length === 0) continue
      nodes.set(`store:${store}`, { id: store, kind: 'store', unit: unit.name })
      for (const user of node.users) edges.push({ from: user, to: store })
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

/** A Mermaid flowchart: topics as pipes, processors as boxes, stores as cylinders. */
export function describeMermaid(topology: Topology): string {
  const { nodes, edges } = graphOf(topology)
  const id = (name: string) => name.replace(/[^a-zA-Z0-9]/g, '_')
  const prefixes = { topic: 't', processor: 'p', store: 's' }
  const ids = new Map(nodes.map(node => [node.id, `${prefixes[node.kind]}_${id(node.id)}`]))
  const shapes = { topic: ['[/', '/]'], processor: ['[', ']'], store: ['[(', ')]'] }
  const draw = (node: TopologyNode) => `${ids.get(node.id)}${shapes[node.kind][0]}"${node.id}"${shapes[node.kind][1]}`
  const lines = ['flowchart LR', ...nodes.filter(node => node.unit === null).map(node => `  ${draw(node)}`)]
  for (const unit of topology.units.keys()) {
    const own = nodes.filter(node => node.unit === unit)
    lines.push(`  subgraph ${unit}`, ...own.map(node => `    ${draw(node)}`), '  end')
  }
  const stores = new Set(nodes.filter(node => node.kind === 'store').map(node => node.id))
  for (const edge of edges) lines.push(`  ${ids.get(edge.from)} ${stores.has(edge.to) ? '-.-' : '-->'} ${ids.get(edge.to)}`)
  return lines.join('\n')
}
