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
  const loved = affinityMatters(scored) ? scored.artist_id : undefined
  const tracks = causes.map(track_id => ({ track_id, track_name: names.trackName(track_id) }))
  return item(scored, situation, names, reasoning(scored, situation, causes, loved, names), { tracks, artist: named(loved, names) })
}

export const named = (artist_id: string | undefined, names: Names) =>
  artist_id === undefined ? null : { artist_id, artist_name: names.artistName(artist_id) }

/** Field by field: on this path spreading objects took a seventh of the time. */
export function item(
  { track_id, artist_id, score, cooccurrence, together }: Scored,
  { affinities }: Situation,
  names: Names,
  reasoning: string,
  because: RecommendationItem['because']
): RecommendationItem {
  return {
    track_id,
    track_name: names.trackName(track_id),
    artist_id: artist_id ?? null,
    artist_name: artist_id === undefined ? null : names.artistName(artist_id),
    recommendation_score: 100 * score,
    cooccurrence_score: cooccurrence,
    artist_affinity_score: artist_id === undefined ? 0 : 100 * (affinities.get(artist_id) ?? 0),
    sessions_together: together,
    reasoning,
    because
  }
}

const affinityMatters = ({ affinity, score }: Scored): boolean => affinity > 0 && AFFINITY_WEIGHT * affinity >= NOTABLE * score

/** The one to three tracks of the context that contributed most, the strongest first. */
function causesOf(scored: Scored, situation: Situation, lists: ContextLists, scorer: Scorer): string[] {
  const { context } = situation
  if (situation.strategy === 'baseline') return [context[0]!]
  const contributions = scorer.contributions(lists, scored.track_id)
  const causes: string[] = []
  for (let first = 0; causes.length < MOST_CAUSES; ) {
    const greatest = Math.max(...contributions)
    if (causes.length === 0) first = greatest
    else if (greatest <= 0 || greatest < NOTABLE * first) break
    const k = contributions.indexOf(greatest)
    causes.push(context[k]!)
    contributions[k] = -1
  }
  return causes
}

function reasoning(scored: Scored, situation: Situation, causes: readonly string[], loved: string | undefined, names: Names): string {
  const text = situation.strategy === 'session' ? around(scored, situation, causes, names) : beside(scored, causes, names)
  return loved === undefined ? `${text}.` : `${text}; ${affinitySentence(loved, situation, names)}.`
}

function around({ together }: Scored, { context }: Situation, causes: readonly string[], names: Names): string {
  const current = quoted(names.trackName(context[0]!))
  const sessions = counted(together, 'session')
  if (causes.length === 1 && causes[0] === context[0] && together > 0) return `Heard with ${current} in ${sessions}`
  const text = `Often heard around ${listed(causes.map(track => quoted(names.trackName(track))))}`
  return together > 0 && causes.includes(context[0]!) ? `${text} (in ${sessions} with ${current})` : text
}

const beside = ({ together, cooccurrence }: Scored, [current = '']: readonly string[], names: Names): string =>
  `In ${counted(together, 'session')} with ${quoted(names.trackName(current))}, ${Math.round(100 * cooccurrence)} % of the sessions that have it`

function affinitySentence(artist: string, situation: Situation, names: Names): string {
  const name = names.artistName(artist)
  const affinity = situation.affinities.get(artist) ?? 0
  if (affinity >= 0.5) return `${name} is one of this listener's favourite artists`
  const share = situation.strategy === 'session' ? (situation.shares.get(artist) ?? 0) : 0
  return share > 0 && share >= affinity ? `${name} is playing in this session` : `this listener plays ${name} now and then`
}
