import type { TrackNeighbours } from '../../schemas/events.js'
import { Names } from '../answers/names.js'
import type { Api, ApiContext } from '../context.js'
import { notFound } from '../problem.js'
import { compareIds } from '../recommend/order.js'
import { DEFAULT_LIMIT, problems, TrackParams } from '../schemas/common.js'
import { LimitQuery, NeighboursSchema, TrackSchema } from '../schemas/music.js'

export function trackRoutes(app: Api, { view }: ApiContext): void {
  /** @throws ProblemError 404 */
  const find = async (track_id: string) => {
    const [details, list] = await Promise.all([view.get('track-details', track_id), view.get('track-neighbours', track_id)])
    if (!details && !list) throw notFound('track', track_id)
    return { plays: details?.plays ?? 0, list }
  }

  app.get(
    '/tracks/:track_id',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'getTrack',
        summary: 'A track',
        tags: ['music'],
        params: TrackParams,
        response: { 200: TrackSchema, ...problems(400, 404) }
      }
    },
    async ({ params: { track_id } }) => {
      const { plays, list } = await find(track_id)
      const names = new Names(view)
      await names.load([track_id])
      return { ...names.track(track_id), plays, sessions: list?.sessions ?? 0, neighbours: list?.neighbours.length ?? 0 }
    }
  )

  app.get(
    '/tracks/:track_id/neighbours',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'getNeighbours',
        summary: 'What is played in the same sessions',
        description: 'By sessions together, then by how strongly it follows, then by id.',
        tags: ['music'],
        params: TrackParams,
        querystring: LimitQuery,
        response: { 200: NeighboursSchema, ...problems(400, 404) }
      }
    },
    async ({ params: { track_id }, query: { limit = DEFAULT_LIMIT } }) => {
      const { list } = await find(track_id)
      const first = strongest(list, limit)
      const names = new Names(view)
      await names.load([track_id, ...first.map(neighbour => neighbour.track_id)])
      const sessions = list?.sessions ?? 0
      const neighbours = first.map(({ track_id, together, weight }) => ({
        ...names.track(track_id),
        sessions_together: together,
        cooccurrence: sessions > 0 ? together / sessions : 0,
        follow: list && list.n > 0 ? weight / list.n : 0
      }))
      return { ...names.track(track_id), sessions, total_neighbours: list?.neighbours.length ?? 0, neighbours }
    }
  )
}

const strongest = (list: TrackNeighbours | undefined, limit: number) =>
  [...(list?.neighbours ?? [])]
    .sort((a, b) => b.together - a.together || b.weight - a.weight || compareIds(a.track_id, b.track_id))
    .slice(0, limit)
