import type { SessionTrack, UserSession } from '../../schemas/events.js'
import { firstPlayAt, lastPlayAt, type Names, type Session } from './session.js'

/** The tracks that are listed take about this many bytes at most: a session without end must fit into a record. */
const LIST_BYTES = 384 * 1024

/** What is published of a listener's latest session. */
export function userSession(user: string, session: Session, names: Names, country: string | null): UserSession {
  const { times, tracks, artists } = session
  const listed = new Set<number>()
  const list: SessionTrack[] = []
  let bytes = 0
  for (let i = tracks.length - 1; i >= 0 && bytes < LIST_BYTES; i--) {
    const track = tracks[i]!
    if (listed.has(track)) continue
    listed.add(track)
    const entry = { track_id: names.name(track), artist_id: names.name(artists[i]!), last_played_at: times[i]! }
    // An id has at most 128 bytes.
    bytes += entry.track_id.length + entry.artist_id.length + 10
    list.push(entry)
  }
  return { user_id: user, started_at: firstPlayAt(session), last_play_at: lastPlayAt(session), plays: times.length, country, tracks: list }
}
