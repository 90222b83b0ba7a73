import { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import type { Api } from '../context.js'
import type { PersonalData } from '../personal-data.js'
import { requireLoopback } from '../plugins/loopback.js'
import { problems, UserParams } from '../schemas/common.js'

/** The input topics are read from their beginning for it. */
const EXPORT_MS = 600_000

const ErasedSchema = Type.Object({
  user_id: Type.String(),
  status: Type.Literal('erasing', { description: 'What is kept under the id is gone as soon as the processors have read of it.' })
})

/** What a person may ask of whoever keeps data of them. At /me/… and DELETE /me for oneself. */
export function personalDataRoutes(app: Api, data: PersonalData): void {
  app.get(
    '/users/:user_id/export',
    {
      exposeHeadRoute: false,
      handlerTimeout: EXPORT_MS,
      onRequest: requireLoopback,
      schema: {
        operationId: 'exportListener',
        summary: 'All that is kept of a listener',
        description:
          'Their events, their connected account (without its tokens), and what was computed. Without sign-in only for callers on this machine.',
        tags: ['listeners'],
        params: UserParams,
        response: { 200: { description: 'A stream.', content: { 'application/json': { schema: Type.Unknown() } } }, ...problems(400, 403) }
      }
    },
    ({ params }, reply) => {
      reply.headers({ 'content-type': 'application/json; charset=utf-8', 'content-disposition': 'attachment; filename="segue.json"' })
      return reply.send(Readable.from(data.export(params.user_id), { objectMode: false }))
    }
  )

  app.delete(
    '/users/:user_id',
    {
      onRequest: requireLoopback,
      schema: {
        operationId: 'eraseListener',
        summary: 'Forget a listener',
        description:
          'Deletes their sessions, affinities, days, connected account, sign-ins and keys. Sums that name nobody stay. Without sign-in only for callers on this machine.',
        tags: ['listeners'],
        params: UserParams,
        response: { 202: ErasedSchema, ...problems(400, 403) }
      }
    },
    async ({ params: { user_id } }, reply) => {
      await data.erase(user_id)
      return reply.code(202).send({ user_id, status: 'erasing' as const })
    }
  )
}
