import { userDayKey } from '../../schemas/catalogue.js'
import { Names } from '../answers/names.js'
import { beginning, type Playing, playingAt } from '../answers/playing.js'
import { isoTime } from '../answers/text.js'
import type { Api, ApiContext } from '../context.js'
import { notFound } from '../problem.js'
import { isCurrent } from '../recommend/situation.js'
import { DEFAULT_LIMIT, problems, UserParams } from '../schemas/common.js'
import { AffinitySchema, DaysQuery, DaysSchema, DEFAULT_DAYS, ListenersSchema, SessionQuery, SessionSchema } from '../schemas/listeners.js'
import { LimitQuery } from '../schemas/music.js'
import { timeOf } from './time.js'

const DAY_MS = 86_400_000

export function userRoutes(app: Api, context: ApiContext): void {
  recentRoute(app, context)
  affinityRoute(app, context)
  sessionRoute(app, context)
  daysRoute(app, context)
}

function recentRoute(app: Api, { view, listeners, now }: ApiContext): void {
  app.get(
    '/users',
    {
      schema: {
        operationId: 'listListeners',
        summary: 'Who played something last',
        tags: ['listeners'],
        querystring: LimitQuery,
        response: { 200: ListenersSchema, ...problems(400) }
      }
    },
    async ({ query: { limit = DEFAULT_LIMIT } }) => {
      const listening = await listeners.latest(limit, now())
      const names = new Names(view)
      await names.load(listening.flatMap(({ session }) => session.tracks.slice(0, 1).map(track => track.track_id)))
      const users = listening.map(({ session, playing }) => ({
        user_id: session.user_id,
        last_play_at: isoTime(session.last_play_at),
        current: isCurrent(session, now()),
        session_plays: session.plays,
        country: session.country,
        playing: playing ? playingOf(playing) : null,
        track: session.tracks[0] ? names.track(session.tracks[0].track_id, session.tracks[0].artist_id) : null
      }))
      return { users }
    }
  )
}

function affinityRoute(app: Api, { view }: ApiContext): void {
  app.get(
    '/users/:user_id/affinity',
    {
      schema: {
        operationId: 'getAffinity',
        summary: 'The artists a listener loves most',
        tags: ['listeners'],
        params: UserParams,
        querystring: LimitQuery,
        response: { 200: AffinitySchema, ...problems(400, 404) }
      }
    },
    async ({ params: { user_id }, query: { limit = DEFAULT_LIMIT } }) => {
      const affinity = await view.get('artist-affinity', user_id)
      if (!affinity) throw notFound('listener', user_id)
      const first = affinity.artists.slice(0, limit)
      const names = new Names(view)
      await names.loadArtists(first.map(artist => artist.artist_id))
      const artists = first.map(artist => ({ ...artist, artist_name: names.artistName(artist.artist_id) }))
      return { user_id, as_of: isoTime(affinity.as_of), country: affinity.country, total_artists: affinity.artists.length, artists }
    }
  )
}

function sessionRoute(app: Api, { view, now }: ApiContext): void {
  app.get(
    '/users/:user_id/session',
    {
      schema: {
        operationId: 'getSession',
        summary: 'The latest session of a listener',
        tags: ['listeners'],
        params: UserParams,
        querystring: SessionQuery,
        response: { 200: SessionSchema, ...problems(400, 404) }
      }
    },
    async ({ params: { user_id }, query: { limit = DEFAULT_LIMIT, at } }) => {
      const [known, shown] = await Promise.all([view.get('user-sessions', user_id), view.get('now-playing', user_id)])
      const current = playingAt(shown, known, timeOf(at, now()))
      if (!known && !current) throw notFound('session of the listener', user_id)
      const session = known ?? beginning(user_id, current!)
      const first = session.tracks.slice(0, limit)
      const names = new Names(view)
      await names.load(first.map(track => track.track_id))
      await names.loadArtists(first.map(track => track.artist_id))
      const tracks = first.map(({ track_id, artist_id, last_played_at }) => ({
        ...names.track(track_id, artist_id),
        last_played_at: isoTime(last_played_at)
      }))
      return {
        user_id,
        started_at: isoTime(session.started_at),
        last_play_at: isoTime(session.last_play_at),
        current: isCurrent(session, timeOf(at, now())),
        plays: session.plays,
        country: session.country,
        playing: current ? playingOf(current) : null,
        total_tracks: session.tracks.length,
        tracks
      }
    }
  )
}

const playingOf = ({ track_id, track_name, artist_id, artist_name, since }: Playing) => ({
  ...{ track_id, track_name, artist_id, artist_name },
  since: isoTime(since)
})

function daysRoute(app: Api, { view }: ApiContext): void {
  app.get(
    '/users/:user_id/days',
    {
      schema: {
        operationId: 'getListenerDays',
        summary: 'What a listener played on each day',
        tags: ['listeners'],
        params: UserParams,
        querystring: DaysQuery,
        response: { 200: DaysSchema, ...problems(400, 404) }
      }
    },
    async ({ params: { user_id }, query: { days: count = DEFAULT_DAYS } }) => {
      const affinity = await view.get('artist-affinity', user_id)
      if (!affinity) throw notFound('listener', user_id)
      const labels = Array.from({ length: count }, (_, i) => isoTime(affinity.as_of - (count - 1 - i) * DAY_MS).slice(0, 10))
      const days = await view.getMany(
        'user-days',
        labels.map(day => userDayKey(user_id, day))
      )
      const played = days.filter(day => day !== undefined).map(({ user_id: _, heard: __, ...day }) => day)
      return { user_id, as_of: isoTime(affinity.as_of), days: played }
    }
  )
}
