/** Half the size of an edge's label, drawn around its place on the curve: a rate, or how much waits. */
const HALF_WIDTH = 30
const HALF_HEIGHT = 8
const STEPS = 10
const OVER_NODE = 40
const OVER_LABEL = 60

/** Points along a route whose curves have their handles half-way between two points; [x, y]. */
function sampled(points) {
  const found = []
  for (let i = 1; i < points.length; i++) {
    const [[x1, y1], [x2, y2]] = [points[i - 1], points[i]]
    for (let k = i === 1 ? 0 : 1; k <= STEPS; k++) {
      const t = k / STEPS
      found.push([x1 + (x2 - x1) * (1.5 * t - 1.5 * t ** 2 + t ** 3), y1 + (y2 - y1) * (3 * t ** 2 - 2 * t ** 3)])
    }
  }
  return found
}

/**
 * Where each route's label stands: of the points along it the one that meets the fewest nodes, labels placed before, and other lines,
 * short routes first, for they have the least choice. `boxes` are {x, y (of the middle), width, height}. Returns a point a route.
 */
export function labelPlaces(routes, boxes) {
  const lines = routes.map(sampled)
  const placed = []
  const places = []
  const near = (x, y, [otherX, otherY], width = HALF_WIDTH, height = HALF_HEIGHT) =>
    Math.abs(otherX - x) < width && Math.abs(otherY - y) < height
  const cost = (route, x, y, middle) => {
    let sum = middle
    for (const { x: left, y: row, width, height } of boxes)
      if (near(x, y, [left + width / 2, row], HALF_WIDTH + width / 2, HALF_HEIGHT + height / 2)) sum += OVER_NODE
    for (const other of placed) if (near(x, y, other, 2 * HALF_WIDTH, 2 * HALF_HEIGHT)) sum += OVER_LABEL
    lines.forEach((line, i) => {
      if (i !== route) for (const point of line) if (near(x, y, point)) sum++
    })
    return sum
  }
  const order = lines.map((_, i) => i).sort((a, b) => lines[a].length - lines[b].length)
  for (const route of order) {
    const line = lines[route]
    let best = Number.POSITIVE_INFINITY
    line.forEach(([x, y], i) => {
      const found = cost(route, x, y, Math.abs(i / (line.length - 1) - 0.5))
      if (found >= best) return
      best = found
      places[route] = [x, y]
    })
    placed.push(places[route])
  }
  return places
}
