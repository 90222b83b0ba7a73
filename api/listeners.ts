import type { UserSession } from '../schemas/events.js'
import type { View } from '../state/view/view.js'

const REMEMBERED = 500
const FEW = 8

/** The listeners whose sessions changed last, as long as this process has watched; at the start, any that the view has. */
export class RecentListeners {
  /** The most recent last. */
  readonly #users = new Set<string>()
  #seeded: Promise<void> | undefined

  constructor(private readonly view: View) {}

  /** Undefined: any of them may have. */
  changed(users: readonly string[] | undefined): void {
    if (users === undefined) this.#seeded = undefined
    else this.#played(users)
  }

  #played(users: readonly string[]): void {
    for (const user of users) {
      this.#users.delete(user)
      this.#users.add(user)
    }
    for (const eldest of this.#users) {
      if (this.#users.size <= REMEMBERED) break
      this.#users.delete(eldest)
    }
  }

  /** The latest sessions, by their last play. */
  async latest(limit: number): Promise<UserSession[]> {
    return (await this.#sessions(REMEMBERED)).slice(0, limit)
  }

  /** The newest event time among the last few listeners, milliseconds. */
  async newestEvent(): Promise<number | undefined> {
    return (await this.#sessions(FEW))[0]?.last_play_at
  }

  /** Sessions of the last `count` users, by their last play. */
  async #sessions(count: number): Promise<UserSession[]> {
    this.#seeded ??= this.#seed().catch(error => {
      this.#seeded = undefined
      throw error
    })
    await this.#seeded
    const sessions = await this.view.getMany('user-sessions', [...this.#users].slice(-count))
    return sessions.filter(session => session !== undefined).sort((a, b) => b.last_play_at - a.last_play_at)
  }

  async #seed(): Promise<void> {
    const watched = [...this.#users]
    const stored = await this.view.scan('user-sessions', { limit: REMEMBERED })
    this.#played(stored.map(([user]) => user))
    this.#played(watched)
  }
}
