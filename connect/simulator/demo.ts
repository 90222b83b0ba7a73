import type { EventProducer } from '../producer.js'
import { type Clock, wallClock } from './clock.js'
import { dateOf } from './day.js'
import { checkRate, runLive } from './live.js'
import { publishAsItHappens } from './natural.js'
import { datesBefore, type PublishOptions, publishDays, publishUntil } from './publish.js'
import { DayTracker } from './tracker.js'
import { defaultWorld, World, type WorldOptions } from './world.js'

export interface DemoOptions extends Partial<WorldOptions> {
  /** The record of published days, such as data/simulator.json. */
  readonly trackerFile: string
  readonly signal: AbortSignal
  /** Past days to publish first. Default 14. */
  readonly days?: number
  /** Events per second afterwards (default 5), or `natural`: the pace of so many listeners. */
  readonly rate?: number | 'natural'
  readonly clock?: Clock
  /** Takes sentences for the log. */
  readonly say?: (sentence: string) => void
}

const defaultRate = 5
const retryMs = 5000

/**
 * Life for an empty page: some days of history, today until now, then events that happen now. After a restart only what is
 * missing comes again: days that were published, or simulated live, are not repeated. Resolves at the signal; when events
 * can't be sent it says so and tries again.
 * @throws RangeError an option makes no sense.
 */
export async function startDemo(producer: EventProducer, options: DemoOptions): Promise<void> {
  const { signal, clock = wallClock, say = () => undefined } = options
  const { seed, listeners, tracks, artists } = { ...defaultWorld, ...options }
  const world = new World({ seed, listeners, tracks, artists })
  if (options.rate !== 'natural') checkRate(options.rate ?? defaultRate)
  while (!signal.aborted) {
    try {
      await demo(world, producer, options, clock, say)
    } catch (error) {
      if (signal.aborted) return
      say(`The simulator stopped and tries again in ${retryMs / 1000} s: ${(error as Error).message}`)
      await clock.sleep(retryMs, signal)
    }
  }
}

async function demo(
  world: World,
  producer: EventProducer,
  options: DemoOptions,
  clock: Clock,
  say: (sentence: string) => void
): Promise<void> {
  const { signal, trackerFile, days = 14, rate = defaultRate } = options
  const withTracker = async (use: (publish: PublishOptions & { signal: AbortSignal }) => Promise<void>) => {
    const tracker = new DayTracker(trackerFile)
    try {
      await use({ world, producer, tracker, signal })
    } finally {
      tracker.close()
    }
  }
  const now = clock.now()
  await withTracker(async publish => {
    const { events, known } = days > 0 ? await publishDays(publish, datesBefore(now, days), now) : { events: 0, known: [] }
    if (events > 0) say(`The simulator published ${events} events of ${days - known.length} past days.`)
    if (rate === 'natural') await publishAsItHappens(publish, clock)
    else await publishUntil(publish, now)
  })
  if (rate === 'natural') return
  // A day that went on live can't be told again from its plan.
  const onDay = (date: string) => withTracker(async ({ tracker }) => tracker.set(world.name, date, 'live'))
  if (!signal.aborted) say(`The simulator makes ${rate} events per second, as they happen, from ${dateOf(clock.now())} on.`)
  await runLive({ world, producer, rate, signal, clock, onDay })
}
