import type { Gap } from './account.js'
import type { SpotifyApi } from './api.js'
import type { Track } from './player.js'
import { readTrack } from './read.js'

/** Spotify's list ends after 50 plays; more pages than this are some other server's. */
const MOST_PAGES = 20
const PAGE = 50

export interface Recent {
  readonly track: Track
  /** Milliseconds since the epoch. */
  readonly playedAt: number
}

export interface Backfill {
  /** All that Spotify still lists, oldest first; what is older than the cursor too, since a device that was offline reports late. */
  readonly plays: readonly Recent[]
  readonly cursor: number | null
  /** The list is too short to reach back to the cursor. */
  readonly gap: Gap | null
}

/** What was played last, back to `cursor`, the newest play of the time before. @throws what SpotifyApi throws */
export async function fetchRecent(api: SpotifyApi, token: string, cursor: number | null, now: number): Promise<Backfill> {
  const plays: Recent[] = []
  let listed = 0
  let oldest = Number.POSITIVE_INFINITY
  let newest = cursor ?? 0
  let next: string | null | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const body = await api.recentlyPlayed(token, next ?? undefined)
    listed += body.items.length
    for (const item of body.items) {
      const playedAt = Date.parse(item.played_at)
      oldest = Math.min(oldest, playedAt)
      newest = Math.max(newest, playedAt)
      const track = readTrack(item.track)
      if (track !== undefined) plays.push({ track, playedAt })
    }
    next = body.next
    if (!next || body.items.length === 0 || (cursor !== null && oldest <= cursor)) break
  }
  plays.sort((a, b) => a.playedAt - b.playedAt)
  const missed = cursor !== null && listed >= PAGE && oldest > cursor
  return { plays, cursor: listed > 0 ? newest : cursor, gap: missed ? { from: cursor, to: oldest, noticedAt: now } : null }
}
