import type { Session } from './session.js'

/** What is known in memory of one listener's sessions. */
export interface Listener {
  /** The open session with the greatest last play. */
  latest: Session | undefined
  /** Another one, into which a play came last: histories are imported in order of time, whatever was played since. */
  recent: Session | undefined
  /** The country that was last published. */
  country: string | null
}

/**
 * Listeners by user id, at most about twice `limit` plays of them: two generations, of which the older is forgotten when
 * the younger is full.
 */
export class ListenerCache {
  #young = new Map<string, Listener>()
  #old = new Map<string, Listener>()
  #plays = 0

  constructor(private readonly limit: number) {}

  get(user: string): Listener | undefined {
    const young = this.#young.get(user)
    if (young !== undefined) return young
    const old = this.#old.get(user)
    if (old === undefined) return undefined
    this.#old.delete(user)
    this.set(user, old)
    return old
  }

  set(user: string, listener: Listener): void {
    this.#young.set(user, listener)
    this.grew(1 + (listener.latest?.times.length ?? 0) + (listener.recent?.times.length ?? 0))
  }

  /** So many plays more are held of a listener. */
  grew(plays: number): void {
    this.#plays += plays
    if (this.#plays < this.limit) return
    this.#old = this.#young
    this.#young = new Map()
    this.#plays = 0
  }

  forget(user: string): void {
    this.#young.delete(user)
    this.#old.delete(user)
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
    this.#plays = 0
  }
}
