import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify'
import type { View } from '../state/view/view.js'
import { Recommender } from './answers/recommendations.js'
import { AnswerCache } from './cache.js'
import { RecentListeners } from './listeners.js'
import type { Operations } from './operations.js'
import { type ApiDependencies, type ApiOptions, defaultOptions } from './options.js'
import { Others } from './others.js'
import type { Producer } from './producer.js'

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
  readonly cache: AnswerCache<Buffer>
  readonly recommender: Recommender
  readonly listeners: RecentListeners
  readonly others: Others
  /** Stops listening to the view. */
  readonly close: () => void
}

export function createContext({ view, operations, producer, auth, options: given, now = Date.now }: ApiDependencies): ApiContext {
  const options = { ...defaultOptions, ...given }
  const cache = new AnswerCache<Buffer>(options.cache)
  const listeners = new RecentListeners(view)
  const others = new Others(auth?.aliasKey ?? Buffer.alloc(0))
  const recommender = new Recommender(view, options.partitions, () => listeners.newestEvent())
  const close = view.onChange((space, keys) => {
    if (space === 'user-sessions' || space === 'artist-affinity') invalidate(cache, keys)
    if (space === 'user-sessions') listeners.changed(keys)
    if (space === 'track-details') recommender.tracksChanged(keys)
  })
  return { view, operations, producer, options, now, cache, recommender, listeners, others, close }
}

function invalidate(cache: AnswerCache<Buffer>, users: readonly string[] | undefined): void {
  if (users === undefined) cache.invalidateAll()
  else for (const user of users) cache.invalidate(user)
}
