import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.js'
import type { Account } from './account.js'
import { backOff } from './back-off.js'
import { RateLimitedError, ReconnectError } from './errors.js'
import { Slots } from './slots.js'
import { Watch, type WatchOptions } from './watch.js'

export interface PollerOptions extends Omit<WatchOptions, 'now'> {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Between two looks at one player, milliseconds. */
  readonly intervalMs: number
  /** Between two fetches of what Spotify lists as played, milliseconds. */
  readonly backfillIntervalMs: number
  /** Requests under way at one time, of all accounts. */
  readonly concurrency: number
}

/** Watches every connected account, also those connected later, until the signal. */
export async function runPoller(options: PollerOptions): Promise<void> {
  const { accounts, clock, signal, intervalMs } = options
  // Each account that sleeps listens to it.
  setMaxListeners(0, signal)
  const slots = new Slots(options.concurrency)
  const watched = new Map<string, Promise<void>>()
  while (!signal.aborted) {
    for (const account of accounts.list()) {
      if (account.status !== 'connected' || watched.has(account.userId)) continue
      const done = watchAccount(account, slots, options).finally(() => watched.delete(account.userId))
      watched.set(account.userId, done)
    }
    await clock.sleep(intervalMs, signal)
  }
  await Promise.all(watched.values())
}

/** Until the signal, or until the account is no longer the one that was connected. */
async function watchAccount(account: Account, slots: Slots, options: PollerOptions): Promise<void> {
  const { accounts, clock, signal, intervalMs, backfillIntervalMs, onNotice } = options
  const { userId } = account
  const now = () => clock.now()
  const watch = new Watch(account, { ...options, now })
  let failures = 0
  let backfillFailures = 0
  let backfillDueAt = watch.backfilledAt + backfillIntervalMs
  while (!signal.aborted) {
    const current = accounts.get(userId)
    if (current?.status !== 'connected' || current.connectedAt !== account.connectedAt) return
    let wait = intervalMs
    try {
      await slots.use(() => watch.look())
      if (now() >= backfillDueAt) {
        const error = await slots
          .use(() => watch.backfill())
          .then(
            () => undefined,
            (error: unknown) => error
          )
        if (error instanceof ReconnectError || error instanceof RateLimitedError) throw error
        // The list may be refused or broken while the player can be seen.
        backfillFailures = error === undefined ? 0 : backfillFailures + 1
        backfillDueAt = now() + (error === undefined ? backfillIntervalMs : backOff(error, backfillFailures, intervalMs))
        if (backfillFailures === 1) onNotice(`${userId}: ${(error as Error).message}`)
      }
      if (failures > 0 || current.detail !== null) accounts.update(account, { detail: null })
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      const { message } = error as Error
      if (error instanceof ReconnectError) {
        onNotice(`${userId}: ${message} It is polled again when it is connected again.`)
        return
      }
      wait = backOff(error, ++failures, intervalMs)
      // Said once, not with every attempt.
      if (failures === 1) onNotice(`${userId}: ${message} Trying again in ${Math.ceil(wait / 1000)} s.`)
      accounts.update(account, { detail: message })
    }
    await clock.sleep(wait, signal)
  }
}
