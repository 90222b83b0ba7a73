import { byId, element, reconcile, setText, svg } from './dom.js'
import { count, rate } from './format.js'
import { resolved, VIEW, withView } from './graph.js'
import { labelPlaces } from './labels.js'
import { layered } from './layers.js'

const PAD = 10
const NODE_HEIGHT = 26
const STORE_HEIGHT = 13
const MARGIN = 8
const UNIT_COLOURS = 4
/** What may wait without being behind: this many records, or as many as come in a second. */
const USUAL_LAG = 100

/** The topology with rates and lag on its edges. Drawn when its structure changes; the numbers are then only written. */
export class TopologyView {
  #structure
  #edges = new Map()

  constructor(container) {
    this.container = container
    // Who has no pointer scrolls with the arrow keys.
    new ResizeObserver(() => {
      container.tabIndex = container.scrollWidth > container.clientWidth ? 0 : -1
    }).observe(container)
    new IntersectionObserver(([entry]) => container.classList.toggle('still', !entry.isIntersecting)).observe(container)
    container.addEventListener('pointerover', event => this.#focus(event.target.closest('.node')))
    container.addEventListener('pointerleave', () => this.#focus(null))
  }

  /** Shows {nodes, edges, lag, tasks} as GET /topology has them. */
  show(pulse) {
    const graph = withView(resolved(pulse))
    byId('topology-empty').hidden = graph.nodes.length > 0
    setText(byId('topology-empty'), 'Nothing runs yet.')
    const structure = JSON.stringify([graph.nodes, graph.edges.map(({ from, to }) => [from, to])])
    if (structure !== this.#structure) {
      this.#structure = structure
      this.#draw(graph)
    }
    for (const edge of graph.edges) this.#edges.get(edgeKey(edge))?.(edge)
    showTable(graph.edges)
    setText(byId('topology-note'), tasksSentence(pulse.tasks))
  }

  #draw(graph) {
    const { boxes, edges, units } = arrange(graph, ruler(getComputedStyle(this.container).fontFamily))
    const { width, height, nodes, routes } = layered(boxes, edges, { gapX: 76, gapY: 12 })
    byId('units').replaceChildren(...units.flatMap((unit, i) => [element('i', { class: `swatch unit-${(i % UNIT_COLOURS) + 1}` }), unit]))
    this.#edges.clear()
    const places = labelPlaces(
      routes,
      boxes.map(({ id, width, height }) => ({ ...nodes.get(id), width, height }))
    )
    const drawn = edges.map((edge, i) => drawEdge(edge, routes[i], places[i]))
    edges.forEach((edge, i) => {
      this.#edges.set(edgeKey(edge), drawn[i].write)
    })
    const box = [-MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN].map(value => value.toFixed(0)).join(' ')
    const picture = svg('svg', {
      viewBox: box,
      role: 'img',
      'aria-label': 'Topics, processors and their stores; the table below says the same'
    })
    // No line runs over a label.
    const layers = [drawn.map(({ lines }) => lines), drawn.map(({ label }) => label), boxes.map(node => drawNode(node, nodes.get(node.id)))]
    picture.append(...layers.map(layer => svg('g', {}, ...layer)))
    this.container.replaceChildren(picture)
  }

  #focus(node) {
    const id = node?.dataset.id
    this.container.classList.toggle('focused', id !== undefined)
    if (id === undefined) return
    const near = new Set([id])
    for (const edge of this.container.querySelectorAll('.edge')) {
      const touches = edge.dataset.from === id || edge.dataset.to === id
      edge.classList.toggle('near', touches)
      if (touches) near.add(edge.dataset.from).add(edge.dataset.to)
    }
    for (const other of this.container.querySelectorAll('.node')) other.classList.toggle('near', near.has(other.dataset.id))
  }
}

const storeLabel = name => `≡ ${name}`

/** Measures texts in the fonts of the drawing. */
function ruler(family) {
  const context = document.createElement('canvas').getContext('2d')
  return (font, text) => {
    context.font = `${font} ${family}`
    return context.measureText(text).width
  }
}

const edgeKey = ({ from, to }) => `${from}\n${to}`

/** Boxes and edges to place: stores are written into the processor that uses them first. */
function arrange({ nodes, edges }, measure) {
  const shown = new Map(nodes.filter(node => node.kind !== 'store').map(node => [node.id, node]))
  const stores = new Map(nodes.filter(node => node.kind === 'store' && !shown.has(node.id)).map(node => [node.id, node.label]))
  const units = [...new Set(nodes.map(node => node.unit).filter(unit => unit !== null))]
  const storesOf = new Map()
  for (const { from, to } of edges) {
    const [store, owner] = stores.has(to) ? [to, from] : [from, to]
    if (!stores.has(store) || !shown.has(owner)) continue
    storesOf.set(owner, [...(storesOf.get(owner) ?? []), stores.get(store)])
    stores.delete(store)
  }
  const boxes = [...shown.values()].map(node => {
    const own = storesOf.get(node.id) ?? []
    const name = measure(node.kind === 'processor' ? '600 11.5px' : '11.5px', node.label)
    const text = Math.max(name, ...own.map(store => measure('10px', storeLabel(store))))
    const unit = node.unit === null ? '' : ` unit-${(units.indexOf(node.unit) % UNIT_COLOURS) + 1}`
    return {
      ...node,
      stores: own,
      className: `node ${node.kind}${unit}`,
      width: text + 2 * PAD,
      height: NODE_HEIGHT + own.length * STORE_HEIGHT
    }
  })
  const unique = new Map(edges.filter(edge => shown.has(edge.from) && shown.has(edge.to)).map(edge => [edgeKey(edge), edge]))
  return { boxes, edges: [...unique.values()], units }
}

function drawNode({ id, label, unit, stores, className, kind, width, height }, { x, y }) {
  const top = y - height / 2
  const round = kind === 'processor' ? 5 : 13
  const lines = stores.map((store, i) => svg('text', { class: 'store', x: x + PAD, y: top + 29 + i * STORE_HEIGHT }, storeLabel(store)))
  const title = [label, kind, unit && `of ${unit}`, stores.length > 0 && `keeps ${stores.join(', ')}`].filter(Boolean).join(' · ')
  const group = svg(
    'g',
    { class: className },
    svg('title', {}, title),
    svg('rect', { x, y: top, width, height, rx: round }),
    svg('text', { x: x + PAD, y: top + 17 }, label),
    ...lines
  )
  group.dataset.id = id
  return group
}

/** A slur through the points, and apart from it the label; `write` puts an edge's numbers on it. */
function drawEdge({ from, to }, points, [x, y]) {
  const path = points
    .map(([x, y], i) => {
      if (i === 0) return `M${x.toFixed(1)} ${y.toFixed(1)}`
      const [beforeX, beforeY] = points[i - 1]
      const middle = ((beforeX + x) / 2).toFixed(1)
      return `C${middle} ${beforeY.toFixed(1)} ${middle} ${y.toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
  const moving = svg('tspan')
  const waiting = svg('tspan', { class: 'waiting', x: x.toFixed(1) })
  const label = svg('g', { class: 'edge' }, svg('text', { x: x.toFixed(1), y: (y + 3.5).toFixed(1) }, moving, waiting))
  const lines = svg('g', { class: 'edge' }, svg('path', { d: path }), svg('path', { d: path, class: 'flow' }))
  for (const group of [lines, label]) Object.assign(group.dataset, { from, to })
  const write = edge => {
    const active = edge.rate >= 0.05
    lines.classList.toggle('moving', active)
    lines.classList.toggle('behind', edge.lag > Math.max(USUAL_LAG, edge.rate))
    lines.style.setProperty('--weight', (1.25 + Math.min(2.5, Math.log10(1 + edge.rate) / 1.6)).toFixed(2))
    lines.style.setProperty('--pace', `${active ? Math.max(1, 4 - Math.round(Math.log10(1 + edge.rate))) : 4}s`)
    // What goes on to the view says its rate already on the way into the topic.
    const speed = active && to !== VIEW ? `${rate(edge.rate)}/s` : ''
    setText(moving, speed)
    setText(waiting, edge.lag > 0 ? `${count(edge.lag)} waiting` : '')
    waiting.setAttribute('dy', speed === '' ? 0 : 11)
  }
  return { lines, label, write }
}

const nameOf = id => id.slice(id.indexOf(':') + 1)

function showTable(edges) {
  if (!byId('edges').open) return
  reconcile(byId('edge-rows'), edges, {
    key: edgeKey,
    make: edge => element('tr', {}, element('td', {}, nameOf(edge.from)), element('td', {}, nameOf(edge.to)), element('td'), element('td')),
    update(row, edge) {
      setText(row.children[2], rate(edge.rate))
      setText(row.children[3], edge.lag === null ? '–' : count(edge.lag))
    }
  })
}

function tasksSentence(tasks) {
  const running = tasks.filter(task => task.state === 'running').length
  const rest = tasks.filter(task => task.state !== 'running')
  const others = rest.map(({ unit, partition, state, detail }) => `${unit} ${partition} is ${state}${detail ? ` (${detail})` : ''}`)
  return tasks.length === 0 ? '' : [`${running} of ${tasks.length} tasks running`, ...others.slice(0, 2)].join(' · ')
}
