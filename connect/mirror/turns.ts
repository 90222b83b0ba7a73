import { setImmediate } from 'node:timers/promises'

const TURN_MS = 5

/** Shares the event loop: of each turn, all that ask take about `TURN_MS` together; who comes later gets a later turn, in order. */
export class Turns {
  #until = 0
  #last: Promise<void> = Promise.resolve()

  /** Resolves when there is time to go on. */
  next(): Promise<void> {
    this.#last = this.#last.then(async () => {
      if (performance.now() < this.#until) return
      await setImmediate()
      this.#until = performance.now() + TURN_MS
    })
    return this.#last
  }
}
