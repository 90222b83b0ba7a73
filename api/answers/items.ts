import type { Scored } from '../recommend/rank.js'
import { AFFINITY_WEIGHT, type ContextLists, type Scorer } from '../recommend/scorer.js'
import type { Situation } from '../recommend/situation.js'
import type { RecommendationItem } from '../schemas/recommendations.js'
import type { Names } from './names.js'
import { counted, listed, quoted } from './text.js'

/** What is worth naming as a cause: at least this part of the greatest one, or of the score. */
const NOTABLE = 0.2
const MOST_CAUSES = 3

/** What the listener hears of one recommended track. */
export function itemOf(scored: Scored, situation: Situation, lists: ContextLists, scorer: Scorer, names: Names): RecommendationItem {
  const causes = causesOf(scored, situation, lists, scorer)
  const loved = affinityMatters(scored) ? scored.artist_id! : undefined
  return {
    ...describe(scored, situation, names),
    reasoning: reasoning(scored, situation, causes, loved, names),
    because: {
      tracks: causes.map(track_id => ({ track_id, track_name: names.trackName(track_id) })),
      artist: loved === undefined ? null : { artist_id: loved, artist_name: names.artistName(loved) }
    }
  }
}

/** The item without its reasons. */
export function describe(scored: Scored, situation: Situation, names: Names): Omit<RecommendationItem, 'reasoning' | 'because'> {
  const affinity = scored.artist_id === undefined ? 0 : (situation.affinities.get(scored.artist_id) ?? 0)
  return {
    ...names.track(scored.track_id, scored.artist_id),
    recommendation_score: 100 * scored.score,
    cooccurrence_score: scored.cooccurrence,
    artist_affinity_score: 100 * affinity,
    sessions_together: scored.together
  }
}

export const affinityMatters = (scored: Scored): boolean =>
  scored.artist_id !== undefined && scored.affinity > 0 && AFFINITY_WEIGHT * scored.affinity >= NOTABLE * scored.score

/** The one to three tracks of the context that contributed most. */
function causesOf(scored: Scored, situation: Situation, lists: ContextLists, scorer: Scorer): string[] {
  if (situation.strategy === 'baseline') return situation.context.slice(0, 1)
  const contributions = scorer.contributions(lists, scored.track_id)
  const order = contributions.map((_, k) => k).sort((a, b) => contributions[b]! - contributions[a]! || a - b)
  const notable = NOTABLE * (contributions[order[0] ?? 0] ?? 0)
  const causes = order.filter(k => contributions[k]! > 0 && contributions[k]! >= notable).slice(0, MOST_CAUSES)
  return (causes.length > 0 ? causes : order.slice(0, 1)).map(k => situation.context[k]!)
}

function reasoning(scored: Scored, situation: Situation, causes: readonly string[], loved: string | undefined, names: Names): string {
  const current = situation.context[0]!
  const quotedCauses = listed(causes.map(track => quoted(names.trackName(track))))
  const together = scored.together > 0 ? counted(scored.together, 'session') : undefined
  let text =
    situation.strategy === 'session'
      ? `Often heard around ${quotedCauses}${together && causes.includes(current) ? ` (in ${together} with ${quoted(names.trackName(current))})` : ''}`
      : `In ${together ?? 'no session'} with ${quotedCauses}, ${Math.round(100 * scored.cooccurrence)} % of the sessions that have it`
  if (loved !== undefined) text += `; ${affinitySentence(loved, situation, names)}`
  return `${text}.`
}

function affinitySentence(artist: string, situation: Situation, names: Names): string {
  const name = names.artistName(artist)
  const affinity = situation.affinities.get(artist) ?? 0
  if (affinity >= 0.5) return `${name} is one of this listener's favourite artists`
  const share = situation.strategy === 'session' ? (situation.shares.get(artist) ?? 0) : 0
  return share > 0 && share >= affinity ? `${name} is playing in this session` : `this listener plays ${name} now and then`
}
