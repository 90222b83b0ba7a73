import { chartKey } from '../../schemas/catalogue.js'
import type { ChartEntry, ChartKind, ChartWindow } from '../../schemas/events.js'
import type { View } from '../../state/view/view.js'
import { compareIds } from '../recommend/order.js'

const HOUR_MS = 3_600_000
export const WINDOW_MS: Readonly<Record<ChartWindow, number>> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  all: Number.POSITIVE_INFINITY
}

export interface MergedChart {
  readonly kind: ChartKind
  readonly window: ChartWindow
  readonly country: string | null
  /** T: the latest end of the shards' windows, milliseconds; undefined where no shard has a chart. */
  readonly end: number | undefined
  /** The earliest end of those that count: a shard states a later one only when its chart changes. */
  readonly oldestEnd: number | undefined
  readonly entries: readonly ChartEntry[]
  /** Of the window before. */
  readonly before: readonly ChartEntry[]
}

/**
 * Merges the shards' leaderboards; they hold disjoint items. Shards move on with their own input, so their windows end at
 * different times. The answer's T is the latest; a shard whose window ended a whole window earlier is left out: none of its
 * plays is in the window that ends at T. The others count as they are.
 */
export async function readChart(
  view: View,
  partitions: number,
  kind: ChartKind,
  window: ChartWindow,
  country: string | null
): Promise<MergedChart> {
  const keys = Array.from({ length: partitions }, (_, shard) => chartKey(kind, window, country, shard))
  const shards = (await view.getMany('charts', keys)).filter(chart => chart !== undefined)
  const end = shards.length > 0 ? Math.max(...shards.map(chart => chart.window_end)) : undefined
  const counted = shards.filter(chart => end! - chart.window_end < WINDOW_MS[window])
  const oldestEnd = counted.length > 0 ? Math.min(...counted.map(chart => chart.window_end)) : undefined
  const entries = merged(counted.map(chart => chart.entries))
  const before = merged(counted.map(chart => chart.before))
  return { kind, window, country, end, oldestEnd, entries, before }
}

const merged = (lists: readonly (readonly ChartEntry[])[]): ChartEntry[] =>
  lists.flat().sort((a, b) => b.plays - a.plays || compareIds(a.id, b.id))

/** The first of the windows that has entries, or the last one. */
export async function readFirstChart(
  view: View,
  partitions: number,
  kind: ChartKind,
  windows: readonly ChartWindow[],
  country: string | null
): Promise<MergedChart> {
  let chart: MergedChart | undefined
  for (const window of windows) {
    chart = await readChart(view, partitions, kind, window, country)
    if (chart.entries.length > 0) break
  }
  return chart!
}
