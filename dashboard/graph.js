/** The node that stands for the view, and all that the API answers from it. */
export const VIEW = 'sink:view'

/** What may lead to what, in the order of preference where names are ambiguous. */
const WAYS = [
  ['topic', 'processor'],
  ['processor', 'processor'],
  ['processor', 'topic'],
  ['source', 'topic'],
  ['topic', 'sink'],
  ['processor', 'sink'],
  ['processor', 'store'],
  ['store', 'processor']
]

/**
 * The graph with ids that are unique: a topic, a processor and a store may share a name. An edge leads where its kind of edge
 * may lead; the second one between the same names leads to what the first did not (the topic written, then the store).
 */
export function resolved({ nodes, edges, ...rest }) {
  const kinds = new Map()
  for (const { id, kind } of nodes) kinds.set(id, [...(kinds.get(id) ?? []), kind])
  const used = new Set()
  const known = edges.flatMap(edge => {
    const way = WAYS.map(([from, to]) => ({ from: `${from}:${edge.from}`, to: `${to}:${edge.to}`, kinds: [from, to] })).find(
      ({ from, to, kinds: [source, target] }) =>
        kinds.get(edge.from)?.includes(source) &&
        kinds.get(edge.to)?.includes(target) &&
        !(edge.from === edge.to && target === 'processor') &&
        !used.has(`${from}\n${to}`)
    )
    if (!way) return []
    used.add(`${way.from}\n${way.to}`)
    return [{ ...edge, from: way.from, to: way.to }]
  })
  return { ...rest, nodes: nodes.map(node => ({ ...node, id: `${node.kind}:${node.id}` })), edges: known }
}

/** With the view as the last node, where the lag names the topics that it mirrors and the graph does not show it itself. */
export function withView({ nodes, edges, lag }) {
  const known = new Map(nodes.map(node => [node.id, node]))
  const mirrored = new Map()
  for (const { topic, records } of lag.view)
    if (known.has(`topic:${topic}`)) mirrored.set(`topic:${topic}`, (mirrored.get(`topic:${topic}`) ?? 0) + records)
  if (mirrored.size === 0 || nodes.some(node => node.kind === 'sink')) return { nodes, edges }
  const rateOf = topic => Math.max(0, ...edges.filter(edge => edge.to === topic).map(edge => edge.rate))
  const added = [...mirrored].map(([topic, waiting]) => ({ from: topic, to: VIEW, rate: rateOf(topic), lag: waiting }))
  return { nodes: [...nodes, { id: VIEW, kind: 'sink', label: 'view → API', unit: null }], edges: [...edges, ...added] }
}
