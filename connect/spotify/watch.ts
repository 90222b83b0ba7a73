import type { Account, Gap, Progress } from './account.js'
import type { AccountStore } from './accounts.js'
import type { SpotifyApi } from './api.js'
import { fetchRecent } from './backfill.js'
import { ForbiddenError, UnavailableError, UnexpectedAnswerError } from './errors.js'
import { liked, outgoingOf, remembered } from './events.js'
import { step } from './player.js'
import { type Published, type Publishing, publish } from './publish.js'
import { readLook, readSaved } from './read.js'
import { savedChanges } from './saved.js'
import type { TokenSource } from './tokens.js'

export interface WatchOptions extends Publishing {
  readonly accounts: AccountStore
  readonly api: SpotifyApi
  readonly tokens: TokenSource
  readonly now: () => number
  readonly onNotice: (sentence: string) => void
}

const SAVED_EVERY_MS = 30_000
const SAVED_REFUSED_MS = 3_600_000
/** How old the progress on disk may be while nothing happens. */
const KEEP_EVERY_MS = 60_000
const FULL_PAGE = 50
/** Of an account whose ledger or log stays out of reach; looking stops until it is sent. */
const FULLEST_OUTBOX = 2_000
const MOST_GAPS = 500

/**
 * One account under watch. What is found is kept on disk before it is published, and forgotten after: a crash anywhere repeats
 * the same events. One process at a time watches an account.
 */
export class Watch {
  private progress: Progress
  private keptAt = 0
  private savedDueAt = 0

  constructor(
    private readonly account: Account,
    private readonly options: WatchOptions
  ) {
    this.progress = options.accounts.progress(account.userId)
  }

  get backfilledAt(): number {
    return this.progress.backfilledAt
  }

  /** Looks at the player, now and then at what was saved. @throws what SpotifyApi and TokenSource throw; what was found stays. */
  async look(): Promise<void> {
    const { api, tokens, now } = this.options
    if (this.progress.outbox.length < FULLEST_OUTBOX) {
      const body = await tokens.use(this.account.userId, token => api.currentlyPlaying(token))
      const { state, changes } = step(this.progress.player, readLook(body, now()))
      const news = changes.map(change => outgoingOf(this.account, change))
      this.progress = { ...this.progress, player: state, outbox: [...this.progress.outbox, ...news] }
      if (changes.length > 0) this.keep()
    }
    await this.send()
    if (now() >= this.savedDueAt && this.progress.outbox.length < FULLEST_OUTBOX) await this.lookAtSaved()
    if (now() - this.keptAt >= KEEP_EVERY_MS) this.keep()
  }

  /** Fetches what Spotify lists as played. Undefined: it is kept for later, the ledger is an import's just now. */
  async backfill(): Promise<Published | undefined> {
    const { api, tokens, now, onNotice } = this.options
    const { userId } = this.account
    const { plays, cursor, gap } = await tokens.use(userId, token => fetchRecent(api, token, this.progress.cursor, now()))
    // What waits comes first: it may tell more of the same plays.
    const outbox = [...this.progress.outbox, ...plays.map(({ track, playedAt }) => remembered(this.account, track, playedAt))]
    const gaps = gap === null ? this.progress.gaps : [...this.progress.gaps, gap].slice(-MOST_GAPS)
    this.progress = { ...this.progress, cursor, gaps, outbox, backfilledAt: now() }
    this.keep()
    if (gap !== null) onNotice(`${userId}: ${describeGap(gap)}`)
    return this.send()
  }

  private async lookAtSaved(): Promise<void> {
    const { api, tokens, now, onNotice } = this.options
    const at = now()
    this.savedDueAt = at + SAVED_EVERY_MS
    try {
      const body = await tokens.use(this.account.userId, token => api.saved(token))
      const saved = readSaved(body)
      const changes = savedChanges(this.progress.saved, saved, body.items.length >= FULL_PAGE, at)
      const isFirst = this.progress.saved === null
      this.progress = {
        ...this.progress,
        saved,
        outbox: [...this.progress.outbox, ...changes.map(change => liked(this.account, change))]
      }
      if (isFirst || changes.length > 0) this.keep()
      await this.send()
    } catch (error) {
      // Likes are the lesser part: where only they can't be had, what is played is still watched.
      if (error instanceof ForbiddenError) {
        this.savedDueAt = at + SAVED_REFUSED_MS
        onNotice(`${this.account.userId}: ${error.message} Likes are not seen.`)
      } else if (!(error instanceof UnavailableError || error instanceof UnexpectedAnswerError)) throw error
    }
  }

  private async send(): Promise<Published | undefined> {
    const { outbox } = this.progress
    if (outbox.length === 0) return { events: 0, known: 0 }
    const published = await publish(this.account.userId, outbox, this.options)
    if (published === undefined) return undefined
    this.progress = { ...this.progress, outbox: [] }
    this.keep()
    return published
  }

  private keep(): void {
    this.options.accounts.setProgress(this.account.userId, this.progress)
    this.keptAt = this.options.now()
  }
}

export const describeGap = ({ from, to }: Gap): string =>
  `More than 50 plays passed between two looks: Spotify no longer lists what was played between ${isoOf(from)} and ${isoOf(to)}.`

const isoOf = (time: number): string => new Date(time).toISOString()
