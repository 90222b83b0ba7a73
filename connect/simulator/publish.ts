import type { EventProducer } from '../producer.js'
import { dateOf, simulateDayInSlices, timeOf } from './day.js'
import type { Arrival } from './playback.js'
import type { DayTracker } from './tracker.js'
import { dayMs, type World } from './world.js'

export interface PublishOptions {
  readonly world: World
  readonly producer: EventProducer
  readonly tracker: DayTracker
  readonly signal?: AbortSignal
  /** Called after each batch: what is published of the day, in events. */
  readonly onProgress?: (date: string, published: number, total: number) => void
}

const batchSize = 500

/** `count` days from `first` on. @throws RangeError no such day, or no sensible count. */
export function datesFrom(first: string, count: number): string[] {
  if (!Number.isInteger(count) || count < 1 || count > 36_525)
    throw new RangeError(`The number of days must be a whole number from 1 to 36525, not ${count}.`)
  const start = timeOf(first)
  return Array.from({ length: count }, (_, index) => dateOf(start + index * dayMs))
}

/** The `count` days that ended before `now`. */
export const datesBefore = (now: number, count: number): string[] => datesFrom(dateOf(now - count * dayMs), count)

/**
 * Publishes days in order, each once: a published day is passed over, a half-published one is taken up where it was left.
 * Only a crash between sending a batch and noting it sends that batch again, with the same content: the pipeline counts it once.
 * @returns events published now, and the days passed over.
 * @throws RangeError a day is not over at `now`, or before 2006: its events would be rejected.
 */
export async function publishDays(
  options: PublishOptions,
  dates: readonly string[],
  now: number
): Promise<{ events: number; known: string[] }> {
  const known: string[] = []
  let events = 0
  for (const date of dates) {
    if (date < '2006-01-01') throw new RangeError(`Events of ${date} would be rejected: simulate days from 2006-01-01 on.`)
    if (timeOf(date) + dayMs > now)
      throw new RangeError(`The day ${date} is not over yet (UTC): simulate days up to ${dateOf(now - dayMs)}, or live.`)
  }
  for (const date of dates) {
    if (options.signal?.aborted) break
    const status = options.tracker.status(options.world.name, date) ?? 0
    if (typeof status === 'string') known.push(date)
    else events += await publishDay(options, date, status)
  }
  return { events, known }
}

/** What is late on a past day arrives with it, whenever that would have been: the record time is now anyway. */
async function publishDay(options: PublishOptions, date: string, position: number): Promise<number> {
  const arrivals = await simulateDayInSlices(options.world, date)
  const end = await publishRange(options, date, arrivals, position, arrivals.length)
  if (end === arrivals.length) options.tracker.set(options.world.name, date, 'published')
  return end - position
}

/** Publishes what has arrived of the current day by `now`, after what was published of it before. */
export async function publishUntil(options: PublishOptions, now: number): Promise<number> {
  const date = dateOf(now)
  const status = options.tracker.status(options.world.name, date) ?? 0
  if (typeof status === 'string') return 0
  const arrivals = await simulateDayInSlices(options.world, date)
  return (await publishRange(options, date, arrivals, status, countBy(arrivals, now))) - status
}

/** How many have arrived by a time. */
export function countBy(arrivals: readonly Arrival[], time: number): number {
  const next = arrivals.findIndex(({ at }) => at > time)
  return next < 0 ? arrivals.length : next
}

/** Publishes the arrivals of a day from one position to another. @returns where it stopped: `to`, or before it at a signal. */
export async function publishRange(
  options: PublishOptions,
  date: string,
  arrivals: readonly Arrival[],
  from: number,
  to: number
): Promise<number> {
  let position = from
  while (position < to && !options.signal?.aborted) {
    const end = Math.min(to, position + batchSize)
    await options.producer.send(arrivals.slice(position, end).map(({ event }) => event))
    position = end
    options.tracker.set(options.world.name, date, position)
    options.onProgress?.(date, position, arrivals.length)
  }
  return position
}
