import { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import type { Api, ApiContext } from '../context.js'
import { pulse } from '../live/news.js'
import { requireLoopback } from '../plugins/loopback.js'
import { ProblemError } from '../problem.js'
import { Count, problems } from '../schemas/common.js'
import { TopologySchema } from '../schemas/operations.js'

/** The whole state, as fast as the caller reads it. */
const DUMP_MS = 3_600_000
const FLUSH_MS = 600_000

export function operationRoutes(app: Api, context: ApiContext): void {
  app.get(
    '/topology',
    {
      schema: {
        operationId: 'getTopology',
        summary: 'The running topology with rates and lag',
        tags: ['operations'],
        response: { 200: TopologySchema }
      }
    },
    async () => {
      const { nodes, edges, lag, tasks, activity } = await pulse(context)
      return { nodes: [...nodes], edges: [...edges], lag: { tasks: [...lag.tasks], view: [...lag.view] }, tasks: [...tasks], activity }
    }
  )

  app.get(
    '/operations/dump',
    {
      exposeHeadRoute: false,
      handlerTimeout: DUMP_MS,
      onRequest: requireLoopback,
      schema: {
        operationId: 'dump',
        summary: 'The computed state as one JSON document',
        description: 'Everything of everybody: without sign-in only for callers on this machine.',
        tags: ['operations'],
        response: { 200: { description: 'A stream.', content: { 'application/json': { schema: Type.Unknown() } } }, ...problems(403) }
      }
    },
    (_request, reply) => {
      reply.header('content-type', 'application/json; charset=utf-8')
      return reply.send(Readable.from(context.operations.dump(), { objectMode: false }))
    }
  )

  app.post(
    '/cache/clear',
    {
      onRequest: requireLoopback,
      schema: {
        operationId: 'clearCache',
        summary: 'Forget all answers that are kept',
        description: 'Those of this process. Without sign-in only for callers on this machine.',
        tags: ['operations'],
        response: { 200: Type.Object({ cleared: Count }), ...problems(403) }
      }
    },
    async () => ({ cleared: context.cache.clear() })
  )

  app.post(
    '/operations/lake/flush',
    {
      handlerTimeout: FLUSH_MS,
      onRequest: requireLoopback,
      schema: {
        operationId: 'flushLake',
        summary: 'Write what is in the input topics into the lake now',
        description: 'Answers when everything that was there at the call is in the lake. Without sign-in only for callers on this machine.',
        tags: ['operations'],
        response: { 204: Type.Null({ description: 'Done.' }), ...problems(403, 404, 503) }
      }
    },
    async (_request, reply) => {
      const flushed = await context.operations.flushLake().catch((error: Error) => {
        throw new ProblemError(503, `The lake could not be written: ${error.message}`)
      })
      if (!flushed) throw new ProblemError(404, 'There is no lake: SEGUE_LAKE is off.')
      return reply.code(204).send(null)
    }
  )
}
