import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config.js'
import { importExport } from '../../connect/export-import/import.js'
import { describeSummary, exitCodeOf, progressDisplay } from '../../connect/export-import/report.js'
import { httpProducer } from '../../connect/http-producer.js'
import { openLedger } from '../../connect/ledger.js'
import { produceLines } from '../../connect/produce.js'
import { type EventProducer, logProducer } from '../../connect/producer.js'
import { datesBefore, datesFrom, publishDays } from '../../connect/simulator/publish.js'
import { DayTracker } from '../../connect/simulator/tracker.js'
import { World } from '../../connect/simulator/world.js'
import { openBase } from '../embedded.js'
import { runningInstance } from '../instance.js'

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)

/** Sends through the running instance if there is one, else to the log itself. */
export async function withProducer<T>(config: Config, purpose: string, use: (producer: EventProducer) => Promise<T>): Promise<T> {
  const url = await runningInstance(config.dataDir)
  if (url !== undefined) return use(httpProducer({ url, ...tokenOf(config) }))
  const base = await openBase(config, { purpose, stateless: true })
  try {
    const result = await use(logProducer(base.log, base.codec))
    say('The events are in the log; they are processed when Segue runs (segue start).')
    return result
  } finally {
    await base.close()
  }
}

/** For an instance that asks who sends. */
export const tokenOf = ({ apiKey }: Config) => (apiKey === undefined ? {} : { token: apiKey })

/** A first Ctrl-C ends the work after its current batch. */
export function interruptible(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  return stop.signal
}

export async function importCommand(config: Config, path: string, flags: { user: string; includePrivate?: boolean }): Promise<number> {
  const signal = interruptible()
  const ledger = await openLedger(join(config.dataDir, 'ledger'), flags.user)
  const display = progressDisplay()
  try {
    const summary = await withProducer(config, 'segue import', producer =>
      importExport(path, {
        user: flags.user,
        producer,
        ledger,
        signal,
        includePrivate: flags.includePrivate === true,
        onProgress: progress => display.show(progress)
      })
    )
    display.stop()
    for (const line of describeSummary(summary)) process.stdout.write(`${line}\n`)
    return exitCodeOf(summary)
  } finally {
    display.stop()
    await ledger.close()
  }
}

export async function produceCommand(config: Config, file: string): Promise<number> {
  // Opened first, so that a file that is not there is said before anything else.
  const input = file === '-' ? process.stdin : (await open(file)).createReadStream()
  const summary = await withProducer(config, 'segue produce', producer =>
    produceLines(input, producer, { signal: interruptible(), onBadLine: (line, what) => say(`line ${line}: ${what}`) })
  )
  process.stdout.write(`${summary.sent} events sent, ${summary.bad} bad lines.\n`)
  return summary.bad === 0 ? 0 : 1
}

export interface SimulateFlags {
  readonly days: number
  readonly from?: string
  readonly seed: string
  readonly listeners: number
  readonly tracks: number
  readonly artists: number
}

export async function simulateCommand(config: Config, flags: SimulateFlags): Promise<number> {
  const { seed, listeners, tracks, artists } = flags
  const now = Date.now()
  const dates = flags.from === undefined ? datesBefore(now, flags.days) : datesFrom(flags.from, flags.days)
  const tracker = new DayTracker(join(config.dataDir, 'simulator.json'))
  try {
    const { events, known } = await withProducer(config, 'segue simulate', producer =>
      publishDays(
        {
          world: new World({ seed, listeners, tracks, artists }),
          producer,
          tracker,
          signal: interruptible(),
          onProgress: (date, published, total) => {
            if (published === total) say(`${date}: ${total} events`)
          }
        },
        dates,
        now
      )
    )
    process.stdout.write(`${events} events published; ${known.length} of ${dates.length} days were published before.\n`)
    return 0
  } finally {
    tracker.close()
  }
}
