import type { Clock } from '../../../streams/clock.js'

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** Time that moves on when nothing else does: a run of minutes takes milliseconds, and no two runs of a seed differ. */
export class VirtualClock implements Clock {
  #now = Date.UTC(2026, 0, 1)
  #timers: Timer[] = []

  /** `order`: of timers for the same instant, the lowest goes first. */
  constructor(private readonly order: () => number) {}

  now = (): number => this.#now

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      if (signal?.aborted) return resolve()
      const abort = () => {
        this.#timers.splice(this.#timers.indexOf(timer), 1)
        resolve()
      }
      const run = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const timer = { at: this.#now + ms, order: this.order(), run }
      this.#timers.push(timer)
      signal?.addEventListener('abort', abort, { once: true })
    })

  /** The machine slept: it is later at once. */
  jump(ms: number): void {
    this.#now += ms
  }

  /** Lets time pass until the work is done. @throws Error it never will be: nothing is waiting for time. */
  async run<T>(work: Promise<T>): Promise<T> {
    let running = true
    const done = work.finally(() => {
      running = false
    })
    done.catch(() => {})
    for (let idle = 0; running; ) {
      await new Promise(resolve => setImmediate(resolve))
      if (!running) break
      if (this.#step()) idle = 0
      else if (++idle > 1000) throw new Error('nothing is left to happen')
    }
    return done
  }

  #step(): boolean {
    let next = this.#timers[0]
    if (next === undefined) return false
    for (const timer of this.#timers) if (timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer
    this.#timers.splice(this.#timers.indexOf(next), 1)
    this.#now = Math.max(this.#now, next.at)
    next.run()
    return true
  }
}
