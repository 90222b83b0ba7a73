import { idHash } from '../../schemas/heard.js'

/** What a client leaves out of a list, whatever its score. */
export interface Choice {
  /** Whether a track may be in the list. */
  readonly allows: (track: string) => boolean
  /** Tracks of one artist; those whose artist is not known are not counted. */
  readonly maxPerArtist: number
  /** With one, the list is drawn from the best, the better the likelier; the same seed draws the same. */
  readonly seed?: number | undefined
}

/** How many times the limit are drawn from. */
const POOL = 5

interface Choosable {
  readonly track_id: string
  readonly artist_id: string | undefined
}

/** The first `limit` of a ranked list that the choice allows. */
export function choose<T extends Choosable>(ranked: readonly T[], limit: number, { allows, maxPerArtist }: Choice): T[] {
  const chosen: T[] = []
  const ofArtist = new Map<string, number>()
  for (const item of ranked) {
    if (chosen.length === limit) break
    if (!allows(item.track_id)) continue
    if (item.artist_id !== undefined) {
      const count = ofArtist.get(item.artist_id) ?? 0
      if (count === maxPerArtist) continue
      ofArtist.set(item.artist_id, count + 1)
    }
    chosen.push(item)
  }
  return chosen
}

/** The first of a ranked list in a random order, in which a higher score comes earlier (Efraimidis and Spirakis, 2006). */
export function drawn<T extends Choosable & { readonly score: number }>(
  ranked: readonly T[],
  limit: number,
  choice: Choice,
  seed: number
): T[] {
  const pool = choose(ranked, POOL * limit, { ...choice, maxPerArtist: Number.POSITIVE_INFINITY })
  const keys = new Map(pool.map(item => [item, -Math.log(uniform(seed, item.track_id)) / Math.max(item.score, Number.EPSILON)]))
  return pool.sort((a, b) => keys.get(a)! - keys.get(b)!)
}

/** In (0, 1), of the seed and the track alone. */
const uniform = (seed: number, track: string): number => (idHash(`${seed}\u001f${track}`) + 0.5) / 2 ** 32
