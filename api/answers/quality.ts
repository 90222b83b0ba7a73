import { experimentKey, qualityKey } from '../../schemas/catalogue.js'
import type { ExperimentCounts, Quality, QualitySpan } from '../../schemas/events.js'
import type { View } from '../../state/view/view.js'
import { STRATEGIES } from '../schemas/recommendations.js'
import { isoTime } from './text.js'

export const QUALITY_WINDOWS = ['hour', 'day', 'week', 'all'] as const
export type QualityWindow = (typeof QUALITY_WINDOWS)[number]

/** What a window is added up from: so many spans, the current one last. The processor keeps `slots` of them. */
const spans: Readonly<Record<QualityWindow, { span: QualitySpan; ms: number; slots: number; count: number }>> = {
  hour: { span: 'minutes', ms: 300_000, slots: 288, count: 12 },
  day: { span: 'hour', ms: 3_600_000, slots: 168, count: 24 },
  week: { span: 'hour', ms: 3_600_000, slots: 168, count: 168 },
  all: { span: 'all', ms: Number.POSITIVE_INFINITY, slots: 1, count: 1 }
}

export interface Measures {
  plays: number
  /** Share of the plays that were in the list of ten. */
  hit_rate: number | null
  /** Mean of 1 / log2(rank + 1); 0 where the play was not in the list. */
  ndcg: number | null
  /** Mean of 1 / rank; 0 where the play was not in the list. */
  mrr: number | null
}

/** All three from how many plays were at which place. */
export function measures(plays: number, ranks: readonly number[]): Measures {
  if (plays === 0) return { plays, hit_rate: null, ndcg: null, mrr: null }
  let hits = 0
  let ndcg = 0
  let mrr = 0
  for (const [i, count] of ranks.entries()) {
    hits += count
    ndcg += count / Math.log2(i + 2)
    mrr += count / (i + 1)
  }
  return { plays, hit_rate: hits / plays, ndcg: ndcg / plays, mrr: mrr / plays }
}

/** Of each strategy, with a point for each span in which something was scored; the oldest first. */
export async function readQuality(view: View, partitions: number, window: QualityWindow, now: number) {
  const { span, ms, slots, count } = spans[window]
  const last = span === 'all' ? 0 : Math.floor(now / ms)
  const strategies = []
  for (const strategy of STRATEGIES) {
    const sums = await readSpans(view, partitions, strategy, { span, ms, slots, first: last - count + 1, last })
    const all = sum(sums.values())
    const series =
      span === 'all' ? [] : [...sums].map(([start, { plays, ranks }]) => ({ start: isoTime(start), ...measures(plays, ranks) }))
    strategies.push({ strategy, ...measures(all.plays, all.ranks), series })
  }
  return { window, window_end: isoTime(now), span_ms: span === 'all' ? null : ms, strategies }
}

interface Sum {
  plays: number
  ranks: number[]
}

async function readSpans(
  view: View,
  partitions: number,
  strategy: string,
  { span, ms, slots, first, last }: { span: QualitySpan; ms: number; slots: number; first: number; last: number }
): Promise<Map<number, Sum>> {
  const keys: string[] = []
  const starts: number[] = []
  for (let number = first; number <= last; number++)
    for (let shard = 0; shard < partitions; shard++) {
      keys.push(qualityKey(strategy, span, number % slots, shard))
      starts.push(span === 'all' ? 0 : number * ms)
    }
  const rows = await view.getMany('recommendation-quality', keys)
  const sums = new Map<number, Sum>()
  for (const [i, row] of rows.entries()) {
    // A slot may still hold what was there a day or a week before.
    if (row === undefined || row.start !== starts[i]) continue
    sums.set(row.start, sum([sums.get(row.start), row]))
  }
  return sums
}

function sum(rows: Iterable<Pick<Quality, 'plays' | 'ranks'> | undefined>): Sum {
  const total: Sum = { plays: 0, ranks: new Array<number>(10).fill(0) }
  for (const row of rows) {
    if (row === undefined) continue
    total.plays += row.plays
    for (const [i, count] of row.ranks.entries()) total.ranks[i]! += count
  }
  return total
}

/** What came of the lists that were given: of each strategy, in each experiment and without one. */
export async function readExperiments(view: View, partitions: number, experiment: string | undefined) {
  const rows = []
  for (const name of experiment === undefined ? [null] : [null, experiment])
    for (const strategy of STRATEGIES) {
      const keys = Array.from({ length: partitions }, (_, shard) => experimentKey(name, strategy, shard))
      const shards = (await view.getMany('experiment-counts', keys)).filter(row => row !== undefined)
      const add = (count: (row: ExperimentCounts) => number) => shards.reduce((total, row) => total + count(row), 0)
      rows.push({
        experiment: name,
        strategy,
        lists: add(row => row.lists),
        tracks: add(row => row.tracks),
        played: add(row => row.played),
        skipped: add(row => row.skipped),
        liked: add(row => row.liked)
      })
    }
  return rows
}
