import { Type } from '@sinclair/typebox'
import { eventId } from '../../schemas/ids.js'
import { Names } from '../answers/names.js'
import { readExperiments, readQuality } from '../answers/quality.js'
import type { Api, ApiContext } from '../context.js'
import { type Facts, timeOfId } from '../exposures.js'
import { requireLoopback } from '../plugins/loopback.js'
import { missing, notFound, ProblemError } from '../problem.js'
import { problems } from '../schemas/common.js'
import { FeedbackBody, QualityQuery, QualitySchema } from '../schemas/quality.js'

const FEEDBACK_MS = 7 * 86_400_000
const CLOCKS_APART_MS = 60_000

export function qualityRoute(app: Api, { view, options, experiment, standing, facts, now }: ApiContext): void {
  app.get(
    '/quality',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'getQuality',
        summary: 'How well each strategy foresees what is played',
        description:
          'Each play that goes on with a session is scored against the list that each strategy had made after the play before it, if it is new in the session. Plays of the past, that are imported, have no such list.',
        tags: ['recommendations'],
        querystring: QualityQuery,
        response: { 200: QualitySchema, ...problems(400, 503) }
      }
    },
    async ({ query: { window = 'day' } }) => {
      const { written = 0, lost = 0 } = facts?.counts() ?? {}
      const { made, passed } = standing?.counts ?? { made: 0, passed: 0 }
      return {
        ...(await readQuality(view, options.partitions, window, now())),
        given: await readExperiments(view, options.partitions, experiment?.name),
        sampling: {
          one_in: standing === undefined ? 0 : options.standing.oneIn,
          per_second: options.standing.perSecond,
          lists_made: made,
          lists_passed: passed,
          facts_written: written,
          facts_lost: lost
        }
      }
    }
  )
}

/** POST /feedback: to a topic of its own. Only a like also is a like: plays and skips come from the listener's sources, and would count twice. */
export function feedbackRoute(app: Api, { view, producer, now }: ApiContext, facts: Facts): void {
  const like = async (user_id: string, track_id: string, occurred_at: number): Promise<void> => {
    const names = new Names(view)
    await names.load([track_id])
    const { artist_id, artist_name, track_name } = names.track(track_id)
    if (artist_id === null || artist_name === null) throw notFound('track', track_id)
    const unknown = { album_name: null, duration_ms: null, ms_played: null, device_type: null, country: null }
    const event_id = eventId(user_id, track_id, occurred_at, 'like')
    const event = {
      event_id,
      user_id,
      track_id,
      track_name,
      artist_id,
      artist_name,
      occurred_at,
      source: 'feedback',
      liked: true,
      ...unknown
    }
    await producer?.produce([{ topic: 'spotify-likes', event }])
  }

  app.post(
    '/feedback',
    {
      onRequest: requireLoopback,
      config: { access: 'listener' },
      schema: {
        operationId: 'sendFeedback',
        summary: 'What a listener did with a recommended track',
        description:
          'The same feedback counts once, and it counts on the last 20 lists of the listener. A like is also one of the listener’s likes; a play or a skip is not, because the source that plays the track tells of it. Without sign-in only for callers on this machine.',
        tags: ['recommendations'],
        body: FeedbackBody,
        response: { 204: Type.Null({ description: 'It is written.' }), ...problems(400, 403, 404, 413, 415, 503) }
      }
    },
    async ({ body, principal }, reply) => {
      const { recommendation_id, track_id, action } = body
      const user_id = body.user_id ?? principal?.subject
      if (user_id === undefined) throw missing('user_id')
      const made = timeOfId(recommendation_id)
      const given_at = now()
      if (made > given_at + CLOCKS_APART_MS || made < given_at - FEEDBACK_MS) {
        const message = 'is of an answer that is older than seven days, or was never given'
        throw new ProblemError(400, `recommendation_id ${message}.`, [{ field: 'recommendation_id', message }])
      }
      // Liked when it was recommended: sent again, it is the same event.
      if (action === 'liked') await like(user_id, track_id, made)
      await facts.write([{ topic: 'recommendation-feedback', value: { recommendation_id, user_id, track_id, action, given_at } }])
      return reply.code(204).send(null)
    }
  )
}
