import { setTimeout as sleep } from 'node:timers/promises'
import { StoreFullError } from '../state/store.js'
import { RetriableLogError } from './log/log.js'

const RETRY_MS = [10, 50, 250, 1_000, 5_000]

const isRetriable = (error: unknown): boolean => error instanceof RetriableLogError || error instanceof StoreFullError

/** Repeats a step that failed without effect, with growing pauses, for as long as it takes. */
export async function retrying<T>(step: () => Promise<T>, notice: (sentence: string) => void, retriable = isRetriable): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await step()
    } catch (error) {
      if (!retriable(error)) throw error
      const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!
      notice(`${error instanceof Error ? error.message : error} Trying again in ${wait} ms.`)
      await sleep(wait)
    }
  }
}
