import type { NowPlaying, UserSession } from '../../schemas/events.js'

/** Of a track whose length is not known. */
const USUAL_MS = 10 * 60_000
/** A player that is quiet for so long after its track's end shows it no more. */
const GRACE_MS = 60_000

/** A track that plays at this moment, and has not become a play or a skip yet. */
export interface Playing {
  readonly track_id: string
  readonly track_name: string
  readonly artist_id: string
  readonly artist_name: string
  readonly country: string | null
  /** Milliseconds. */
  readonly since: number
  /** When it is over at the latest, milliseconds. */
  readonly until: number
}

/**
 * What a player shows at the time `at` (milliseconds), if that is newer than the session: a play that has ended is in the session, with
 * the time of its start.
 */
export function playingAt(shown: NowPlaying | undefined, session: UserSession | undefined, at: number): Playing | undefined {
  if (shown === undefined || shown.paused || (session !== undefined && session.last_play_at >= shown.since)) return undefined
  const { track_id, track_name, artist_id, artist_name, country, since, duration_ms } = shown
  const until = since + (duration_ms ?? USUAL_MS) + GRACE_MS
  // Ahead of this clock at most by what an event may be.
  return at > until || at < since - USUAL_MS ? undefined : { track_id, track_name, artist_id, artist_name, country, since, until }
}

/** The session of a listener whose first track has not ended yet. */
export const beginning = (user_id: string, { since, country }: Playing): UserSession => ({
  ...{ user_id, country, plays: 0, tracks: [] },
  started_at: since,
  last_play_at: since
})
