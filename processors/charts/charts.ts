import { chartKey, type TopicValues } from '../../schemas/catalogue.js'
import type { ChartEntry, ChartKind } from '../../schemas/events.js'
import {
  type Context,
  keyValueStore,
  mergeStore,
  type Processor,
  type ProcessorInstance,
  type Serde,
  type TopicRecord
} from '../../streams/processor.js'
import { NameOrder } from '../ranking/order.js'
import { type ChartCounts, type CountsDelta, chartFold } from './counts.js'
import { MinuteLog, MinuteRows } from './minutes.js'
import { endMinute, MINUTE_MS, SLIDING, WEEK, WINDOWS, windowsOf } from './windows.js'

const bytes: Serde<Uint8Array> = { encode: value => value, decode: value => value }
const storesOf = (kind: ChartKind) => ({
  charts: mergeStore(`${kind}-charts`, chartFold),
  minutes: keyValueStore(`${kind}-minutes`, bytes)
})
type Stores = ReturnType<typeof storesOf>
type Source = 'track-updates' | 'artist-updates'
type Input = TopicRecord<TopicValues, Source>
/** The store's key of the charts of all countries. */
const EVERYWHERE = '*'

/**
 * Leaderboards of the last hour, day and week and of all time, by country and of all (semantics, section 7). Windows end at
 * T, the end of the current minute of stream time. A play counts in its windows when it arrives (a future one: when T
 * reaches its minute) and is taken out of each when the window's edge has passed its minute.
 * Memory: about 26 bytes per item and country it was played in. Disk: 12 bytes per play of the last week.
 */
const charts = (name: string, source: Source, kind: ChartKind): Processor<TopicValues, Input, 'charts', Stores, never> => ({
  name,
  from: [source],
  to: ['charts'],
  stores: storesOf(kind),
  create: context => new Charts(context, kind, kind === 'tracks' ? 'track' : 'artist')
})

export const trackCharts = charts('track-charts', 'track-updates', 'tracks')
export const artistCharts = charts('artist-charts', 'artist-updates', 'artists')

class Charts implements ProcessorInstance<Input> {
  readonly #store: Context<TopicValues, 'charts', Stores, never>['stores']['charts']
  readonly #minutes: MinuteLog
  readonly #order: NameOrder

  constructor(
    private readonly context: Context<TopicValues, 'charts', Stores, never>,
    private readonly kind: ChartKind,
    /** The field of a play that the chart is about. */
    private readonly item: 'track' | 'artist'
  ) {
    this.#store = context.stores.charts
    this.#minutes = new MinuteLog(context.stores.minutes)
    this.#order = new NameOrder(this.#store.dictionary)
  }

  process({ value }: Input): void {
    const end = this.#advance(endMinute(this.context.streamTime))
    const { dictionary } = this.#store
    const rows = new MinuteRows()
    const changes = new Changes()
    for (const play of value.plays) {
      if (play.count === 0) continue
      const item = dictionary.intern(value.dictionary[play[this.item]]!)
      const country = play.country < 0 ? -1 : dictionary.intern(value.dictionary[play.country]!)
      if (play.minute >= end - WEEK) rows.add(country, item, play.count, play.minute)
      changes.add(country, item, windowsOf(play.minute, end), play.count)
    }
    this.#minutes.append(rows)
    this.#merge(changes)
  }

  punctuate(streamTime: number): void {
    this.#advance(endMinute(streamTime))
  }

  /** Publishes a country's charts that changed, or whose stated window a play may have fallen into since. */
  emit(key: string): void {
    const counts = this.#store.get(key)
    const end = this.#minutes.end
    if (counts === undefined || end === undefined) return
    for (let column = 0; column < WINDOWS.length; column++) {
      if ((counts.had & (1 << column)) === 0) continue
      const changed = counts.table.rank(column, this.#order)
      const published = counts.published[column]
      if (published === undefined || changed || (counts.played && published !== end)) this.#publish(key, counts, column, end)
    }
    counts.played = false
  }

  /** Moves the windows' end forward: what they reach enters, what they have passed leaves. Returns the end in force. */
  #advance(end: number): number {
    const from = this.#minutes.end
    if (from !== undefined && end <= from) return from
    this.#minutes.end = end
    if (from === undefined) return end
    const changes = new Changes()
    this.#minutes.each(from, end, (country, item, count, minute) => changes.add(country, item, windowsOf(minute, end), count))
    for (const { minutes, mask } of SLIDING) {
      const passed = Math.min(end - minutes, from)
      this.#minutes.each(from - minutes, passed, (country, item, count) => changes.add(country, item, mask, -count))
    }
    this.#minutes.dropBefore(end - WEEK)
    this.#merge(changes)
    return end
  }

  #merge({ everywhere, countries }: Changes): void {
    if (everywhere.length > 0) this.#store.merge(EVERYWHERE, everywhere)
    for (const [country, delta] of countries) this.#store.merge(this.#store.dictionary.name(country), delta)
  }

  #publish(key: string, counts: ChartCounts, column: number, end: number): void {
    const window = WINDOWS[column]!.name
    const country = key === EVERYWHERE ? null : key
    const shard = this.context.task.partition
    const entries = counts.table.top<ChartEntry>(column, (item, plays) => ({ id: this.#order.name(item), plays }))
    counts.published[column] = end
    const chart = { kind: this.kind, window, country, shard, window_end: end * MINUTE_MS, entries }
    this.context.send('charts', chartKey(this.kind, window, country, shard), chart)
  }
}

/** Deltas of all countries together and of each (a dictionary id). */
class Changes {
  readonly everywhere: CountsDelta = []
  readonly countries = new Map<number, CountsDelta>()

  /** `country`: -1 where there is none; such plays have no regional row. */
  add(country: number, item: number, mask: number, count: number): void {
    if (mask === 0) return
    this.everywhere.push(item, mask, count)
    if (country < 0) return
    const delta = this.countries.get(country)
    if (delta === undefined) this.countries.set(country, [item, mask, count])
    else delta.push(item, mask, count)
  }
}
