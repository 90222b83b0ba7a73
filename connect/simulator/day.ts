import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Listener } from './listener.js'
import { type Arrival, Playback } from './playback.js'
import { Random } from './random.js'
import { dayMs, type World } from './world.js'

/** The UTC day of a time, as in 2026-01-31. */
export const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

/** Midnight UTC of a date such as 2026-01-31. @throws RangeError no such day. */
export function timeOf(date: string): number {
  const time = Date.parse(`${date}T00:00:00.000Z`)
  if (/^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(time) && dateOf(time) === date) return time
  throw new RangeError(`"${date}" is not a day: write it as in 2026-01-31.`)
}

/**
 * All that happens on one UTC day, in order of arrival. It depends on the world and the date alone. What a phone was late to
 * report may arrive on the next day.
 */
export function simulateDay(world: World, date: string): Arrival[] {
  const midnight = timeOf(date)
  const arrivals: Arrival[] = []
  for (let index = 0; index < world.options.listeners; index++) liveThrough(world, world.listener(index), midnight, arrivals)
  return inOrder(arrivals)
}

/** The same as `simulateDay`, without holding the event loop for long. */
export async function simulateDayInSlices(world: World, date: string): Promise<Arrival[]> {
  const midnight = timeOf(date)
  const arrivals: Arrival[] = []
  for (let index = 0, before = 0; index < world.options.listeners; index++) {
    liveThrough(world, world.listener(index), midnight, arrivals)
    if (arrivals.length - before < 200) continue
    before = arrivals.length
    await nextTurn()
  }
  return inOrder(arrivals)
}

/** The sort is stable: of what arrives in the same millisecond, the order is that of making. */
const inOrder = (arrivals: Arrival[]): Arrival[] => arrivals.sort((a, b) => a.at - b.at)

function liveThrough(world: World, listener: Listener, midnight: number, arrivals: Arrival[]): void {
  const day = midnight / dayMs
  const random = new Random(world.options.seed, 'day', day, listener.index)
  let free = midnight
  for (const startAt of sessionStarts(random, listener, midnight)) {
    const options = { startAt: Math.max(startAt, free), day, until: midnight + dayMs, report: 'end' } as const
    const playback = new Playback(world, listener, random, options)
    while (!playback.over) playback.next(arrivals)
    free = playback.clock + 600_000
  }
}

/** Ascending; by the listener's own hours, with more of them at the weekend. */
function sessionStarts(random: Random, listener: Listener, midnight: number): number[] {
  const weekday = new Date(midnight).getUTCDay()
  const mean = listener.sessionsPerDay * (weekday === 0 || weekday === 6 ? 1.25 : 0.95)
  return Array.from({ length: random.poisson(mean) }, () => midnight + drawTime(random, listener)).sort((a, b) => a - b)
}

/** A time of day in UTC, drawn by rejection from the likelihood of the listener's local hours. */
function drawTime(random: Random, listener: Listener): number {
  for (;;) {
    const time = random.next() * dayMs
    if (random.chance(listener.likelihoodAt(time))) return time
  }
}
