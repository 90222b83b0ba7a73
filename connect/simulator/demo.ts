import { type Clock, wallClock } from '../clock.js'
import type { EventProducer } from '../producer.js'
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
  /** Records that wait to be processed: history is held back while there are many, so that what happens live is seen at once. */
  readonly waiting?: () => Promise<number>
  /** Days of the past that are published, of how many. */
  readonly onHistory?: (done: number, days: number) => void
  /** Takes sentences for the log. */
  readonly say?: (sentence: string) => void
}

const defaultRate = 5
const retryMs = 5000
/** Of history: slow enough for what happens live not to wait behind it. */
const historyPerSecond = 3000
const mostWaiting = 3000
const waitMs = 100

/**
 * Life for an empty page: today until now, then events that happen now and, beside them, some days of history, the latest
 * first. After a restart only what is missing comes again: days that were published, or simulated live, are not repeated.
 * Resolves at the signal; when events can't be sent it says so and tries again.
 * @throws RangeError an option makes no sense.
 */
export async function startDemo(producer: EventProducer, options: DemoOptions): Promise<void> {
  const { signal, clock = wallClock, say = () => undefined } = options
  const { seed, listeners, tracks, artists } = { ...defaultWorld, ...options }
  const world = new World({ seed, listeners, tracks, artists })
  if (options.rate !== 'natural') checkRate(options.rate ?? defaultRate)
  while (!signal.aborted) {
    const stop = new AbortController()
    const demo = new Demo(world, producer, { ...options, signal: AbortSignal.any([signal, stop.signal]) }, clock, say)
    try {
      await demo.run()
    } catch (error) {
      stop.abort()
      await demo.settled()
      if (signal.aborted) return
      say(`The simulator stopped and tries again in ${retryMs / 1000} s: ${(error as Error).message}`)
      await clock.sleep(retryMs, signal)
    }
  }
}

class Demo {
  /** Open while history is published; what is noted meanwhile goes through it. */
  private tracker: DayTracker | undefined
  private parts: Promise<void>[] = []

  constructor(
    private readonly world: World,
    private readonly producer: EventProducer,
    private readonly options: DemoOptions,
    private readonly clock: Clock,
    private readonly say: (sentence: string) => void
  ) {}

  async run(): Promise<void> {
    const { rate = defaultRate } = this.options
    if (rate === 'natural') {
      await this.withTracker(async publish => {
        await this.history(publish)
        await publishAsItHappens(publish, this.clock)
      })
      return
    }
    await this.withTracker(async publish => {
      await publishUntil(publish, this.clock.now())
      this.parts = [this.history(publish), this.live(rate)]
      await Promise.race([this.parts[0], Promise.all(this.parts)])
    })
    await Promise.all(this.parts)
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.parts)
  }

  private async withTracker(use: (publish: PublishOptions & { signal: AbortSignal }) => Promise<void>): Promise<void> {
    const { world, producer } = this
    const { signal, trackerFile } = this.options
    if (this.tracker) return use({ world, producer, tracker: this.tracker, signal })
    const tracker = new DayTracker(trackerFile)
    this.tracker = tracker
    try {
      await use({ world, producer, tracker, signal })
    } finally {
      this.tracker = undefined
      tracker.close()
    }
  }

  private async history(publish: PublishOptions & { signal: AbortSignal }): Promise<void> {
    const { days = 14, signal, onHistory, waiting } = this.options
    if (days === 0) return
    const now = this.clock.now()
    const paced: EventProducer = {
      send: async events => {
        await this.producer.send(events)
        await this.clock.sleep((events.length * 1000) / historyPerSecond, signal)
        while (waiting !== undefined && !signal.aborted && (await waiting()) > mostWaiting) await this.clock.sleep(waitMs, signal)
      }
    }
    const dates = datesBefore(now, days).reverse()
    const onProgress = (date: string, published: number, total: number) => onHistory?.(dates.indexOf(date) + published / total, days)
    const { events, known } = await publishDays({ ...publish, producer: paced, onProgress }, dates, now)
    if (events > 0) this.say(`The simulator published ${events} events of the past (${days - known.length} of ${days} days).`)
  }

  private async live(rate: number): Promise<void> {
    const { world, producer, clock } = this
    // A day that went on live can't be told again from its plan.
    const onDay = (date: string) => this.withTracker(async ({ tracker }) => tracker.set(world.name, date, 'live'))
    this.say(`The simulator makes ${rate} events per second, as they happen.`)
    await runLive({ world, producer, rate, signal: this.options.signal, clock, onDay })
  }
}
