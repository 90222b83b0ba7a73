import { countsKey } from '../../schemas/catalogue.js'
import type { StatisticsDimension } from '../../schemas/events.js'
import type { View } from '../../state/view/view.js'

const FIRST_YEAR = 2006
const DAY_MS = 86_400_000
const HOUR_DAYS = 7

export interface Sums {
  plays: number
  listening_ms: number
}

/** Adds the shards' rows up, by the dimension's value, in the order of the view's keys. */
export class StatisticsReader {
  constructor(
    private readonly view: View,
    private readonly partitions: number
  ) {}

  async read(dimension: StatisticsDimension, limit: number, prefix = '', after?: string): Promise<Map<string, Sums>> {
    const options = { prefix: `${dimension}|${prefix}`, limit: limit * this.partitions }
    const rows = await this.view.scan('play-statistics', after === undefined ? options : { ...options, after: `${dimension}|${after}` })
    const sums = new Map<string, Sums>()
    for (const [, { value, plays, listening_ms }] of rows) {
      const sum = sums.get(value)
      if (sum) {
        sum.plays += plays
        sum.listening_ms += listening_ms
      } else sums.set(value, { plays, listening_ms })
    }
    return sums
  }

  /** The latest `count` days, oldest first: looked for year by year, because a view is read in one direction. */
  async latestDays(count: number, now: number): Promise<[day: string, Sums][]> {
    let days: [string, Sums][] = []
    for (let year = new Date(now).getUTCFullYear() + 1; year >= FIRST_YEAR && days.length < count; year--) {
      days = [...(await this.read('day', 366, `${year}-`)), ...days]
    }
    return days.slice(-count)
  }

  /** The hours of the week that ends with `day`. */
  async hoursUpTo(day: string): Promise<[hour: string, Sums][]> {
    const first = new Date(Date.parse(day) - (HOUR_DAYS - 1) * DAY_MS).toISOString().slice(0, 10)
    return [...(await this.read('hour', HOUR_DAYS * 24, '', first))]
  }

  /** What the clean processor's shards counted, added up. */
  async pipeline() {
    const shards = await this.view.getMany(
      'pipeline-counts',
      Array.from({ length: this.partitions }, (_, shard) => countsKey(shard))
    )
    const sums = { accepted: new Map<string, number>(), rejected: new Map<string, number>(), duplicates: 0, sessions: 0 }
    for (const shard of shards) {
      if (!shard) continue
      addTo(sums.accepted, shard.accepted)
      addTo(sums.rejected, shard.rejected)
      sums.duplicates += shard.duplicates
      sums.sessions += shard.sessions
    }
    return { ...sums, accepted: Object.fromEntries(sums.accepted), rejected: Object.fromEntries(sums.rejected) }
  }
}

function addTo(sums: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count)
}
