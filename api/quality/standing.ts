import { setTimeout as sleep } from 'node:timers/promises'
import { idHash } from '../../schemas/heard.js'
import type { View } from '../../state/view/view.js'
import type { Recommender } from '../answers/recommendations.js'
import type { Facts } from '../exposures.js'
import { isCurrent } from '../recommend/situation.js'
import { STRATEGIES } from '../schemas/recommendations.js'

export interface StandingOptions {
  /** Lists are made after one of so many plays, chosen by a hash of listener and time; 0: never. */
  readonly oneIn: number
  /** After at most so many plays a second. */
  readonly perSecond: number
  /** How long after the play: what it changes in other topics has arrived by then, milliseconds. */
  readonly delayMs: number
}

export interface StandingParts {
  readonly view: View
  readonly recommender: Recommender
  readonly facts: Facts
  readonly now: () => number
  readonly options: StandingOptions
  readonly onError: (error: unknown) => void
  /** Whether this process answers for the listener, where several share a view. */
  readonly owns: (user: string) => boolean
}

const LIST = 10
/** Listeners that wait for their lists. */
const WAITING = 500
const REMEMBERED = 20_000

interface Counts {
  made: number
  /** Because more was played than lists may be made. */
  passed: number
}

/**
 * After a play, tells what each strategy would recommend from there on, for the next play to be scored against. Nothing is made
 * of sessions that are over: while history is read, no list stood before its plays.
 */
export class StandingLists {
  /** When each may be looked at. */
  readonly #waiting = new Map<string, number>()
  /** The last play that a listener's lists follow. */
  readonly #basis = new Map<string, number>()
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  readonly counts: Counts = { made: 0, passed: 0 }

  constructor(private readonly parts: StandingParts) {}

  /** Sessions of these listeners changed. */
  changed(users: readonly string[]): void {
    const { options, owns, now } = this.parts
    if (options.oneIn === 0) return
    for (const user of users) {
      if (!owns(user)) continue
      if (!this.#waiting.delete(user) && this.#waiting.size >= WAITING) {
        this.counts.passed++
        continue
      }
      this.#waiting.set(user, now() + options.delayMs)
    }
    if (this.#waiting.size > 0) this.#running ??= this.#run()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  /** Makes the lists of all that wait, at once. */
  async settle(): Promise<void> {
    for (const [user] of this.#waiting) {
      this.#waiting.delete(user)
      await this.#make(user)
    }
  }

  async #run(): Promise<void> {
    const { options, now, onError } = this.parts
    const { signal } = this.#stop
    while (!signal.aborted) {
      const [user, due] = this.#waiting.entries().next().value ?? []
      if (user === undefined || due === undefined) break
      const wait = due - now()
      if (wait > 0) {
        await sleep(Math.min(wait, options.delayMs), undefined, { signal, ref: false }).catch(() => undefined)
        continue
      }
      this.#waiting.delete(user)
      const isMade = await this.#make(user).catch(onError)
      if (isMade) await sleep(1000 / options.perSecond, undefined, { signal, ref: false }).catch(() => undefined)
    }
    this.#running = undefined
  }

  /** False: there is nothing to make. */
  async #make(user: string): Promise<boolean> {
    const { view, recommender, facts, now, options } = this.parts
    const session = await view.get('user-sessions', user)
    if (!isCurrent(session, now())) return false
    const basis_at = session.last_play_at
    if (this.#basis.get(user) === basis_at || idHash(`${user}\u001f${basis_at}`) % options.oneIn !== 0) return false
    this.#remember(user, basis_at)
    const lists: { strategy: string; tracks: string[] }[] = []
    for (const strategy of STRATEGIES) lists.push({ strategy, tracks: await recommender.ids(user, strategy, LIST, now()) })
    const tracks = session.tracks.map(({ track_id }) => track_id)
    facts.tell({ topic: 'standing-recommendations', value: { user_id: user, made_at: now(), basis_at, session: tracks, lists } })
    this.counts.made++
    return true
  }

  #remember(user: string, basis: number): void {
    this.#basis.delete(user)
    this.#basis.set(user, basis)
    for (const eldest of this.#basis.keys()) {
      if (this.#basis.size <= REMEMBERED) break
      this.#basis.delete(eldest)
    }
  }
}
