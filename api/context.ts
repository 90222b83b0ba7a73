import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify'
import { userOfDay } from '../schemas/catalogue.js'
import type { View } from '../state/view/view.js'
import { Recommender } from './answers/recommendations.js'
import { type Kept, Serving } from './answers/serving.js'
import { AnswerCache } from './cache.js'
import type { Facts } from './exposures.js'
import { RecentListeners } from './listeners.js'
import type { Operations } from './operations.js'
import { type ApiDependencies, type ApiOptions, defaultOptions } from './options.js'
import { Others } from './others.js'
import type { Producer } from './producer.js'
import { StandingLists } from './quality/standing.js'
import type { Experiment } from './recommend/experiment.js'

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What routes work with. */
export interface ApiContext {
  readonly view: View
  readonly operations: Operations
  readonly producer: Producer | undefined
  readonly options: ApiOptions
  readonly now: () => number
  /** Of GET /recommendations…: JSON. */
  readonly cache: AnswerCache<Kept>
  readonly recommender: Recommender
  readonly serving: Serving
  readonly facts: Facts | undefined
  readonly experiment: Experiment | undefined
  /** Undefined: quality is not measured. */
  readonly standing: StandingLists | undefined
  readonly listeners: RecentListeners
  readonly others: Others
  /** Stops listening to the view. */
  readonly close: () => Promise<void>
}

export function createContext(dependencies: ApiDependencies): ApiContext {
  const { view, operations, producer, facts, experiment, owns, logger, auth, options: given, now = Date.now } = dependencies
  const options = { ...defaultOptions, ...given }
  const cache = new AnswerCache<Kept>(options.cache)
  const listeners = new RecentListeners(view)
  const others = new Others(view, auth?.aliasKey ?? Buffer.alloc(0))
  const recommender = new Recommender(view, options.partitions, () => listeners.newestEvent())
  const onError = (error: unknown) => logger?.warn({ err: error }, 'A list to measure quality by could not be made')
  const standing =
    facts && options.standing.oneIn > 0
      ? new StandingLists({ view, recommender, facts, now, onError, options: options.standing, owns: owns ?? (() => true) })
      : undefined
  const stop = view.onChange((space, keys) => {
    if (space === 'user-sessions' || space === 'artist-affinity' || space === 'now-playing') invalidate(cache, keys)
    // What was heard is not in an answer unless it was asked for; the session changes with it, as a rule before it.
    if (space === 'user-days') invalidate(cache, keys?.map(userOfDay))
    if (space === 'user-sessions' || space === 'now-playing') listeners.changed(keys)
    if (space === 'user-sessions' && keys !== undefined) standing?.changed(keys)
    if (space === 'track-details') recommender.tracksChanged(keys)
  })
  const serving = new Serving({ cache, recommender, experiment, facts, now })
  const close = async () => {
    stop()
    await standing?.close()
  }
  return { view, operations, producer, options, now, cache, recommender, serving, facts, experiment, standing, listeners, others, close }
}

function invalidate(cache: AnswerCache<Kept>, users: readonly string[] | undefined): void {
  if (users === undefined) cache.invalidateAll()
  else for (const user of users) cache.invalidate(user)
}
