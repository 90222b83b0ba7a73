import { ViewUnavailableError } from '../../state/view/view.js'
import type { AnswerCache } from '../cache.js'
import { type Facts, timeId } from '../exposures.js'
import { type Experiment, variantOf } from '../recommend/experiment.js'
import type { Strategy } from '../recommend/situation.js'
import { type Answer, DEFAULT_STRATEGY } from '../schemas/recommendations.js'
import type { RecommendationRequest, Recommender, Wish } from './recommendations.js'
import { asCached, asStale, serialise, stampTime } from './served.js'

/** What a client asks for, checked. */
export interface Asked {
  readonly given: readonly string[]
  readonly user: string | undefined
  /** Absent: the experiment's, or the default. */
  readonly strategy?: Strategy | undefined
  readonly limit: number
  /** T, where it is not now: such an answer is neither kept nor an exposure. */
  readonly at?: number | undefined
  readonly wish?: Wish | undefined
}

/** Ready-made JSON: send it before anything else runs, because the next answer from the cache may be the same bytes. */
export interface Served {
  readonly json: Buffer | string
  /** Of the last known answer, while no new one can be computed, milliseconds. */
  readonly age?: number
}

/** As it was computed, until it is asked for again: most are not. */
export interface Kept {
  json: Buffer
  isCached: boolean
}

export interface ServingParts {
  readonly cache: AnswerCache<Kept>
  readonly recommender: Recommender
  readonly experiment: Experiment | undefined
  readonly facts: Facts | undefined
  readonly now: () => number
}

/** Answers from the cache, or computes, keeps and tells that it was given. */
export class Serving {
  constructor(private readonly parts: ServingParts) {}

  /** At once where the cache has it. @throws ProblemError 404 */
  answer(asked: Asked): Served | Promise<Served> {
    const { cache, experiment, now } = this.parts
    const started = performance.now()
    const time = now()
    const { user } = asked
    const isDivided = asked.strategy === undefined && user !== undefined && experiment !== undefined
    const strategy = asked.strategy ?? (isDivided ? variantOf(experiment, user) : DEFAULT_STRATEGY)
    const key = keyOf(asked, strategy, isDivided)
    const cached = key === undefined ? undefined : cache.get(key, time)
    if (cached !== undefined) return { json: stampTime(cachedJson(cached), performance.now() - started) }
    const id = user === undefined || asked.at !== undefined ? null : timeId(time)
    const request = { ...asked, strategy, id, experiment: isDivided ? experiment.name : null, now: time, at: asked.at ?? time }
    return this.#compute(request, key, started)
  }

  async #compute(request: RecommendationRequest, key: string | undefined, started: number): Promise<Served> {
    const { cache, recommender } = this.parts
    const look = cache.look(request.user ?? '')
    try {
      const { answer, until } = await recommender.recommend(request)
      const json = stampTime(serialise(answer), performance.now() - started)
      if (key !== undefined) cache.put(key, look, { json, isCached: false }, json.length, request.now, until)
      this.#expose(request, answer)
      return { json }
    } catch (error) {
      const known = error instanceof ViewUnavailableError && key !== undefined ? cache.lastKnown(key, request.now) : undefined
      if (known === undefined) throw error
      return { json: asStale(known.value.json), age: known.age }
    }
  }

  #expose({ id, user, now, strategy, experiment }: RecommendationRequest, { track_id, recommendations, fallback }: Answer): void {
    if (id === null || user === undefined || recommendations.length === 0) return
    const tracks = recommendations.map(item => item.track_id)
    const exposure = {
      recommendation_id: id,
      user_id: user,
      made_at: now,
      strategy,
      experiment,
      track_id,
      tracks,
      fallback: fallback?.source ?? null
    }
    this.parts.facts?.tell({ topic: 'recommendation-exposures', value: exposure })
  }
}

function cachedJson(kept: Kept): Buffer {
  if (!kept.isCached) {
    kept.json = asCached(kept.json)
    kept.isCached = true
  }
  return kept.json
}

/** Undefined: an answer that is not kept. Ids hold no control characters, so the separator can't be forged. */
function keyOf({ given, user, limit, at, wish }: Asked, strategy: Strategy, isDivided: boolean): string | undefined {
  if (at !== undefined || given.length > 1) return undefined
  const key = `${given[0] ?? ''}\n${user ?? ''}\n${limit}\n${strategy}${isDivided ? '\n?' : ''}`
  if (wish === undefined) return key
  return wish.exclude.length > 0 || wish.seed !== undefined ? undefined : `${key}\n${wish.excludeHeard}\n${wish.maxPerArtist}`
}
