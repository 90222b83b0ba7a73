import type { Listeners } from './harness.js'

/** sessions(a), N(a), together(a, b) and W(a -> b), without zeros; a pair is `a b`. */
export interface Sums {
  readonly sessions: Record<string, number>
  readonly n: Record<string, number>
  readonly together: Record<string, number>
  readonly weight: Record<string, number>
}

export const emptySums = (): Sums => ({ sessions: {}, n: {}, together: {}, weight: {} })

export function add(sums: Record<string, number>, key: string, change: number): void {
  const sum = (sums[key] ?? 0) + change
  if (sum === 0) delete sums[key]
  else sums[key] = sum
}

/** What all track-updates together say. */
export function sumsOf(listeners: Listeners): Sums {
  const sums = emptySums()
  for (const { value } of listeners.to('track-updates')) {
    const { dictionary, track, neighbours, other } = value!
    let from = 0
    track.forEach((id, i) => {
      const name = dictionary[id]!
      add(sums.sessions, name, value!.sessions[i]!)
      add(sums.n, name, value!.n[i]!)
      for (const to = from + neighbours[i]!; from < to; from++) {
        const pair = `${name} ${dictionary[other[from]!]}`
        add(sums.together, pair, value!.together[from]!)
        add(sums.weight, pair, value!.weight[from]!)
      }
    })
    if (from !== other.length || value!.weight.length !== other.length) throw new Error('the columns do not fit together')
  }
  return sums
}
