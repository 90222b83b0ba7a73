import { Type } from '@sinclair/typebox'
import { SESSION_COOKIE } from '../auth/authenticator.js'
import { SCOPES, unauthorized } from '../auth/principal.js'
import type { Sessions } from '../auth/sessions.js'
import type { Api } from '../context.js'
import { OneOf, problems } from '../schemas/common.js'

const MeSchema = Type.Object({
  user_id: Type.String({ description: "A listener's id, or a machine's name." }),
  scopes: Type.Array(OneOf(SCOPES)),
  means: OneOf(['session', 'key', 'token'] as const)
})

/** GET /me and POST /sign-out. What one may read of oneself beside that is /users/:user_id/…'s, at /me/… */
export function meRoutes(app: Api, sessions: Sessions): void {
  app.get(
    '/me',
    {
      config: { access: 'listener' },
      schema: { operationId: 'getMe', summary: 'Who is asking', tags: ['listeners'], response: { 200: MeSchema, ...problems(401) } }
    },
    async ({ principal }) => {
      if (principal === null) throw unauthorized('Nobody is signed in.')
      return { user_id: principal.subject, scopes: [...principal.scopes], means: principal.means }
    }
  )

  app.post(
    '/sign-out',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'signOut',
        summary: 'End the session',
        tags: ['listeners'],
        response: { 204: Type.Null(), ...problems(401, 403) }
      }
    },
    async ({ cookies }, reply) => {
      sessions.end(cookies[SESSION_COOKIE] ?? '')
      return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send(null)
    }
  )
}
