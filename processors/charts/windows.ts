import type { ChartWindow } from '../../schemas/events.js'

export const MINUTE_MS = 60_000
const HOUR = 60
const DAY = 24 * HOUR
export const WEEK = 7 * DAY

/** The windows of a chart, in the order of their columns. */
export const WINDOWS: readonly ChartWindow[] = ['hour', 'day', 'week', 'all']

/**
 * The columns of a chart's table: ages in minutes from `from` to `to`, exclusively. First the windows, then for each of them
 * the one before: as long, and ending where it begins; of all time what stood a day ago.
 */
const COLUMNS: readonly { readonly from: number; readonly to: number }[] = [
  { from: 0, to: HOUR },
  { from: 0, to: DAY },
  { from: 0, to: WEEK },
  { from: 0, to: Number.POSITIVE_INFINITY },
  { from: HOUR, to: 2 * HOUR },
  { from: DAY, to: 2 * DAY },
  { from: WEEK, to: 2 * WEEK },
  { from: DAY, to: Number.POSITIVE_INFINITY }
]
export const COLUMN_COUNT = COLUMNS.length
/** The column of the window before that of `column`. */
export const before = (column: number): number => column + WINDOWS.length

/** A play older than this, in minutes, changes its columns no more. */
export const OLDEST = 2 * WEEK

/** By the bit of their column. */
const maskOf = (has: (column: { readonly from: number; readonly to: number }) => boolean): number =>
  COLUMNS.reduce((mask, column, i) => (has(column) ? mask | (1 << i) : mask), 0)

/** The ages at which a play enters and leaves columns. */
export const EDGES = [...new Set(COLUMNS.flatMap(({ from, to }) => [from, to]))]
  .filter(Number.isFinite)
  .map(age => ({ age, enters: maskOf(({ from }) => from === age), leaves: maskOf(({ to }) => to === age) }))

/** The windows of a mask of columns: a bit for each that has one of its two columns in it. */
export const windowBits = (mask: number): number => (mask | (mask >>> WINDOWS.length)) & ((1 << WINDOWS.length) - 1)

/** The columns of all that has happened: every play that has reached T is in one of them. */
export const ALL = 1 << WINDOWS.indexOf('all')

/** T: the end of the current minute of stream time, in minutes since the epoch. Windows end there, exclusively. */
export const endMinute = (streamTime: number): number => Math.floor(streamTime / MINUTE_MS) + 1

/** The columns in which a play of `minute` counts at T = `end`: T - to <= minute < T - from. */
export function columnsOf(minute: number, end: number): number {
  let mask = 0
  for (let column = 0; column < COLUMNS.length; column++) {
    const { from, to } = COLUMNS[column]!
    if (minute < end - from && minute >= end - to) mask |= 1 << column
  }
  return mask
}
