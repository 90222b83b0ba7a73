import { type MergedChart, readChart, WINDOW_MS } from '../answers/charts.js'
import { type Ranked, rankedOf } from '../answers/leaderboards.js'
import { Names } from '../answers/names.js'
import { isoTime } from '../answers/text.js'
import type { Api, ApiContext } from '../context.js'
import { DEFAULT_LIMIT, problems } from '../schemas/common.js'
import { ArtistLeaderboardSchema, ChartQuery, ListenerLeaderboardSchema, TrackLeaderboardSchema } from '../schemas/music.js'

const description =
  'By plays, then by id. An event without country has no regional row. The movement compares with the window before, of all time with 24 hours before.'

export function leaderboardRoutes(app: Api, context: ApiContext): void {
  trackRoute(app, context)
  artistRoute(app, context)
  listenerRoute(app, context)
}

const headOf = ({ window, country, end, oldestEnd }: MergedChart) => ({
  window,
  country,
  window_end: timeOrNull(end),
  oldest_shard_end: timeOrNull(oldestEnd),
  compared_with: timeOrNull(end && end - (window === 'all' ? WINDOW_MS.day : WINDOW_MS[window]))
})
const timeOrNull = (time: number | undefined) => (time === undefined ? null : isoTime(time))

function trackRoute(app: Api, { view, options: { partitions } }: ApiContext): void {
  app.get(
    '/leaderboards/tracks',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'getTrackLeaderboard',
        summary: 'The most played tracks, and how they moved',
        description,
        tags: ['music'],
        querystring: ChartQuery,
        response: { 200: TrackLeaderboardSchema, ...problems(400) }
      }
    },
    async ({ query: { window = 'all', country, limit = DEFAULT_LIMIT } }) => {
      const chart = await readChart(view, partitions, 'tracks', window, country?.toUpperCase() ?? null)
      const first = rankedOf(chart).slice(0, limit)
      const names = new Names(view)
      await names.load(first.map(({ id }) => id))
      return { ...headOf(chart), entries: first.map(({ id, ...place }) => ({ ...place, ...names.track(id) })) }
    }
  )
}

function artistRoute(app: Api, { view, options: { partitions } }: ApiContext): void {
  app.get(
    '/leaderboards/artists',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'getArtistLeaderboard',
        summary: 'The most played artists, and how they moved',
        description,
        tags: ['music'],
        querystring: ChartQuery,
        response: { 200: ArtistLeaderboardSchema, ...problems(400) }
      }
    },
    async ({ query: { window = 'all', country, limit = DEFAULT_LIMIT } }) => {
      const chart = await readChart(view, partitions, 'artists', window, country?.toUpperCase() ?? null)
      const first = rankedOf(chart).slice(0, limit)
      const names = new Names(view)
      await names.loadArtists(first.map(({ id }) => id))
      const entries = first.map(({ id, ...place }) => ({ ...place, artist_id: id, artist_name: names.artistName(id) }))
      return { ...headOf(chart), entries }
    }
  )
}

function listenerRoute(app: Api, { view, others, options: { partitions } }: ApiContext): void {
  app.get(
    '/leaderboards/listeners',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'getListenerLeaderboard',
        summary: 'Who played most, and how they moved',
        description: `${description} Listeners are shown by an alias, and by the name they have given if they share their taste.`,
        tags: ['listeners'],
        querystring: ChartQuery,
        response: { 200: ListenerLeaderboardSchema, ...problems(400) }
      }
    },
    async ({ query: { window = 'all', country, limit = DEFAULT_LIMIT }, principal }) => {
      const chart = await readChart(view, partitions, 'listeners', window, country?.toUpperCase() ?? null)
      const all = rankedOf(chart)
      const own = all.find(({ id }) => id === principal?.subject)
      const listed = all.slice(0, limit)
      const shown = await others.shown(
        [...listed, ...(own ? [own] : [])].map(({ id }) => id),
        principal
      )
      const entryOf = ({ id, ...place }: Ranked) => ({ ...place, ...shown.get(id)! })
      return { ...headOf(chart), entries: listed.map(entryOf), me: own ? entryOf(own) : null }
    }
  )
}
