import type { ArtistAffinity, UserSession } from '../../schemas/events.js'

/** `baseline` is the original system's; `session` the default (semantics, section 6). */
export type Strategy = 'baseline' | 'session'

/** Two plays at most this far apart belong to one session; a session is current as long after its last play. */
export const SESSION_GAP_MS = 60 * 60_000

/** How many of the session's last distinct tracks are looked at. */
export const CONTEXT_TRACKS = 10

export interface Listener {
  readonly session?: UserSession | undefined
  readonly affinity?: ArtistAffinity | undefined
}

/** A track asked for; its artist where known. */
export interface GivenTrack {
  readonly track_id: string
  readonly artist_id?: string | undefined
}

/** All that a strategy needs to know, apart from the neighbours. */
export interface Situation {
  readonly strategy: Strategy
  /** s_1, s_2, …: the current track first. Only s_1 for `baseline`; empty when nothing is played and no track was given. */
  readonly context: readonly string[]
  /** The distinct tracks of the current session, and the given ones: never recommended. */
  readonly session: ReadonlySet<string>
  /** Per artist: the share of those tracks, in (0, 1]. */
  readonly shares: ReadonlyMap<string, number>
  /** affinity(u, artist), in [0, 1]. */
  readonly affinities: ReadonlyMap<string, number>
  /** The affinity part of the score, in [0, 1]; artists that have none are absent. */
  readonly affinityParts: ReadonlyMap<string, number>
}

/** Whether a session is current at `at` (milliseconds). */
export function isCurrent(session: UserSession | undefined, at: number): session is UserSession {
  return session !== undefined && at - session.last_play_at <= SESSION_GAP_MS
}

/** What a listener is in the middle of at time `at`: the given tracks, the current one first, then the current session, if any. */
export function situationOf(strategy: Strategy, at: number, listener: Listener, given: readonly GivenTrack[] = []): Situation {
  const session = new Set<string>()
  const shares = new Map<string, number>()
  const add = (track: GivenTrack) => {
    if (session.has(track.track_id)) return
    session.add(track.track_id)
    if (track.artist_id !== undefined) shares.set(track.artist_id, (shares.get(track.artist_id) ?? 0) + 1)
  }
  for (const track of given) add(track)
  if (isCurrent(listener.session, at)) for (const track of listener.session.tracks) add(track)
  for (const [artist, count] of shares) shares.set(artist, count / session.size)

  const affinities = new Map<string, number>()
  for (const artist of listener.affinity?.artists ?? []) affinities.set(artist.artist_id, artist.affinity)
  const affinityParts = strategy === 'baseline' ? affinities : halves(shares, affinities)
  const context = firstOf(session, strategy === 'baseline' ? 1 : CONTEXT_TRACKS)
  return { strategy, context, session, shares, affinities, affinityParts }
}

function halves(shares: ReadonlyMap<string, number>, affinities: ReadonlyMap<string, number>): Map<string, number> {
  const parts = new Map<string, number>()
  for (const [artist, share] of shares) parts.set(artist, 0.5 * share + 0.5 * (affinities.get(artist) ?? 0))
  for (const [artist, affinity] of affinities) if (!shares.has(artist)) parts.set(artist, 0.5 * affinity)
  return parts
}

/** The affinity part of an artist; 0 where it is unknown. */
export const affinityPart = ({ affinityParts }: Situation, artist: string | undefined): number =>
  artist === undefined ? 0 : (affinityParts.get(artist) ?? 0)

/** What no artist's affinity part exceeds. */
export function greatestAffinityPart({ affinityParts }: Situation): number {
  let greatest = 0
  for (const part of affinityParts.values()) if (part > greatest) greatest = part
  return greatest
}

function firstOf(values: Iterable<string>, count: number): string[] {
  const first: string[] = []
  for (const value of values) {
    if (first.length === count) break
    first.push(value)
  }
  return first
}
