/** Pause after a round of a task that is behind, milliseconds, and as a multiple of what the round took. */
const REST_MS = 10_000
const REST_FACTOR = 2
/** It grows with the time for which the task has been behind, up to this. */
const LONGEST_REST_MS = 120_000

/**
 * When downstream is told of changed keys: with every commit while the task keeps up; in rounds while it is behind, each
 * of the keys that had changed when it began (Kafka Streams' `suppress`). Whatever a machine's speed, at most a third of the
 * time of a task that is behind is a round's; and since a round comes after twice the time of the one before, a long backlog
 * costs few of them.
 */
export class Emission {
  #began = 0
  /** Keys that are left of the round. */
  #left = 0
  /** The next round begins at this time. */
  #next: number

  constructor(
    /** When the task last kept up, or was opened. */
    private behindSince: number
  ) {
    this.#next = behindSince + REST_MS
  }

  /** Whether changed keys may go out with a commit at this time. */
  isDue(now: number, behind: boolean): boolean {
    if (!behind) this.behindSince = now
    return !behind || this.#left > 0 || now >= this.#next
  }

  /** A commit is prepared in which they may: `unemitted` have changed. */
  begin(now: number, unemitted: number): void {
    if (this.#left > 0) return
    this.#began = now
    this.#left = unemitted
  }

  /** So many of them went out, the longest changed first. */
  emitted(now: number, keys: number): void {
    this.#left = Math.max(0, this.#left - keys)
    if (this.#left > 0) return
    const grown = Math.min(LONGEST_REST_MS, now - this.behindSince)
    this.#next = now + Math.max(REST_MS, grown, REST_FACTOR * (now - this.#began))
  }
}
