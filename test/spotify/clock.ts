import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../connect/clock.js'

/** Time that moves only when everybody sleeps, and then to when the first of them wakes. */
export class DiscreteClock implements Clock {
  private sleepers: { readonly due: number; readonly wake: () => void }[] = []

  constructor(public time: number) {}

  now(): number {
    return this.time
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      signal.addEventListener('abort', () => resolve(), { once: true })
      this.sleepers.push({ due: this.time + ms, wake: resolve })
    })
  }

  /** Until `until`, while so many loops run: each of them sleeps before time moves on. */
  async run(until: number, loops: number): Promise<void> {
    for (;;) {
      while (this.sleepers.length < loops) await nextTurn()
      this.sleepers.sort((a, b) => a.due - b.due)
      const next = this.sleepers[0]!
      if (next.due > until) break
      this.sleepers.shift()
      this.time = Math.max(this.time, next.due)
      next.wake()
    }
    this.time = until
  }
}
