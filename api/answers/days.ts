import type { UserDay } from '../../schemas/events.js'
import type { View } from '../../state/view/view.js'

const PAGE = 1_000
const DAY_LENGTH = '2026-01-31'.length
const DAY_MS = 86_400_000

/** The days on which a listener played something, the earliest first; without the hashes of what was heard. */
export async function* daysOf(view: Pick<View, 'scan'>, userId: string): AsyncIterable<Omit<UserDay, 'heard'>> {
  const prefix = `${userId}|`
  for (let after: string | undefined; ; ) {
    const page = await view.scan('user-days', { prefix, limit: PAGE, ...(after === undefined ? {} : { after }) })
    // Another id may begin with this one and a bar.
    for (const [key, { heard: _, ...day }] of page) if (key.length === prefix.length + DAY_LENGTH) yield day
    if (page.length < PAGE) return
    after = page.at(-1)![0]
  }
}

export interface Streaks {
  /** Days with plays. */
  active: number
  first: string | null
  last: string | null
  /** Days in a row up to today, or up to yesterday while nothing was played today; else 0. */
  current_streak: number
  longest_streak: number
}

/** Of days (2026-01-31) in order; `now`: milliseconds. All are UTC days. */
export function streaksOf(days: readonly string[], now: number): Streaks {
  let longest = 0
  let streak = 0
  let previous = Number.NaN
  for (const day of days) {
    const number = Date.parse(day) / DAY_MS
    streak = number === previous + 1 ? streak + 1 : 1
    longest = Math.max(longest, streak)
    previous = number
  }
  const isGoingOn = previous >= Math.floor(now / DAY_MS) - 1
  return {
    active: days.length,
    first: days[0] ?? null,
    last: days.at(-1) ?? null,
    current_streak: isGoingOn ? streak : 0,
    longest_streak: longest
  }
}
