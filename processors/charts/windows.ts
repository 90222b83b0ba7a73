import type { ChartWindow } from '../../schemas/events.js'

export const MINUTE_MS = 60_000

/** The columns of a chart's table, in order, and their lengths in minutes. */
export const WINDOWS: readonly { readonly name: ChartWindow; readonly minutes: number }[] = [
  { name: 'hour', minutes: 60 },
  { name: 'day', minutes: 24 * 60 },
  { name: 'week', minutes: 7 * 24 * 60 },
  { name: 'all', minutes: Number.POSITIVE_INFINITY }
]
/** The windows that minutes leave again, by the bit of their column. */
export const SLIDING = WINDOWS.slice(0, -1).map(({ minutes }, column) => ({ minutes, mask: 1 << column }))
export const WEEK = 7 * 24 * 60
export const ALL = 1 << (WINDOWS.length - 1)

/** T: the end of the current minute of stream time, in minutes since the epoch. Windows end there, exclusively. */
export const endMinute = (streamTime: number): number => Math.floor(streamTime / MINUTE_MS) + 1

/** The columns in which a play of `minute` counts at T = `end`: T - window <= minute < T. */
export function windowsOf(minute: number, end: number): number {
  if (minute >= end) return 0
  let mask = 0
  for (let column = 0; column < WINDOWS.length; column++) if (minute >= end - WINDOWS[column]!.minutes) mask |= 1 << column
  return mask
}
