/**
 * Places for nodes by forces: all push each other apart, links pull, the first node stays in the middle. Pure, and without chance:
 * the same graph is drawn the same way. `links`: [from, to, strength in (0, 1]] by index; the result is [x, y] within the box. `room`: the
 * width and height that a node takes with its name; where the box is large enough, no two meet.
 */
export function placed(count, links, width, height, margin, room) {
  const [cx, cy] = [width / 2, height / 2]
  const reach = Math.min(width, height) / 2 - margin
  // From a spiral, so that the strongest ones start near.
  const points = Array.from({ length: count }, (_, i) => {
    const [turn, far] = [i * 2.399963, i === 0 ? 0 : reach * (0.45 + (0.55 * i) / count)]
    return { x: cx + Math.cos(turn) * far * (width / height), y: cy + Math.sin(turn) * far }
  })
  const ideal = Math.sqrt((width * height) / Math.max(1, count)) * 0.62
  for (let heat = ideal; heat > 0.5; heat *= 0.975) {
    const moves = points.map(() => ({ x: 0, y: 0 }))
    for (let a = 0; a < count; a++)
      for (let b = a + 1; b < count; b++) {
        const { dx, dy, far } = between(points[a], points[b])
        push(moves, a, b, dx / far, dy / far, (ideal * ideal) / far)
      }
    for (const [a, b, strength] of links) {
      const { dx, dy, far } = between(points[a], points[b])
      push(moves, a, b, dx / far, dy / far, (-strength * far * far) / ideal)
    }
    for (let i = 1; i < count; i++) {
      const length = Math.hypot(moves[i].x, moves[i].y) || 1
      const step = Math.min(length, heat) / length
      points[i].x = clamp(points[i].x + moves[i].x * step, margin, width - margin)
      points[i].y = clamp(points[i].y + moves[i].y * step, margin / 2, height - margin / 2)
    }
  }
  return apart(spread(points, width, height, margin), room, height, margin)
}

const ROUNDS = 200

/** Those that meet make way for each other, up and down; the first node stays. */
function apart(points, [wide, high], height, margin) {
  const placed = points.map(point => [...point])
  for (let round = 0, met = true; met && round < ROUNDS; round++) {
    met = false
    for (let a = 0; a < placed.length; a++)
      for (let b = a + 1; b < placed.length; b++) {
        const dy = placed[b][1] - placed[a][1]
        const missing = high - Math.abs(dy)
        if (missing <= 0.5 || Math.abs(placed[b][0] - placed[a][0]) >= wide) continue
        met = true
        const way = (dy < 0 ? -1 : 1) * (a === 0 ? missing : missing / 2)
        if (a > 0) placed[a][1] = clamp(placed[a][1] - way, margin / 2, height - margin / 2)
        placed[b][1] = clamp(placed[b][1] + way, margin / 2, height - margin / 2)
      }
  }
  return placed
}

/** Over the whole box, the first node staying in the middle. */
function spread(points, width, height, margin) {
  const [{ x: cx, y: cy }] = points
  const wide = Math.max(1, ...points.map(({ x }) => Math.abs(x - cx)))
  const high = Math.max(1, ...points.map(({ y }) => Math.abs(y - cy)))
  return points.map(({ x, y }) => [
    width / 2 + ((x - cx) / wide) * (width / 2 - margin),
    height / 2 + ((y - cy) / high) * (height / 2 - margin / 2)
  ])
}

const clamp = (value, least, most) => Math.max(least, Math.min(most, value))

function between(a, b) {
  const [dx, dy] = [a.x - b.x || 0.01, a.y - b.y || 0.01]
  return { dx, dy, far: Math.hypot(dx, dy) }
}

function push(moves, a, b, ux, uy, force) {
  moves[a].x += ux * force
  moves[a].y += uy * force
  moves[b].x -= ux * force
  moves[b].y -= uy * force
}
