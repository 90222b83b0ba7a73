import type { MergedChart } from './charts.js'

/** Places that every shard states: of what is beyond them the order of all is not known. */
export const PLACES = 100

export interface Ranked {
  readonly id: string
  readonly plays: number
  readonly rank: number
  /** In the window before; null: it was not among the first hundred. */
  readonly previous_rank: number | null
  /** `new`, `+3`: three places up, `-1`: one down, `0`. */
  readonly movement: string
}

/** The places of a chart with what became of them since the window before. */
export function rankedOf({ entries, before }: Pick<MergedChart, 'entries' | 'before'>): Ranked[] {
  const ranks = new Map(before.slice(0, PLACES).map(({ id }, i) => [id, i + 1]))
  return entries.slice(0, PLACES).map(({ id, plays }, i) => {
    const rank = i + 1
    const previous_rank = ranks.get(id) ?? null
    return { id, plays, rank, previous_rank, movement: movementOf(rank, previous_rank) }
  })
}

function movementOf(rank: number, previous: number | null): string {
  if (previous === null) return 'new'
  return previous > rank ? `+${previous - rank}` : String(previous - rank)
}
