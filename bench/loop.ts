import { openSync, readSync } from 'node:fs'

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

const schedstat = opened()
const line = Buffer.alloc(64)

/** Of the main thread: nanoseconds on the processor come first. Read a thousand times a second: the file stays open. */
function busyMs(): number {
  if (schedstat === undefined) return performance.now()
  return Number.parseInt(line.toString('latin1', 0, readSync(schedstat, line, 0, line.length, 0)), 10) / 1e6
}

function opened(): number | undefined {
  try {
    return openSync('/proc/self/schedstat', 'r')
  } catch {
    return undefined
  }
}
