import { type Clock, wallClock } from '../clock.js'
import type { EventProducer } from '../producer.js'
import { Crowd } from './crowd.js'
import { dateOf } from './day.js'
import type { World } from './world.js'

export interface LiveOptions {
  readonly world: World
  readonly producer: EventProducer
  /** Events per second. */
  readonly rate: number
  readonly signal: AbortSignal
  readonly clock?: Clock
  /** Called before the first event of each UTC day. */
  readonly onDay?: (date: string) => Promise<void>
  readonly onSent?: (events: number, listening: number) => void
}

/** After a pause of the machine nothing is made up for. */
const longestGapMs = 60_000
const longestDebtMs = 5000
const shortestSleepMs = 20
const longestSleepMs = 1000

/**
 * Events that happen now, at a steady rate, until the signal. Each listener plays in real time, so a rate asks for as many
 * people as it takes: about 170 for one event per second. A play is reported half a minute after it began, without `ms_played`.
 * @throws RangeError the rate is not from 0.01 to 1,000.
 */
export async function runLive(options: LiveOptions): Promise<void> {
  const { world, producer, rate, signal, clock = wallClock } = options
  checkRate(rate)
  let date = ''
  let crowd = new Crowd(world, clock.now())
  let last = clock.now()
  // The first event comes at once.
  let owed = 1
  while (!signal.aborted) {
    const now = clock.now()
    if (now < last || now - last > longestGapMs) crowd = new Crowd(world, now)
    else owed = Math.min(owed + ((now - last) * rate) / 1000, Math.max(1, (longestDebtMs * rate) / 1000))
    last = now
    const due = Math.floor(owed)
    if (due > 0) {
      if (dateOf(now) !== date) {
        date = dateOf(now)
        await options.onDay?.(date)
      }
      const events = crowd.take(now, due)
      await producer.send(events)
      options.onSent?.(events.length, crowd.size)
      owed -= due
    }
    await clock.sleep(Math.min(longestSleepMs, Math.max(shortestSleepMs, ((1 - owed) * 1000) / rate)), signal)
  }
}

/** @throws RangeError */
export function checkRate(rate: number): void {
  if (!(rate >= 0.01 && rate <= 1000)) throw new RangeError(`The rate must be from 0.01 to 1000 events per second, not ${rate}.`)
}
