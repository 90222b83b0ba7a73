import { ForbiddenError, RateLimitedError } from './errors.js'

const LONGEST_MS = 5 * 60_000
/** Nothing that passes by itself in seconds: the account's owner or the app's must act. */
const FORBIDDEN_MS = 10 * 60_000

/** How long an account is left alone after its so-many-th failure in a row: doubling, and no less than Spotify asks. */
export function backOff(error: unknown, failures: number, intervalMs: number): number {
  if (error instanceof ForbiddenError) return FORBIDDEN_MS
  const doubling = Math.min(LONGEST_MS, intervalMs * 2 ** Math.min(failures, 20))
  return error instanceof RateLimitedError ? Math.max(error.retryAfterMs, doubling) : doubling
}
