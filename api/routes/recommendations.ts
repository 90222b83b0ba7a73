import type { FastifyReply } from 'fastify'
import type { Wish } from '../answers/recommendations.js'
import type { Asked, Served } from '../answers/serving.js'
import { isAdmin } from '../auth/principal.js'
import type { Api, ApiContext } from '../context.js'
import { missing, ProblemError } from '../problem.js'
import type { Strategy } from '../recommend/situation.js'
import { DEFAULT_LIMIT, problems, TrackParams } from '../schemas/common.js'
import {
  BatchBody,
  BatchSchema,
  ListenerQuery,
  MAX_BATCH,
  RadioBody,
  RecommendationsSchema,
  TrackQuery
} from '../schemas/recommendations.js'
import { timeOf } from './time.js'

const JSON_TYPE = 'application/json; charset=utf-8'

export interface Query {
  readonly user_id?: string
  readonly limit?: number
  readonly strategy?: Strategy
  readonly at?: string
  readonly exclude?: readonly string[]
  readonly exclude_heard?: boolean
  readonly max_per_artist?: number
  readonly seed?: number
}

export function wishOf({ exclude = [], exclude_heard = false, max_per_artist, seed }: Query): Wish | undefined {
  if (exclude.length === 0 && !exclude_heard && max_per_artist === undefined && seed === undefined) return undefined
  return { exclude, excludeHeard: exclude_heard, maxPerArtist: max_per_artist ?? Number.POSITIVE_INFINITY, seed }
}

function send(reply: FastifyReply, { json, age }: Served): void {
  if (age !== undefined) reply.header('age', Math.round(age / 1000))
  reply.send(json)
}

/** Answers are sent as ready-made JSON: from the cache, or computed and kept there. */
export function recommendationRoutes(app: Api, context: ApiContext): void {
  const { serving, now, options } = context
  const stale =
    options.cache.staleMs > 0
      ? ` While the view can't be reached, the last known answer is given for up to ${options.cache.staleMs / 1000} s, with \`stale\` and the header Age; then 503.`
      : ''
  const kept = `An answer is kept for up to ${options.cache.ttlMs / 1000} s, while the session and the affinity of the listener stay the same; with \`exclude\` or \`at\` it is not.${stale}`

  const answer = (reply: FastifyReply, given: readonly string[], query: Query): void | Promise<void> => {
    reply.header('content-type', JSON_TYPE)
    const { user_id: user, limit = DEFAULT_LIMIT, strategy, at } = query
    const asked: Asked = { given, user, strategy, limit, at: at === undefined ? undefined : timeOf(at, now()), wish: wishOf(query) }
    const served = serving.answer(asked)
    return served instanceof Promise ? served.then(served => send(reply, served)) : send(reply, served)
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
      return answer(reply, [], { ...query, user_id })
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
      answer(reply, [params.track_id], principal === null ? query : { user_id: principal.subject, ...query })
  )

  app.post(
    '/radio',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'continueRadio',
        summary: 'What to play after any tracks, for nobody in particular',
        description: 'The tracks stand for a session. Nothing is known of a listener, so affinities are 0.',
        tags: ['recommendations'],
        body: RadioBody,
        response: { 200: RecommendationsSchema, ...problems(400, 404, 413, 415, 503) }
      }
    },
    ({ body }, reply) => answer(reply, [...new Set(body.tracks.toReversed())], body)
  )

  batchRoute(app, context)
}

function batchRoute(app: Api, { serving }: ApiContext): void {
  app.post(
    '/recommendations/batch',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'recommendForMany',
        summary: 'What to play next, for several listeners',
        description: `Up to ${MAX_BATCH} listeners, each as with GET /recommendations. Without the scope "admin" only oneself.`,
        tags: ['recommendations'],
        body: BatchBody,
        response: { 200: BatchSchema, ...problems(400, 403, 413, 415, 503) }
      }
    },
    async ({ body, principal }, reply) => {
      const { user_ids, limit = DEFAULT_LIMIT, strategy } = body
      if (principal !== null && !isAdmin(principal) && user_ids.some(user => user !== principal.subject))
        throw new ProblemError(403, 'user_ids may name other listeners with the scope "admin" only.')
      const answers: string[] = []
      const unknown: string[] = []
      for (const user of user_ids) {
        try {
          answers.push(String((await serving.answer({ given: [], user, limit, strategy, wish: wishOf(body) })).json))
        } catch (error) {
          if (!(error instanceof ProblemError && error.status === 404)) throw error
          unknown.push(user)
        }
      }
      send(reply.header('content-type', JSON_TYPE), { json: `{"answers":[${answers.join(',')}],"not_found":${JSON.stringify(unknown)}}` })
      return reply
    }
  )
}
