import { daysOf, streaksOf } from '../answers/days.js'
import { Names } from '../answers/names.js'
import { isoTime } from '../answers/text.js'
import type { Api, ApiContext } from '../context.js'
import { notFound } from '../problem.js'
import { AnalyticsQuery, AnalyticsSchema } from '../schemas/analytics.js'
import { DEFAULT_LIMIT, problems, UserParams } from '../schemas/common.js'
import type { FindGaps } from '../spotify.js'

const HOURS = 24
const DAYS = 7
const HOURS_OF_WEEK = DAYS * HOURS

/** What a listener has played, when and in which sessions. At /me/analytics for oneself. */
export function analyticsRoute(app: Api, { view, now }: ApiContext, findGaps: FindGaps): void {
  app.get(
    '/users/:user_id/analytics',
    {
      schema: {
        operationId: 'getAnalytics',
        summary: 'What a listener has played most, when, and in which sessions',
        tags: ['listeners'],
        params: UserParams,
        querystring: AnalyticsQuery,
        response: { 200: AnalyticsSchema, ...problems(400, 404) }
      }
    },
    async ({ params: { user_id }, query: { limit = DEFAULT_LIMIT, utc_offset = 0 } }) => {
      const [affinity, profile] = await Promise.all([view.get('artist-affinity', user_id), view.get('listener-profiles', user_id)])
      if (!affinity) throw notFound('listener', user_id)
      const tracks = profile?.tracks.slice(0, limit) ?? []
      const artists = profile?.artists.slice(0, limit) ?? []
      const names = new Names(view)
      await names.load(tracks.map(({ track_id }) => track_id))
      await names.loadArtists(artists.map(({ artist_id }) => artist_id))
      const days: string[] = []
      for await (const { day } of daysOf(view, user_id)) days.push(day)
      const sessions = profile?.sessions ?? 0
      return {
        user_id,
        as_of: isoTime(affinity.as_of),
        first_play_at: profile?.first_play_at == null ? null : isoTime(profile.first_play_at),
        plays: profile?.plays ?? 0,
        listening_ms: profile?.listening_ms ?? 0,
        top_tracks: tracks.map(({ track_id, plays, first_played_at }) => ({
          ...names.track(track_id),
          plays,
          first_played_at: isoTime(first_played_at)
        })),
        top_artists: artists.map(({ artist_id, plays, first_played_at }) => ({
          artist_id,
          artist_name: names.artistName(artist_id),
          plays,
          first_played_at: isoTime(first_played_at)
        })),
        clock: { utc_offset, plays: clockOf(profile?.clock ?? [], utc_offset) },
        sessions: {
          count: sessions,
          average_ms: sessions === 0 ? 0 : Math.round(profile!.session_ms / sessions),
          longest_ms: profile?.longest_session_ms ?? 0
        },
        days: streaksOf(days, now()),
        gaps: findGaps(user_id)?.map(({ from, to }) => ({ from: isoTime(from), to: isoTime(to) })) ?? null
      }
    }
  )
}

/** `hours`: by UTC hour of the week. */
function clockOf(hours: readonly number[], offset: number): number[][] {
  const at = (hour: number): number => hours[(hour - offset + HOURS_OF_WEEK) % HOURS_OF_WEEK] ?? 0
  return Array.from({ length: DAYS }, (_, day) => Array.from({ length: HOURS }, (_, hour) => at(day * HOURS + hour)))
}
