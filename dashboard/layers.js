/**
 * A layered layout (Sugiyama, Tagawa and Toda, 1981): layers by longest path, crossings reduced by barycentres, positions by
 * least squares. For graphs of some dozens of nodes.
 */
const SWEEPS = 12
const BEND_HEIGHT = 14

/**
 * Places nodes {id, width, height} and routes edges {from, to}. Returns {width, height, nodes: Map of id to {x, y} (the left
 * middle), routes: per edge the points it runs through}. A cycle's closing edge is routed backwards.
 */
export function layered(nodes, edges, { gapX, gapY }) {
  const layerOf = assignLayers(nodes, edges)
  const layers = []
  const cells = new Map()
  const put = cell => {
    cells.set(cell.id, cell)
    layers[cell.layer] ??= []
    layers[cell.layer].push(cell)
    return cell
  }
  for (const { id, width, height } of nodes) put({ id, width, height, layer: layerOf.get(id), before: [], after: [], y: 0 })
  const chains = edges.map((edge, i) => {
    const ends = [cells.get(edge.from), cells.get(edge.to)]
    const [left, right] = ends[0].layer <= ends[1].layer ? ends : ends.toReversed()
    const chain = [left]
    for (let layer = left.layer + 1; layer < right.layer; layer++)
      chain.push(put({ id: `${i}/${layer}`, width: 0, height: BEND_HEIGHT, bend: true, layer, before: [], after: [], y: 0 }))
    chain.push(right)
    for (let k = 1; k < chain.length; k++) {
      chain[k - 1].after.push(chain[k])
      chain[k].before.push(chain[k - 1])
    }
    return { chain, reversed: left !== ends[0] }
  })
  reduceCrossings(layers)
  const height = placeRows(layers, gapY)
  const width = placeColumns(layers, gapX)
  const routes = chains.map(({ chain, reversed }) => {
    const inner = chain.slice(1, -1).flatMap(({ x, y, width }) => [
      [x, y],
      [x + width, y]
    ])
    const [first, last] = [chain[0], chain.at(-1)]
    const points = [[first.x + first.width, first.y], ...inner, [last.x, last.y]]
    return reversed ? points.toReversed() : points
  })
  return { width, height, nodes: cells, routes }
}

/** The longest way from a node without predecessors. Edges that close a cycle do not count. */
function assignLayers(nodes, edges) {
  const incoming = new Map(nodes.map(node => [node.id, []]))
  for (const { from, to } of edges) incoming.get(to).push(from)
  const layers = new Map()
  const open = new Set()
  const layer = id => {
    if (layers.has(id)) return layers.get(id)
    open.add(id)
    const before = incoming.get(id).filter(from => !open.has(from))
    const found = before.length === 0 ? 0 : 1 + Math.max(...before.map(layer))
    open.delete(id)
    layers.set(id, found)
    return found
  }
  for (const { id } of nodes) layer(id)
  return layers
}

/** Orders each layer by the mean place of its neighbours, back and forth, and keeps the best order seen. */
function reduceCrossings(layers) {
  const number = () => {
    for (const layer of layers)
      layer.forEach((cell, place) => {
        cell.place = place
      })
  }
  number()
  let best = { crossings: crossings(layers), order: layers.map(layer => [...layer]) }
  for (let sweep = 0; sweep < SWEEPS && best.crossings > 0; sweep++) {
    const forward = sweep % 2 === 0
    for (const layer of forward ? layers : layers.toReversed()) {
      const weight = new Map(layer.map(cell => [cell, mean((forward ? cell.before : cell.after).map(other => other.place)) ?? cell.place]))
      layer.sort((a, b) => weight.get(a) - weight.get(b) || a.place - b.place)
      layer.forEach((cell, place) => {
        cell.place = place
      })
    }
    const found = crossings(layers)
    if (found < best.crossings) best = { crossings: found, order: layers.map(layer => [...layer]) }
  }
  best.order.forEach((order, i) => {
    layers[i] = order
  })
  number()
}

function crossings(layers) {
  let found = 0
  for (const layer of layers) {
    const pairs = layer.flatMap(cell => cell.after.map(other => [cell.place, other.place]))
    for (let i = 0; i < pairs.length; i++)
      for (let k = i + 1; k < pairs.length; k++) if ((pairs[i][0] - pairs[k][0]) * (pairs[i][1] - pairs[k][1]) < 0) found++
  }
  return found
}

/** Rows near their neighbours' rows, in order and not touching. Returns the height. */
function placeRows(layers, gap) {
  for (const layer of layers)
    spread(
      layer,
      layer.map((_, i) => i * 40 - layer.length * 20),
      gap
    )
  for (let round = 0; round < 2 * SWEEPS; round++)
    for (const layer of round % 2 === 0 ? layers : layers.toReversed()) {
      const wanted = layer.map(cell => mean([...cell.before, ...cell.after].map(other => other.y)) ?? cell.y)
      spread(layer, wanted, gap)
    }
  const cells = layers.flat()
  const top = Math.min(...cells.map(({ y, height }) => y - height / 2))
  for (const cell of cells) cell.y -= top
  const height = Math.max(...cells.map(({ y, height }) => y + height / 2))
  stretch(layers[0], height)
  return height
}

/** Rows over the whole height, in even distances: what is seen first, where there is no room for all, is not an empty corner. */
function stretch(layer, height) {
  if (layer.length < 2) return
  const room = height - layer.reduce((sum, cell) => sum + cell.height, 0)
  let y = 0
  for (const cell of layer) {
    cell.y = y + cell.height / 2
    y += cell.height + room / (layer.length - 1)
  }
}

/** The rows closest to those wanted (least squares) with room for each: isotonic regression, by pooling adjacent violators. */
function spread(layer, wanted, gap) {
  let room = 0
  const offsets = layer.map((cell, i) => {
    if (i > 0) room += (layer[i - 1].height + cell.height) / 2 + gap
    return room
  })
  const pools = []
  wanted.forEach((y, i) => {
    let pool = { sum: y - offsets[i], size: 1 }
    while (pools.length > 0 && pools.at(-1).sum / pools.at(-1).size > pool.sum / pool.size) {
      const last = pools.pop()
      pool = { sum: last.sum + pool.sum, size: last.size + pool.size }
    }
    pools.push(pool)
  })
  let i = 0
  for (const { sum, size } of pools) for (let k = 0; k < size; k++, i++) layer[i].y = sum / size + offsets[i]
}

/** Columns as wide as their widest node. Returns the width. */
function placeColumns(layers, gap) {
  let x = 0
  for (const layer of layers) {
    const width = Math.max(...layer.map(cell => cell.width))
    for (const cell of layer) {
      cell.x = x
      // A passing edge runs straight through the whole column, between its nodes.
      if (cell.bend) cell.width = width
    }
    x += width + gap
  }
  return x - gap
}

const mean = values => (values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length)
