import { get } from '../api.js'
import { element, svg } from '../dom.js'
import { placed } from '../force.js'
import { count } from '../format.js'
import { fillNext, nextRow } from '../next.js'
import { bars, empty, figures, panel, table } from '../parts.js'
import { at } from '../router.js'

export const title = 'Tracks'
const AROUND = 12
/** Of each neighbour, to other neighbours: all of them would hide the strong ones. */
const LINKS = 2
const LISTED = 50
/** Nodes on a narrow screen. */
const NARROW = 9
const NEXT = 8
const STARTS = 12

/** The co-occurrence graph around a track: what is played in the same sessions, and what goes well after it. */
export function open(container, [trackId]) {
  let closed = false
  let stop = () => {}
  container.replaceChildren(panel({ title }, empty('Reading.')))
  const show = trackId === undefined ? starts() : around(trackId)
  show.then(
    ({ node, close }) => {
      if (closed) return
      stop = close
      container.replaceChildren(node)
    },
    error =>
      closed ||
      container.replaceChildren(
        panel({ title }, empty(error.message), element('p', {}, element('a', { href: at('tracks') }, 'The most played tracks')))
      )
  )
  return () => {
    closed = true
    stop()
  }
}

/** Where to begin: the most played tracks. */
async function starts() {
  const { entries } = await get('v1/charts/tracks', { window: 'all', limit: STARTS })
  const rows = entries.map(({ track_id, track_name, artist_name, plays }) => ({
    name: track_name,
    by: artist_name,
    value: plays,
    text: count(plays),
    href: at('tracks', track_id)
  }))
  const node = panel(
    { title: 'Start from a track', note: 'The most played ones; every track on this page leads here' },
    rows.length > 0 ? bars(rows, 'The most played tracks') : empty('Nothing was played yet.')
  )
  return { node, close() {} }
}

async function around(trackId) {
  const path = `v1/tracks/${encodeURIComponent(trackId)}`
  const [track, list, answer] = await Promise.all([
    get(path),
    get(`${path}/neighbours`, { limit: LISTED }),
    get(`v1/recommendations/${encodeURIComponent(trackId)}`, { limit: NEXT })
  ])
  const near = list.neighbours.slice(0, AROUND)
  const lists = await Promise.all(
    near.map(({ track_id }) =>
      get(`v1/tracks/${encodeURIComponent(track_id)}/neighbours`, { limit: LISTED }).catch(() => ({ neighbours: [] }))
    )
  )
  const graph = drawing(list, near, linksAmong(near, lists))
  const next = element('ol', { class: 'next' })
  for (const item of answer.recommendations) {
    const row = nextRow()
    fillNext(row, item)
    const name = row.querySelector('.title')
    name.replaceWith(element('a', { class: 'title clip', href: at('tracks', item.track_id) }, item.track_name))
    next.append(row)
  }
  const node = element(
    'div',
    { class: 'grid around' },
    panel(
      { title: track.track_name, className: 'graph-panel', note: track.artist_name ?? '' },
      figures([
        ['plays', count(track.plays)],
        ['sessions with it', count(track.sessions)],
        ['neighbours', count(list.total_neighbours)]
      ]),
      near.length === 0 ? empty('No other track has been played in a session with it yet.') : graph.node,
      element('details', { class: 'as-table' }, element('summary', {}, 'As a table'), neighboursTable(list.neighbours))
    ),
    panel(
      {
        title: answer.fallback ? 'Suggested instead' : 'What goes well after it',
        note: answer.fallback?.reason ?? 'For nobody in particular: the track is the whole session'
      },
      next.childElementCount > 0 ? next : empty('Nothing yet.')
    )
  )
  return { node, close: graph.close }
}

const neighboursTable = neighbours =>
  table(
    [
      { name: 'Track' },
      { name: 'Artist' },
      { name: 'Sessions together', number: true },
      { name: 'Share of sessions', number: true },
      { name: 'Follows', number: true }
    ],
    neighbours.map(({ track_id, track_name, artist_name, sessions_together, cooccurrence, follow }) => [
      element('a', { href: at('tracks', track_id) }, track_name),
      artist_name ?? '',
      count(sessions_together),
      `${(100 * cooccurrence).toFixed(0)} %`,
      follow.toFixed(3)
    ]),
    'Neighbours, by sessions together'
  )

/** Each neighbour's strongest links to other neighbours: [from, to, sessions together], 1 being the first neighbour. */
function linksAmong(near, lists) {
  const places = new Map(near.map(({ track_id }, i) => [track_id, i + 1]))
  const links = new Map()
  lists.forEach(({ neighbours }, i) => {
    const others = neighbours.filter(({ track_id }) => places.has(track_id)).slice(0, LINKS)
    for (const { track_id, sessions_together } of others) {
      const [a, b] = [i + 1, places.get(track_id)].sort((one, other) => one - other)
      links.set(`${a} ${b}`, [a, b, sessions_together])
    }
  })
  return [...links.values()]
}

/** Drawn anew when its width changes; every node is a link that leads to its own graph. */
function drawing(list, near, among) {
  const box = element('div', { class: 'around-graph' })
  const everything = [list, ...near]
  const all = [...near.map(({ sessions_together }, i) => [0, i + 1, sessions_together]), ...among]
  const most = Math.max(1, ...all.map(([, , together]) => together))
  let width = 0
  const draw = () => {
    if (box.clientWidth === 0 || box.clientWidth === width) return
    width = box.clientWidth
    // On a phone there is room for fewer names.
    const isNarrow = width < 600
    const nodes = isNarrow ? everything.slice(0, NARROW) : everything
    const links = all.filter(([one, other]) => Math.max(one, other) < nodes.length)
    const height = isNarrow ? width * 1.15 : Math.min(560, width * 0.66)
    const points = placed(
      nodes.length,
      links.map(([a, b, together]) => [a, b, together / most]),
      width,
      height,
      isNarrow ? 52 : 88,
      isNarrow ? [100, 36] : [165, 38]
    )
    const lines = links.map(([a, b, together]) =>
      svg(
        'line',
        {
          x1: points[a][0],
          y1: points[a][1],
          x2: points[b][0],
          y2: points[b][1],
          class: a === 0 ? 'own' : '',
          '--weight': (0.75 + (4 * together) / most).toFixed(2)
        },
        svg('title', {}, `${nodes[a].track_name} and ${nodes[b].track_name}: ${count(together)} sessions together`)
      )
    )
    const letters = isNarrow ? 15 : 24
    const drawn = nodes.map((node, i) => drawNode(node, points[i], i === 0, letters))
    box.replaceChildren(
      svg(
        'svg',
        {
          viewBox: `0 0 ${width} ${height}`,
          width,
          height,
          role: 'group',
          'aria-label': `Tracks played in sessions with ${list.track_name}; the table below says the same`
        },
        svg('g', { class: 'links' }, ...lines),
        ...drawn
      )
    )
  }
  const resized = new ResizeObserver(draw)
  resized.observe(box)
  return { node: box, close: () => resized.disconnect() }
}

function drawNode({ track_id, track_name, artist_name, sessions_together }, [x, y], isCentre, letters) {
  const short = track_name.length > letters ? `${track_name.slice(0, letters - 1).trimEnd()}…` : track_name
  const radius = isCentre ? 11 : 6
  const label = isCentre ? track_name : `${track_name} by ${artist_name ?? 'unknown'}: ${count(sessions_together)} sessions together`
  const body = [svg('circle', { cx: x, cy: y, r: radius }, svg('title', {}, label)), svg('text', { x, y: y + radius + 14 }, short)]
  return isCentre ? svg('g', { class: 'centre' }, ...body) : svg('a', { href: at('tracks', track_id) }, ...body)
}
