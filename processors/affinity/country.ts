import { type History, listenerRange, parseHistoryKey } from '../clean/history.js'
import { compareBytes } from '../ranking/order.js'

/** Entries read at most: a listener whose last thousand events have no country has none. */
const LIMIT = 1_000

/** The country of a listener's latest event that has one; of events at the same moment the greatest in bytes. */
export function latestCountry(history: History, user: string): { country: string; occurredAt: number } | undefined {
  let latest: { country: string; occurredAt: number } | undefined
  for (const [key, { details }] of history.range({ ...listenerRange(user), reverse: true, limit: LIMIT })) {
    const { occurredAt } = parseHistoryKey(key)
    if (latest !== undefined && occurredAt < latest.occurredAt) break
    if (details.country === null) continue
    if (latest === undefined || compareBytes(details.country, latest.country) > 0) latest = { country: details.country, occurredAt }
  }
  return latest
}
