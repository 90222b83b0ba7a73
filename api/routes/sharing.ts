import { sharedKey } from '../../schemas/catalogue.js'
import type { Api, ApiContext } from '../context.js'
import type { PersonalData } from '../personal-data.js'
import { requireLoopback } from '../plugins/loopback.js'
import { problems, UserParams } from '../schemas/common.js'
import { SharingBody, SharingSchema } from '../schemas/comparison.js'

/** Whether others may compare themselves with a listener. At /me/sharing for oneself. */
export function sharingRoutes(app: Api, { view, others }: ApiContext, data: PersonalData): void {
  app.get(
    '/users/:user_id/sharing',
    {
      schema: {
        operationId: 'getSharing',
        summary: 'Whether a listener shares their taste',
        tags: ['listeners'],
        params: UserParams,
        response: { 200: SharingSchema, ...problems(400) }
      }
    },
    async ({ params: { user_id } }) => {
      const shared = await view.get('shared-listeners', sharedKey('user', user_id))
      return {
        user_id,
        shares: shared !== undefined,
        name: shared?.name ?? null,
        listener_id: shared?.alias ?? others.aliasOf(user_id)
      }
    }
  )

  app.put(
    '/users/:user_id/sharing',
    {
      onRequest: requireLoopback,
      schema: {
        operationId: 'setSharing',
        summary: 'Share a taste with other listeners, or stop sharing it',
        description:
          'Who shares can be found by those who are like them, and compared with. It holds as soon as the processors have read of it.',
        tags: ['listeners'],
        params: UserParams,
        body: SharingBody,
        response: { 200: SharingSchema, ...problems(400, 403) }
      }
    },
    async ({ params: { user_id }, body: { shares, name: given } }) => {
      const listener_id = others.aliasOf(user_id)
      const name = shares ? (given ?? null) : null
      await data.share({ user_id, shares, alias: listener_id, name })
      return { user_id, shares, name, listener_id }
    }
  )
}
