import { artistListenerKey, tastePart, tasteStep } from '../../schemas/catalogue.js'
import type { View } from '../../state/view/view.js'
import { compareIds } from '../recommend/order.js'
import { type Similarity, similarityOf, type TasteVector, tasteOf } from './similarity.js'

/** Artists of a listener by which others are looked for, the strongest ones. */
const TERMS = 8
/** Read of the index for each. */
const PER_TERM = 80
/** Compared exactly. */
const CANDIDATES = 200
/** How much stronger another's love of the artist may be, in steps, to be read first. */
const STRONGER = 2

export interface SimilarListener extends Similarity {
  readonly user_id: string
}

/**
 * Listeners who love the strongest artists of `taste` about as much, the most promising first. Bounded: what is read does
 * not depend on how many listeners there are.
 */
export async function candidatesOf(view: Pick<View, 'scan'>, taste: TasteVector, userId: string): Promise<string[]> {
  const terms = [...taste].sort(([a, x], [b, y]) => y - x || compareIds(a, b)).slice(0, TERMS)
  const promise = new Map<string, number>()
  await Promise.all(
    terms.map(async ([artist, part]) => {
      const from = Math.max(0, tasteStep(part) - STRONGER)
      const found = await view.scan('artist-listeners', {
        prefix: `${artist}|`,
        after: artistListenerKey(artist, from, ''),
        limit: PER_TERM
      })
      for (const [, { artist_id, user_id, step }] of found) {
        // Another artist's id may begin with this one and a bar.
        if (artist_id !== artist || user_id === userId) continue
        promise.set(user_id, (promise.get(user_id) ?? 0) + part * tastePart(step))
      }
    })
  )
  return [...promise]
    .sort(([a, x], [b, y]) => y - x || compareIds(a, b))
    .slice(0, CANDIDATES)
    .map(([user]) => user)
}

/** Those of the given listeners who are like the one of `taste`, the most alike first. */
export async function similarOf(view: Pick<View, 'getMany'>, taste: TasteVector, users: readonly string[]): Promise<SimilarListener[]> {
  const affinities = await view.getMany('artist-affinity', users)
  return users
    .map((user_id, i) => ({ user_id, ...similarityOf(taste, tasteOf(affinities[i])) }))
    .filter(({ similarity }) => similarity > 0)
    .sort((a, b) => b.similarity - a.similarity || compareIds(a.user_id, b.user_id))
}
