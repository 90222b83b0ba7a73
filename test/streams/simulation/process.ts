import type { Clock } from '../../../streams/clock.js'

const NEVER = new Promise<never>(() => {})

/**
 * A process as the outside sees it: what comes in reaches it at once, after a pause (SIGSTOP), or never again (SIGKILL).
 * Whatever the engine does between two answers it does at once, so this is all that a fault can be.
 */
export class Process {
  alive = true
  #held: (() => void)[] | undefined
  /** Undefined: others know that it is dead. */
  #mourners: (() => void)[] | undefined = []
  readonly clock: Clock

  /** `work`: called whenever it looks at the clock, which is a moment to let it have taken some time. */
  constructor(clock: Clock, work: () => void) {
    const now = () => {
      work()
      return clock.now()
    }
    this.clock = { now, sleep: (ms, signal) => this.gate(clock.sleep(ms, signal)) }
  }

  deliver(arrival: () => void): void {
    if (!this.alive) return
    if (this.#held === undefined) arrival()
    else this.#held.push(arrival)
  }

  /** An answer from outside. */
  gate<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) =>
      answer.then(
        value => this.deliver(() => resolve(value)),
        error => this.deliver(() => reject(error))
      )
    )
  }

  /** A request to the outside and its answer. A dead process asks nothing. */
  call<T>(request: () => Promise<T>): Promise<T> {
    return this.alive ? this.gate(request()) : NEVER
  }

  /** What others do when they have noticed that it is dead. */
  onDeath(callback: () => void): void {
    if (this.#mourners === undefined) callback()
    else this.#mourners.push(callback)
  }

  /** They have noticed. */
  mourn(): void {
    const mourners = this.#mourners ?? []
    this.#mourners = undefined
    for (const callback of mourners) callback()
  }

  pause(): void {
    this.#held ??= []
  }

  resume(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const arrival of held) this.deliver(arrival)
  }

  kill(): void {
    this.alive = false
    this.#held = undefined
  }
}
