import type { FastifyReply } from 'fastify'
import { ViewUnavailableError } from '../../state/view/view.js'
import { asStale, serialise, stampTime } from '../answers/served.js'
import type { Api, ApiContext } from '../context.js'
import { missing } from '../problem.js'
import type { Strategy } from '../recommend/situation.js'
import { DEFAULT_LIMIT, problems, TrackParams } from '../schemas/common.js'
import { DEFAULT_STRATEGY, ListenerQuery, RecommendationsSchema, TrackQuery } from '../schemas/recommendations.js'
import { timeOf } from './time.js'

const JSON_TYPE = 'application/json; charset=utf-8'

interface Query {
  readonly user_id?: string
  readonly limit?: number
  readonly strategy?: Strategy
  readonly at?: string
}

/** Answers are sent as ready-made JSON: from the cache, or computed and kept there. With `at` they are never kept. */
export function recommendationRoutes(app: Api, context: ApiContext): void {
  const { cache, recommender, now, options } = context
  const stale =
    options.cache.staleMs > 0
      ? ` While the view can't be reached, the last known answer is given for up to ${options.cache.staleMs / 1000} s, with \`stale\` and the header Age; then 503.`
      : ''
  const kept = `An answer is kept for up to ${options.cache.ttlMs / 1000} s, while the session and the affinity of the listener stay the same.${stale}`

  const answer = (reply: FastifyReply, track: string | undefined, query: Query): void | Promise<void> => {
    const started = performance.now()
    const { user_id: user, limit = DEFAULT_LIMIT, strategy = DEFAULT_STRATEGY } = query
    const time = now()
    reply.header('content-type', JSON_TYPE)
    // Ids hold no control characters, so the separator can't be forged.
    const key = `${track ?? ''}\n${user ?? ''}\n${limit}\n${strategy}`
    const cached = query.at === undefined ? cache.get(key, time) : undefined
    if (cached !== undefined) {
      reply.send(stampTime(cached, performance.now() - started))
      return
    }
    const look = cache.look(user ?? '')
    const request = { track, user, strategy, limit, now: time, at: timeOf(query.at, time) }
    return recommender.recommend(request).then(
      ({ answer, until }) => {
        const { computed, cached } = serialise(answer)
        if (query.at === undefined) cache.put(key, look, cached, cached.length, time, until)
        reply.send(stampTime(computed, performance.now() - started))
      },
      error => {
        const known = error instanceof ViewUnavailableError && query.at === undefined ? cache.lastKnown(key, time) : undefined
        if (known === undefined) throw error
        reply.header('age', Math.round(known.age / 1000)).send(asStale(known.value))
      }
    )
  }

  app.get(
    '/recommendations',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'recommendForListener',
        summary: 'What to play next, after what the listener plays now',
        description: `A listener who plays nothing now gets the fallback: favourite artists, then charts. ${kept}`,
        tags: ['recommendations'],
        querystring: ListenerQuery,
        response: { 200: RecommendationsSchema, ...problems(400, 404, 503) }
      }
    },
    ({ query, principal }, reply) => {
      const user_id = query.user_id ?? principal?.subject
      if (user_id === undefined) throw missing('user_id')
      return answer(reply, undefined, { ...query, user_id })
    }
  )

  app.get(
    '/recommendations/:track_id',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'recommendForTrack',
        summary: 'What to play after a track',
        description: `The track is followed by the listener's current session, if there is one. ${kept}`,
        tags: ['recommendations'],
        params: TrackParams,
        querystring: TrackQuery,
        response: { 200: RecommendationsSchema, ...problems(400, 404, 503) }
      }
    },
    ({ params, query, principal }, reply) =>
      answer(reply, params.track_id, principal === null ? query : { user_id: principal.subject, ...query })
  )
}
