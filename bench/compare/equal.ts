import type { Dump } from '../../tools/dump.js'

/** What `quix.py` gives: sums at the landmark, each pair's [together, weight]. */
export interface QuixState {
  readonly affinity: Record<string, Record<string, number>>
  /** The time of a listener's latest event, milliseconds. */
  readonly latest: Record<string, number>
  readonly sessions: number
  readonly tracks: Record<
    string,
    { readonly n: number; readonly sessions: number; readonly pairs: Record<string, readonly [number, number]> }
  >
}

const LANDMARK = Date.UTC(2020, 0, 1)
const HALF_LIFE = 90 * 86_400_000
const MOST_NAMED = 5
const EPSILON = 1e-9

/** Every value that Segue published, against the other's: counts and weights exactly, affinities within 1e-9. */
export function differences(segue: Dump, other: QuixState): { readonly compared: number; readonly first: readonly string[] } {
  const first: string[] = []
  let compared = 0
  const check = (name: string, ours: number, theirs: number | undefined, within = 0) => {
    compared++
    const equal = theirs !== undefined && Math.abs(ours - theirs) <= within
    if (!equal && first.length < MOST_NAMED) first.push(`${name}: Segue ${ours}, the other ${theirs ?? 'nothing'}`)
  }
  check('sessions', segue.sessions, other.sessions)
  check('tracks', Object.keys(segue.tracks).length, Object.keys(other.tracks).length)
  for (const [track, { sessions, n, neighbours }] of Object.entries(segue.tracks)) {
    const theirs = other.tracks[track]
    check(`sessions of ${track}`, sessions, theirs?.sessions)
    check(`N of ${track}`, n, theirs?.n)
    for (const [neighbour, [together, weight]] of Object.entries(neighbours)) {
      check(`together of ${track} and ${neighbour}`, together, theirs?.pairs[neighbour]?.[0])
      check(`W of ${track} to ${neighbour}`, weight, theirs?.pairs[neighbour]?.[1])
    }
  }
  for (const [user, artists] of Object.entries(segue.affinity)) {
    const theirs = affinities(other, user)
    for (const { artist_id, affinity } of artists) check(`affinity of ${user} to ${artist_id}`, affinity, theirs.get(artist_id), EPSILON)
  }
  return { compared, first }
}

function affinities({ affinity, latest }: QuixState, user: string): Map<string, number> {
  const decay = 2 ** -(((latest[user] ?? LANDMARK) - LANDMARK) / HALF_LIFE)
  const loves = Object.entries(affinity[user] ?? {}).map(([artist, sum]) => [artist, Math.log1p(Math.max(0, sum * decay))] as const)
  const most = Math.max(0, ...loves.map(([, love]) => love))
  return new Map(loves.map(([artist, love]) => [artist, most === 0 ? 0 : love / most]))
}
