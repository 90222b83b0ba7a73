import { chartKey } from '../../schemas/catalogue.js'
import type { Chart, ChartEntry, ChartKind } from '../../schemas/events.js'
import { keyValueStore, type MergeStore, mergeStore, type Serde, type StoresOf } from '../../streams/processor.js'
import { NameOrder } from '../ranking/order.js'
import { type ChartCounts, type CountsDelta, chartFold } from './counts.js'
import { MinuteLog, MinuteRows } from './minutes.js'
import { ALL, before, COLUMN_COUNT, columnsOf, EDGES, endMinute, MINUTE_MS, OLDEST, WINDOWS } from './windows.js'

const bytes: Serde<Uint8Array> = { encode: value => value, decode: value => value }
export const storesOf = (kind: ChartKind) => ({
  charts: mergeStore(`${kind}-charts`, chartFold),
  minutes: keyValueStore(`${kind}-minutes`, bytes)
})
export type Stores = ReturnType<typeof storesOf>
/** The store's key of the charts of all countries. */
const EVERYWHERE = '*'
/** Of a play without country. */
export const NOWHERE = -1

export type Publish = (key: string, chart: Chart) => void

/**
 * Leaderboards of the last hour, day and week and of all time, by country and of all, each with the window before (semantics,
 * section 7). Windows end at T, the end of the current minute of stream time. A play counts in its columns when it arrives
 * (a future one: when T reaches its minute) and moves on when the edge of one has passed its minute.
 * Memory: about 45 bytes per item and country it was played in. Disk: 12 bytes per play of the last two weeks.
 */
export class Board {
  readonly #store: MergeStore<ChartCounts, CountsDelta>
  readonly #minutes: MinuteLog
  readonly #order: NameOrder

  constructor(
    stores: StoresOf<Stores>,
    private readonly kind: ChartKind,
    private readonly shard: number,
    private readonly publish: Publish
  ) {
    this.#store = stores.charts
    this.#minutes = new MinuteLog(stores.minutes)
    this.#order = new NameOrder(stores.charts.dictionary)
  }

  /** The id of an item or a country. */
  intern(name: string): number {
    return this.#store.dictionary.intern(name)
  }

  /** Plays that have come at this stream time, to be given to `add`. */
  open(streamTime: number): Batch {
    return new Batch(this.advance(streamTime))
  }

  add({ rows, changes }: Batch): void {
    this.#minutes.append(rows)
    this.#merge(changes)
  }

  /** Moves the windows' end forward: what reaches an edge moves on. Returns the end in force, in minutes. */
  advance(streamTime: number): number {
    const end = endMinute(streamTime)
    const from = this.#minutes.end
    if (from !== undefined && end <= from) return from
    this.#minutes.end = end
    if (from === undefined) return end
    const changes = new Changes()
    for (const { age, enters, leaves } of EDGES) {
      this.#minutes.each(from - age, end - age, (country, item, count) => {
        changes.add(country, item, leaves, -count)
        changes.add(country, item, enters, count)
      })
    }
    this.#minutes.dropBefore(end - OLDEST)
    this.#merge(changes)
    return end
  }

  /** What a repair adds to the plays of all time in one chart: unlike a play's, its country does not count for all countries too. */
  correct(name: string, country: string | null, count: number): void {
    this.#store.merge(country ?? EVERYWHERE, [this.intern(name), ALL, count])
  }

  /** As if the item had never been played. Reads the log of two weeks. */
  forget(name: string, countries: Iterable<string>): void {
    const item = this.#store.dictionary.find(name)
    if (item === undefined) return
    this.#minutes.forget(item)
    for (const key of [EVERYWHERE, ...countries]) {
      const table = this.#store.get(key)?.table
      const delta: CountsDelta = []
      for (let column = 0; table !== undefined && column < COLUMN_COUNT; column++) {
        const count = table.countOf(item, column)
        if (count !== 0) delta.push(item, 1 << column, -count)
      }
      if (delta.length > 0) this.#store.merge(key, delta)
    }
  }

  /** Publishes a country's charts that changed, or whose stated window a play may have fallen into since. */
  emit(key: string): void {
    const counts = this.#store.get(key)
    const end = this.#minutes.end
    if (counts === undefined || end === undefined) return
    for (let column = 0; column < WINDOWS.length; column++) {
      if ((counts.had & (1 << column)) === 0) continue
      const changed = counts.table.rank(column, this.#order)
      const changedBefore = counts.table.rank(before(column), this.#order)
      const published = counts.published[column]
      if (published === undefined || changed || changedBefore || (counts.played && published !== end))
        this.#publish(key, counts, column, end)
    }
    counts.played = false
  }

  #merge({ everywhere, countries }: Changes): void {
    if (everywhere.length > 0) this.#store.merge(EVERYWHERE, everywhere)
    for (const [country, delta] of countries) this.#store.merge(this.#store.dictionary.name(country), delta)
  }

  #publish(key: string, counts: ChartCounts, column: number, end: number): void {
    const { kind, shard } = this
    const window = WINDOWS[column]!
    const country = key === EVERYWHERE ? null : key
    counts.published[column] = end
    this.publish(chartKey(kind, window, country, shard), {
      ...{ kind, window, country, shard },
      window_end: end * MINUTE_MS,
      entries: this.#top(counts, column),
      before: this.#top(counts, before(column))
    })
  }

  #top({ table }: ChartCounts, column: number): ChartEntry[] {
    return table.top<ChartEntry>(column, (item, plays) => ({ id: this.#order.name(item), plays }))
  }
}

/** Plays that came together. */
export class Batch {
  readonly rows = new MinuteRows()
  readonly changes = new Changes()

  constructor(private readonly end: number) {}

  /** `item`, `country`: of `intern`; a country may be `NOWHERE`. */
  add(item: number, country: number, minute: number, count: number): void {
    if (minute >= this.end - OLDEST) this.rows.add(country, item, count, minute)
    this.changes.add(country, item, columnsOf(minute, this.end), count)
  }
}

/** Deltas of all countries together and of each (a dictionary id). */
class Changes {
  readonly everywhere: CountsDelta = []
  readonly countries = new Map<number, CountsDelta>()

  /** Plays without a country have no regional row. */
  add(country: number, item: number, mask: number, count: number): void {
    if (mask === 0) return
    this.everywhere.push(item, mask, count)
    if (country === NOWHERE) return
    const delta = this.countries.get(country)
    if (delta === undefined) this.countries.set(country, [item, mask, count])
    else delta.push(item, mask, count)
  }
}
