import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { unauthorized } from '../auth/principal.js'
import type { Api, ApiContext } from '../context.js'
import { RecommendationStreams } from '../live/recommendation-streams.js'
import { missing } from '../problem.js'
import { DEFAULT_LIMIT, eventStream, problems } from '../schemas/common.js'
import { MyStreamQuery, StreamQuery } from '../schemas/recommendations.js'
import { type Query, wishOf } from './recommendations.js'

const answers = {
  200: eventStream('recommendations'),
  ...problems(400, 404, 429, 503)
}

/** GET /recommendations/stream, and one's own at /me/recommendations/stream. */
export function recommendationStreamRoutes(app: Api, { view, serving, options }: ApiContext): void {
  const { lifeMs, heartbeatMs } = options.streams
  const onError = (error: unknown) => app.log.warn({ err: error }, 'A list to push could not be computed')
  const streams = new RecommendationStreams({ view, serving, options: options.streams, bufferBytes: options.liveBufferBytes, onError })
  app.addHook('preClose', () => streams.close())
  const description = `Events: recommendations, whose data is an answer of GET /recommendations: one at once, then one when the listener's track changes. A client that comes again with Last-Event-ID gets a list only if it follows other tracks than the one it has. Comments every ${heartbeatMs / 1000} s; the stream ends after ${lifeMs / 60_000} minutes: reconnect.`

  const open = (user: string, query: Query, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { limit = DEFAULT_LIMIT, strategy } = query
    const known = request.headers['last-event-id']
    const hijack = (): ServerResponse => {
      reply.hijack()
      return reply.raw
    }
    const asked = { given: [], user, limit, strategy, wish: wishOf(query) }
    return streams.open(asked, request.principal?.subject ?? request.ip, typeof known === 'string' ? known : undefined, hijack)
  }

  app.get(
    '/recommendations/stream',
    {
      exposeHeadRoute: false,
      config: { access: 'listener' },
      schema: {
        operationId: 'streamRecommendations',
        summary: 'What to play next, whenever the track changes, as server-sent events',
        description,
        tags: ['recommendations'],
        querystring: StreamQuery,
        response: answers
      }
    },
    (request, reply) => {
      const user = request.query.user_id ?? request.principal?.subject
      if (user === undefined) throw missing('user_id')
      return open(user, request.query, request, reply)
    }
  )

  app.get(
    '/me/recommendations/stream',
    {
      exposeHeadRoute: false,
      config: { access: 'listener' },
      schema: {
        operationId: 'streamRecommendationsOfMine',
        summary: "What to play next, whenever one's own track changes, as server-sent events",
        description,
        tags: ['recommendations'],
        querystring: MyStreamQuery,
        response: { ...answers, ...problems(401) }
      }
    },
    (request, reply) => {
      if (request.principal === null) throw unauthorized('Nobody signs in here: /v1/recommendations/stream?user_id=ID shows a listener.')
      return open(request.principal.subject, request.query, request, reply)
    }
  )
}
