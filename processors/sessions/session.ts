/** Two plays of one listener are neighbours in a session when the later starts at most this much later (semantics.md, section 3). */
export const SESSION_GAP_MS = 60 * 60_000

/** Plays in order of (occurred_at, track id in bytes), as parallel columns. Tracks and artists are ids of `Names`. */
export interface Plays {
  readonly times: number[]
  readonly tracks: number[]
  readonly artists: number[]
}

export interface Session extends Plays {
  /** Stream time when the last play joined it; it is open until RETENTION_MS later. */
  touchedAt: number
  /** No play of the listener that could join a session lies after its last play and before this. */
  clearUntil: number
}

export const firstPlayAt = (session: Plays): number => session.times[0]!
export const lastPlayAt = (session: Plays): number => session.times[session.times.length - 1]!

/** Strings as small, dense ids: a task's own, in memory only. */
export class Names {
  #names: string[] = []
  #ids = new Map<string, number>()

  get size(): number {
    return this.#names.length
  }

  intern(name: string): number {
    const known = this.#ids.get(name)
    if (known !== undefined) return known
    this.#ids.set(name, this.#names.length)
    return this.#names.push(name) - 1
  }

  name(id: number): string {
    return this.#names[id]!
  }

  /** All ids become invalid. */
  clear(): void {
    this.#names = []
    this.#ids = new Map()
  }
}
