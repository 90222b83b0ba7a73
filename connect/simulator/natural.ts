import { type Clock, wallClock } from '../clock.js'
import { dateOf, simulateDayInSlices, timeOf } from './day.js'
import type { Arrival } from './playback.js'
import { countBy, type PublishOptions, publishDays, publishRange } from './publish.js'
import { dayMs } from './world.js'

const longestSleepMs = 30_000

/**
 * Publishes the days as they happen, until the signal: what was missed of the current day first, then each event when it
 * arrives. 200 listeners make an event in some fifteen seconds. What is late at midnight is published then.
 */
export async function publishAsItHappens(
  options: PublishOptions & { readonly signal: AbortSignal },
  clock: Clock = wallClock
): Promise<void> {
  const { tracker, world, signal } = options
  let date = ''
  let arrivals: readonly Arrival[] = []
  while (!signal.aborted) {
    const now = clock.now()
    if (dateOf(now) !== date) {
      date = dateOf(now)
      const yesterday = dateOf(now - dayMs)
      if (typeof tracker.status(world.name, yesterday) === 'number') await publishDays(options, [yesterday], now)
      arrivals = await simulateDayInSlices(world, date)
    }
    const status = tracker.status(world.name, date) ?? 0
    let next = timeOf(date) + dayMs
    if (typeof status === 'number') {
      const position = await publishRange(options, date, arrivals, status, Math.max(status, countBy(arrivals, now)))
      next = Math.min(next, arrivals[position]?.at ?? next)
    }
    await clock.sleep(Math.min(longestSleepMs, Math.max(1, next - clock.now())), signal)
  }
}
