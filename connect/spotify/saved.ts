import type { Track } from './player.js'
import type { Saved } from './read.js'

export interface SavedChange {
  readonly track: Track
  /** When it was saved, as Spotify says; for one taken back, when that was noticed. */
  readonly at: number
  readonly liked: boolean
}

/**
 * Likes and likes taken back, told from the newest saved tracks as they were and as they are, each a list with the newest
 * first. `full`: the list as it is may go on beyond what is shown, so that what is older than its last is not known. What was
 * saved before the first look is no news.
 */
export function savedChanges(before: readonly Saved[] | null, now: readonly Saved[], full: boolean, at: number): SavedChange[] {
  if (before === null) return []
  const known = new Map(before.map(saved => [saved.track.trackId, saved.addedAt]))
  const present = new Set(now.map(saved => saved.track.trackId))
  const newest = before[0]?.addedAt ?? 0
  const oldest = full ? (now.at(-1)?.addedAt ?? 0) : 0
  const taken = before.filter(saved => !present.has(saved.track.trackId) && saved.addedAt >= oldest)
  // What comes up from below because newer ones were taken back is old.
  const added = now.filter(saved => known.get(saved.track.trackId) !== saved.addedAt && saved.addedAt >= newest)
  return [
    ...taken.map(({ track }) => ({ track, at, liked: false })),
    ...added.map(({ track, addedAt }) => ({ track, at: addedAt, liked: true }))
  ].sort((a, b) => a.at - b.at)
}
