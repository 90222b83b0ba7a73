import { StoreFullError } from '../state/store.js'
import type { Clock } from './clock.js'
import { RetriableLogError } from './log/log.js'

const RETRY_MS = [10, 50, 250, 1_000, 5_000]

export const isRetriable = (error: unknown): boolean => error instanceof RetriableLogError || error instanceof StoreFullError

export interface RetryOptions {
  readonly clock: Clock
  /** When it is aborted, the next failure is thrown. */
  readonly signal: AbortSignal
  readonly notice: (sentence: string) => void
  /** Which failures had no effect; those of the log and of a full device, where absent. */
  readonly retriable?: (error: unknown) => boolean
}

/** Repeats a step that failed without effect, with growing pauses, until it succeeds or is no longer wanted. */
export async function retrying<T>(step: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, notice, retriable = isRetriable } = options
  for (let attempt = 0; ; attempt++) {
    try {
      return await step()
    } catch (error) {
      if (signal.aborted || !retriable(error)) throw error
      const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!
      notice(`${error instanceof Error ? error.message : error} Trying again in ${wait} ms.`)
      await clock.sleep(wait, signal)
      if (signal.aborted) throw error
    }
  }
}
