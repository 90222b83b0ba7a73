import { generator } from '../../../bench/reference.js'

/** All chance comes from one seed: the same seed, the same run. */
export class Chance {
  /** How often it was asked. */
  asked = 0
  readonly #generator: () => number
  /** Faults end before the run does, so that it must come to rest. */
  faults = true

  constructor(seed: number) {
    this.#generator = generator(seed)
  }

  /** In [0, 1). */
  share(): number {
    return this.#next()
  }

  /** In [0, below). */
  below(below: number): number {
    return Math.floor(this.#next() * below)
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  happens(probability: number): boolean {
    return this.#next() < probability
  }

  fault(probability: number): boolean {
    return this.#next() < probability && this.faults
  }

  #next(): number {
    this.asked++
    return this.#generator()
  }

  /** How long a request or an answer is on its way, milliseconds: nearly always short, now and then very long. */
  latency(): number {
    const share = this.#next()
    if (share < 0.5) return 0
    return share < 0.97 ? this.below(4) : this.below(this.faults ? 600 : 20)
  }
}
