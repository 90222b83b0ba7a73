import { SESSION_GAP_MS } from '../sessions/session.js'
import { type History, type HistoryKey, type Kept, parseHistoryKey, RETENTION_MS } from './history.js'

/** Keys read in one slice: at least, per event accepted since the last one, and at most (some 2 microseconds each). */
const SLICE = 2_000
const PER_EVENT = 2
const MAX_SLICE = 20_000
/** A new pass over the store begins this long after the last one began, or later. */
const PASS_MS = 6 * 3_600_000
/** A chain of plays longer than this stays: what it holds in memory while it is read must be bounded. */
const MAX_CHAIN = 100_000

/** Whether a moment of stream time is beyond the retention. */
export const isOver = (moment: number, now: number): boolean => now - moment > RETENTION_MS

/** Plays of one listener with gaps of at most an hour: one open session, or what is left of sessions that are over. */
interface Chain {
  readonly user: string
  /** Stream time when its reading began: what is over is judged as of then, however many slices it takes. */
  readonly since: number
  lastPlayAt: number
  /** One of its plays joined a session within the retention: all of the chain stays. */
  open: boolean
  /** Keys that can go if none of the chain is open. */
  over: string[]
}

/**
 * Deletes, slice by slice, the entries of listening-history whose key need not be remembered and whose session is over.
 * Nothing depends on how far it is: those who read the store ignore what is over. So its position is only in memory.
 */
export class Sweep {
  #cursor = ''
  #chain: Chain | undefined
  #accepted = 0
  #oldest = Number.POSITIVE_INFINITY
  #passBegan = Number.NEGATIVE_INFINITY
  #restUntil = Number.NEGATIVE_INFINITY

  constructor(private readonly history: History) {}

  /** To be called per event put into the store: what flows in must be able to flow out. */
  accepted(): void {
    this.#accepted++
  }

  slice(now: number): void {
    const limit = Math.min(SLICE + PER_EVENT * this.#accepted, MAX_SLICE)
    this.#accepted = 0
    if (now < this.#restUntil) return
    if (this.#cursor === '') this.#begin(now)
    const entries = [...this.history.range({ gte: this.#cursor, limit })]
    for (const [key, kept] of entries) this.#visit(key, kept, now)
    if (entries.length === limit) this.#cursor = `${entries[limit - 1]![0]}\u0000`
    else this.#end()
  }

  #begin(now: number): void {
    this.#passBegan = now
    this.#oldest = now
  }

  #end(): void {
    this.#closeChain()
    this.#cursor = ''
    this.#restUntil = Math.max(this.#oldest + RETENTION_MS, this.#passBegan + PASS_MS)
  }

  #visit(key: string, kept: Kept, now: number): void {
    const parsed = parseHistoryKey(key)
    if (!parsed.isPlay) {
      if (isOver(kept.readAt, now)) this.history.delete(key)
      else this.#stays(kept)
      return
    }
    const chain = this.#chainOf(parsed, now)
    chain.lastPlayAt = parsed.occurredAt
    if (!isOver(kept.joinedAt, chain.since) || chain.over.length >= MAX_CHAIN) {
      chain.open = true
      chain.over.length = 0
    }
    if (isOver(kept.readAt, chain.since)) {
      if (!chain.open) chain.over.push(key)
    } else this.#stays(kept)
  }

  #stays(kept: Kept): void {
    this.#oldest = Math.min(this.#oldest, kept.readAt)
  }

  #chainOf({ user, occurredAt }: HistoryKey, now: number): Chain {
    const chain = this.#chain
    if (chain !== undefined && chain.user === user && occurredAt - chain.lastPlayAt <= SESSION_GAP_MS) return chain
    this.#closeChain()
    this.#chain = { user, since: now, lastPlayAt: occurredAt, open: false, over: [] }
    return this.#chain
  }

  #closeChain(): void {
    for (const key of this.#chain?.over ?? []) this.history.delete(key)
    this.#chain = undefined
  }
}
