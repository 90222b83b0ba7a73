import type { Dump } from './dump.js'

/** Affinities are sums of doubles in any order; everything else is exact. */
const AFFINITY_TOLERANCE = 1e-9

/** What differs between two dumps, a sentence each; artists with affinities closer than the tolerance may swap. */
export function differences(expected: Dump, actual: Dump): string[] {
  const found: string[] = []
  const same = (what: string, a: unknown, b: unknown) => {
    if (JSON.stringify(a) !== JSON.stringify(b)) found.push(`${what}: expected ${JSON.stringify(a)}, got ${JSON.stringify(b)}`)
  }
  const sorted = (counts: Record<string, unknown>) => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))
  same('accepted', sorted(expected.accepted), sorted(actual.accepted))
  same('rejected', sorted(expected.rejected), sorted(actual.rejected))
  same('duplicates', expected.duplicates, actual.duplicates)
  same('sessions', expected.sessions, actual.sessions)
  for (const id of keysOf(expected.tracks, actual.tracks)) {
    const [a, b] = [expected.tracks[id], actual.tracks[id]]
    same(`track ${id}`, a && [a.sessions, a.n, sorted(a.neighbours)], b && [b.sessions, b.n, sorted(b.neighbours)])
  }
  for (const id of keysOf(expected.affinity, actual.affinity)) compareAffinity(id, expected.affinity[id], actual.affinity[id], found)
  return found
}

const keysOf = (a: object, b: object): Set<string> => new Set([...Object.keys(a), ...Object.keys(b)])

type Artists = Dump['affinity'][string]

function compareAffinity(user: string, expected: Artists | undefined, actual: Artists | undefined, found: string[]): void {
  if (expected === undefined || actual === undefined || expected.length !== actual.length) {
    found.push(`affinity of ${user}: expected ${expected?.length ?? 'no'} artists, got ${actual?.length ?? 'none'}`)
    return
  }
  for (const [i, artist] of expected.entries()) {
    const other = actual[i]!
    const close = Math.abs(artist.affinity - other.affinity) <= AFFINITY_TOLERANCE
    const swapped = close && artist.artist_id !== other.artist_id
    if (close && (swapped || artist.plays === other.plays)) continue
    found.push(`affinity of ${user}, place ${i + 1}: expected ${JSON.stringify(artist)}, got ${JSON.stringify(other)}`)
  }
}
