import type { ListenerProfile } from '../../schemas/events.js'

export type First = 'listener' | 'other' | 'same_time'

/** What two listeners have of one track or artist. */
export interface Heard {
  readonly plays: number | null
  readonly other_plays: number | null
  readonly first_played_at: number | null
  readonly other_first_played_at: number | null
  /** Who heard it first; null: of one of the two it is not known, as it is not among their most played. */
  readonly first: First | null
}

interface Played {
  readonly plays: number
  readonly first_played_at: number
}

/** By id. */
export type PlaysOf = ReadonlyMap<string, Played>

export const tracksOf = (profile: ListenerProfile | undefined): PlaysOf =>
  new Map(profile?.tracks.map(({ track_id, ...played }) => [track_id, played]))

export const artistsOf = (profile: ListenerProfile | undefined): PlaysOf =>
  new Map(profile?.artists.map(({ artist_id, ...played }) => [artist_id, played]))

export function heardOf(id: string, listener: PlaysOf, other: PlaysOf): Heard {
  const [a, b] = [listener.get(id), other.get(id)]
  return {
    plays: a?.plays ?? null,
    other_plays: b?.plays ?? null,
    first_played_at: a?.first_played_at ?? null,
    other_first_played_at: b?.first_played_at ?? null,
    first: a === undefined || b === undefined ? null : firstOf(a.first_played_at, b.first_played_at)
  }
}

function firstOf(listener: number, other: number): First {
  if (listener === other) return 'same_time'
  return listener < other ? 'listener' : 'other'
}

/** What both have among their most played: what both have played often first, equal ones in the order of their ids. */
export function inBoth(listener: PlaysOf, other: PlaysOf): string[] {
  const often = (id: string): number => Math.min(listener.get(id)!.plays, other.get(id)!.plays)
  return [...listener.keys()].filter(id => other.has(id)).sort((a, b) => often(b) - often(a) || (a < b ? -1 : 1))
}
