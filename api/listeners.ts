import type { UserSession } from '../schemas/events.js'
import type { View } from '../state/view/view.js'
import { beginning, type Playing, playingAt } from './answers/playing.js'

const REMEMBERED = 500
const FEW = 8

export interface Listening {
  readonly session: UserSession
  /** What plays now and is not in the session yet. */
  readonly playing: Playing | undefined
}

const latestOf = ({ session, playing }: Listening): number => Math.max(session.last_play_at, playing?.since ?? 0)

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

  /** The latest sessions, by their last play or what plays at the time `at` (milliseconds). */
  async latest(limit: number, at: number): Promise<Listening[]> {
    return (await this.#listening(REMEMBERED, at)).slice(0, limit)
  }

  /** The newest event time among the last few listeners, milliseconds. */
  async newestEvent(): Promise<number | undefined> {
    return (await this.#listening(FEW, Number.NEGATIVE_INFINITY))[0]?.session.last_play_at
  }

  /** Of the last `count` users. */
  async #listening(count: number, at: number): Promise<Listening[]> {
    this.#seeded ??= this.#seed().catch(error => {
      this.#seeded = undefined
      throw error
    })
    await this.#seeded
    const users = [...this.#users].slice(-count)
    const [sessions, players] = await Promise.all([this.view.getMany('user-sessions', users), this.view.getMany('now-playing', users)])
    const all = users.flatMap((user, i): Listening[] => {
      const playing = playingAt(players[i], sessions[i], at)
      const session = sessions[i] ?? (playing && beginning(user, playing))
      return session ? [{ session, playing }] : []
    })
    return all.sort((a, b) => latestOf(b) - latestOf(a))
  }

  async #seed(): Promise<void> {
    const watched = [...this.#users]
    for (const space of ['user-sessions', 'now-playing'] as const) {
      const stored = await this.view.scan(space, { limit: REMEMBERED })
      this.#played(stored.map(([user]) => user))
    }
    this.#played(watched)
  }
}
