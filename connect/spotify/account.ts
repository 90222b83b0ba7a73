import type { LedgerPlay } from '../ledger.js'
import type { NewEvent } from '../producer.js'
import type { PlayerState } from './player.js'
import type { Saved } from './read.js'

/** A listener who has connected their Spotify account. */
export interface Account {
  /** The listener's id in Segue. */
  readonly userId: string
  /** Spotify's own id of the account; the one that never changes where Spotify gives it. */
  readonly spotifyId: string
  readonly displayName: string | null
  readonly country: string | null
  /** When they consented, milliseconds since the epoch. */
  readonly connectedAt: number
  /** `reconnect`: the consent has ended, nothing is asked until the listener connects again. */
  readonly status: 'connected' | 'reconnect'
  /** A sentence where there is something to say. */
  readonly detail: string | null
  /** Sealed with the keyring. */
  readonly accessToken: string
  readonly refreshToken: string
  /** Of the access token, milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Plays that Spotify no longer lists: between these times something was played that backfill could not see. */
export interface Gap {
  /** The last play seen before it, milliseconds since the epoch. */
  readonly from: number
  /** The first play seen after it. */
  readonly to: number
  readonly noticedAt: number
}

/** An event on its way to the topics; `play`: what the ledger is asked about it. */
export interface Outgoing {
  readonly event: NewEvent
  readonly play?: LedgerPlay
}

/** How far polling and backfill have come. */
export interface Progress {
  readonly player: PlayerState | null
  /** The tracks saved last, as seen last; null: not yet. */
  readonly saved: readonly Saved[] | null
  /** `played_at` of the newest play that backfill has seen. */
  readonly cursor: number | null
  readonly backfilledAt: number
  readonly gaps: readonly Gap[]
  /** Found and not yet published. */
  readonly outbox: readonly Outgoing[]
}

export const noProgress: Progress = { player: null, saved: null, cursor: null, backfilledAt: 0, gaps: [], outbox: [] }

/** Spotify ends every consent after six months, counted from when it was given; refreshing does not extend it. */
export function consentEnds(connectedAt: number): number {
  const date = new Date(connectedAt)
  date.setUTCMonth(date.getUTCMonth() + 6)
  return date.getTime()
}
