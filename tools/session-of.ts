/** The session of one play, from canonical events (semantics.md, sections 3 and 4). Pure. */
import type { JourneyTrack } from '../api/diagnosis.js'
import type { ListeningEvent } from '../schemas/events.js'

const SESSION_GAP_MS = 60 * 60_000
/** How many distinct tracks back a play still follows another. */
const REACH = 20

type Event = Pick<ListeningEvent, 'action' | 'type' | 'track_id' | 'occurred_at'>

export interface FoundSession {
  readonly started_at: number
  readonly last_play_at: number
  readonly plays: readonly JourneyTrack[]
  readonly place: number
}

/** One listener's events as they stand in the topic: counted, and taken back. Undefined: the play is none of them. */
export function sessionAround(events: readonly Event[], play: Event): FoundSession | undefined {
  const counted = new Map<string, JourneyTrack>()
  for (const { action, type, track_id, occurred_at } of events) {
    if (type !== 'play') continue
    const key = `${occurred_at} ${track_id}`
    if (action === 'count') counted.set(key, { track_id, occurred_at })
    else counted.delete(key)
  }
  const plays = [...counted.values()].sort(
    (a, b) => a.occurred_at - b.occurred_at || Buffer.compare(Buffer.from(a.track_id), Buffer.from(b.track_id))
  )
  const own = plays.findIndex(({ track_id, occurred_at }) => track_id === play.track_id && occurred_at === play.occurred_at)
  if (own === -1) return undefined
  const joins = (i: number) => plays[i]!.occurred_at - plays[i - 1]!.occurred_at <= SESSION_GAP_MS
  let first = own
  while (first > 0 && joins(first)) first--
  let last = own
  while (last < plays.length - 1 && joins(last + 1)) last++
  const found = plays.slice(first, last + 1)
  return {
    started_at: found[0]!.occurred_at,
    last_play_at: found.at(-1)!.occurred_at,
    plays: found,
    place: own - first
  }
}

/**
 * The pairs that a play takes part in: each other track of the session, with how many distinct tracks back it was played before the
 * play (k = 1 is the one just before), and how many distinct tracks later one of its plays first looks back to this one.
 */
export function pairsOf(
  plays: readonly JourneyTrack[],
  place: number
): { track_id: string; before: number | null; after: number | null }[] {
  const own = plays[place]!.track_id
  const before = reached(plays.slice(0, place).reverse(), own)
  const after = reached(plays.slice(place + 1), own)
  const others = [...new Set(plays.map(({ track_id }) => track_id))].filter(track => track !== own)
  return others.map(track_id => ({ track_id, before: before.get(track_id) ?? null, after: after.get(track_id) ?? null }))
}

/** Distinct tracks in the order in which they are met, up to the play's own track met again. */
function reached(plays: readonly JourneyTrack[], own: string): Map<string, number> {
  const met = new Map<string, number>()
  for (const { track_id } of plays) {
    if (track_id === own || met.size === REACH) break
    if (!met.has(track_id)) met.set(track_id, met.size + 1)
  }
  return met
}
