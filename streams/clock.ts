/** Time as the engine sees it: given from outside, so that a simulation can hold and replay it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/**
 * A wall clock that is set back would stop all that waits for a time to pass, and let record times fall: this one goes on
 * from where it was, at half the speed, until the wall clock has caught up.
 */
export function steady(wall: () => number): () => number {
  let seen = wall()
  let time = seen
  return () => {
    const now = wall()
    time = Math.max(now, time + Math.max(0, now - seen) / 2)
    seen = now
    return Math.floor(time)
  }
}

export const systemClock: Clock = {
  now: steady(Date.now),
  sleep: (ms, signal) =>
    new Promise(resolve => {
      if (signal?.aborted) return resolve()
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal?.addEventListener('abort', end)
    })
}
