import { type Choice, choose, drawn } from './choice.js'
import { compareIds } from './order.js'
import { AFFINITY_WEIGHT, COOCCURRENCE_WEIGHT, type Contenders, type ContextLists, type Scorer } from './scorer.js'
import { affinityPart, type Situation } from './situation.js'

export interface Scored {
  readonly track_id: string
  /** Undefined: not known (yet). */
  readonly artist_id: string | undefined
  /** In [0, 1]. */
  readonly score: number
  /** The co-occurrence part, in [0, 1]. */
  readonly cooccurrence: number
  /** The affinity part, in [0, 1]: for `session` with the share of the session. */
  readonly affinity: number
  /** Sessions with both this and the current track. */
  readonly together: number
}

/** The first `limit` by score, then together (both descending), then track id (by its UTF-8 bytes). */
export function rank(situation: Situation, contenders: Contenders, limit: number): Scored[] {
  const first: Scored[] = []
  for (let i = 0; i < contenders.tracks.length; i++) {
    const track_id = contenders.tracks[i]!
    const artist_id = contenders.artists[i]
    const affinity = affinityPart(situation, artist_id)
    const cooccurrence = contenders.cooccurrence[i]!
    const score = COOCCURRENCE_WEIGHT * cooccurrence + AFFINITY_WEIGHT * affinity
    const last = first.length === limit ? first[limit - 1]! : undefined
    if (last && score < last.score) continue
    const scored = { track_id, artist_id, score, cooccurrence, affinity, together: contenders.together[i]! }
    if (last && compareScored(scored, last) > 0) continue
    if (last) first.pop()
    let at = first.length
    while (at > 0 && compareScored(scored, first[at - 1]!) < 0) at--
    first.splice(at, 0, scored)
  }
  return first
}

/** `limit` of the contenders that the choice allows, in the same order: the first, or with a seed those that are drawn. */
export function rankAllowed(situation: Situation, contenders: Contenders, limit: number, choice: Choice): Scored[] {
  const all = contenders.tracks.map((track_id, i): Scored => {
    const artist_id = contenders.artists[i]
    const affinity = affinityPart(situation, artist_id)
    const cooccurrence = contenders.cooccurrence[i]!
    const score = COOCCURRENCE_WEIGHT * cooccurrence + AFFINITY_WEIGHT * affinity
    return { track_id, artist_id, score, cooccurrence, affinity, together: contenders.together[i]! }
  })
  all.sort(compareScored)
  if (choice.seed === undefined) return choose(all, limit, choice)
  return choose(drawn(all, limit, choice, choice.seed), limit, choice).sort(compareScored)
}

/**
 * A whole recommendation where artists are at hand: both steps in one. `artistOf` is asked for the contenders whose artist
 * the scorer's index was not told; undefined: not known (yet).
 */
export function recommend(
  scorer: Scorer,
  situation: Situation,
  lists: ContextLists,
  artistOf: (track: string) => string | undefined,
  limit: number
): Scored[] {
  const contenders = scorer.contenders(situation, lists, limit)
  for (let i = 0; i < contenders.tracks.length; i++) contenders.artists[i] ??= artistOf(contenders.tracks[i]!)
  return rank(situation, contenders, limit)
}

function compareScored(a: Scored, b: Scored): number {
  return b.score - a.score || b.together - a.together || compareIds(a.track_id, b.track_id)
}
