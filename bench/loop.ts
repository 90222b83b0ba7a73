import { readFileSync } from 'node:fs'

export interface Held {
  readonly p99: number
  readonly most: number
}

/**
 * How long the event loop is held, milliseconds: the time between two turns of a timer. Where the system tells (Linux), it
 * is time on the processor, so that what other programs take from this one does not count.
 */
export class LoopWatch {
  readonly #held: number[] = []
  readonly #timer: NodeJS.Timeout
  #last = busyMs()

  constructor() {
    this.#timer = setInterval(() => {
      const now = busyMs()
      this.#held.push(now - this.#last)
      this.#last = now
    }, 1)
  }

  stop(): Held {
    clearInterval(this.#timer)
    const sorted = this.#held.sort((a, b) => a - b)
    return { p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0, most: sorted.at(-1) ?? 0 }
  }
}

/** Of the main thread: nanoseconds on the processor come first. */
function busyMs(): number {
  try {
    return Number.parseInt(readFileSync('/proc/self/schedstat', 'latin1'), 10) / 1e6
  } catch {
    return performance.now()
  }
}
