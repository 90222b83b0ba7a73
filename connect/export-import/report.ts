/** What a person sees of an import: a bar on a terminal, lines elsewhere, a summary at the end. */
import { Presets, SingleBar } from 'cli-progress'
import type { ImportProgress, ImportSummary } from './import.js'

export interface ProgressDisplay {
  show(progress: ImportProgress): void
  stop(): void
}

const lineEveryMs = 2000
const steps = 1000

const rate = (rows: number, since: number): number => Math.round((1000 * rows) / Math.max(1, performance.now() - since))

const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`

function eta(share: number, since: number): string {
  if (share <= 0) return 'unknown'
  return duration(((performance.now() - since) / 1000) * (1 / share - 1))
}

/** Standard error, so that standard output stays the command's own. */
export function progressDisplay(stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  return stream.isTTY ? barDisplay(stream) : lineDisplay(stream)
}

function barDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  const since = performance.now()
  const format = '{bar} {percentage} % | {rows} rows | {rate} rows/s | {left} left | {file}'
  const bar = new SingleBar({ stream, format, hideCursor: true, barsize: 24 }, Presets.shades_classic)
  bar.start(steps, 0, { rows: 0, rate: 0, left: 'unknown', file: '' })
  return {
    show: ({ share, rows, file }) =>
      bar.update(Math.round(share * steps), { rows, rate: rate(rows, since), left: eta(share, since), file }),
    stop: () => bar.stop()
  }
}

/** A line every two seconds, or as often as told. */
export function lineDisplay(stream: { write(line: string): unknown }, everyMs: number = lineEveryMs): ProgressDisplay {
  const since = performance.now()
  let last = since
  return {
    show({ share, rows, file }) {
      const now = performance.now()
      if (now - last < everyMs) return
      last = now
      stream.write(`${Math.floor(share * 100)} %, ${rows} rows, ${rate(rows, since)} rows/s, ${eta(share, since)} left, ${file}\n`)
    },
    stop: () => undefined
  }
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** The summary as lines; the last ones name what could not be read. */
export function describeSummary(summary: ImportSummary): string[] {
  const { rows, files, published, known, ignored, bad, badRows, complete } = summary
  const reasons = Object.entries(ignored).map(([reason, n]) => `${n} ${reason}`)
  const total = Object.values(ignored).reduce((sum, n) => sum + n, 0)
  const lines = [
    `Read ${count(rows, 'row')} of ${count(files, 'file')}: ${published} published, ${known} already known, ${total} ignored${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}, ${bad} bad.`
  ]
  for (const { file, row, what } of badRows) lines.push(row === undefined ? `${file}: ${what}` : `${file}, row ${row}: ${what}`)
  if (bad > badRows.length) lines.push(`… and ${bad - badRows.length} more.`)
  if (!complete) lines.push('Stopped before the end. Run the same command again to go on; nothing is published twice.')
  return lines
}

/** 0: all was read; 1: something was bad; 130: stopped by a signal. */
export const exitCodeOf = ({ bad, complete }: ImportSummary): number => (complete ? (bad > 0 ? 1 : 0) : 130)
