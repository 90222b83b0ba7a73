import { type MergedChart, readChart } from '../answers/charts.js'
import { Names } from '../answers/names.js'
import { StatisticsReader } from '../answers/statistics.js'
import { isoTime } from '../answers/text.js'
import type { Api, ApiContext } from '../context.js'
import { DEFAULT_LIMIT, problems } from '../schemas/common.js'
import { ArtistChartSchema, ChartQuery, StatisticsQuery, StatisticsSchema, TrackChartSchema } from '../schemas/music.js'

const DEFAULT_DAYS = 90
const DEVICES = 100

export function chartRoutes(app: Api, { view, options: { partitions } }: ApiContext): void {
  const headOf = ({ window, country, end, oldestEnd }: MergedChart) => ({
    window,
    country,
    window_end: end === undefined ? null : isoTime(end),
    oldest_shard_end: oldestEnd === undefined ? null : isoTime(oldestEnd)
  })
  const description = 'By plays, then by id. An event without country has no regional row.'

  app.get(
    '/charts/tracks',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'getTrackChart',
        summary: 'The most played tracks',
        description,
        tags: ['music'],
        querystring: ChartQuery,
        response: { 200: TrackChartSchema, ...problems(400) }
      }
    },
    async ({ query: { window = 'all', country, limit = DEFAULT_LIMIT } }) => {
      const chart = await readChart(view, partitions, 'tracks', window, country?.toUpperCase() ?? null)
      const first = chart.entries.slice(0, limit)
      const names = new Names(view)
      await names.load(first.map(entry => entry.id))
      return { ...headOf(chart), entries: first.map(({ id, plays }, i) => ({ place: i + 1, plays, ...names.track(id) })) }
    }
  )

  app.get(
    '/charts/artists',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'getArtistChart',
        summary: 'The most played artists',
        description,
        tags: ['music'],
        querystring: ChartQuery,
        response: { 200: ArtistChartSchema, ...problems(400) }
      }
    },
    async ({ query: { window = 'all', country, limit = DEFAULT_LIMIT } }) => {
      const chart = await readChart(view, partitions, 'artists', window, country?.toUpperCase() ?? null)
      const first = chart.entries.slice(0, limit)
      const names = new Names(view)
      await names.loadArtists(first.map(entry => entry.id))
      const entries = first.map(({ id, plays }, i) => ({ place: i + 1, plays, artist_id: id, artist_name: names.artistName(id) }))
      return { ...headOf(chart), entries }
    }
  )
}

export function statisticsRoute(app: Api, { view, options: { partitions }, now }: ApiContext): void {
  const reader = new StatisticsReader(view, partitions)

  app.get(
    '/statistics',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'getStatistics',
        summary: 'Plays and listening time by hour, day and device; what the pipeline accepted',
        tags: ['music'],
        querystring: StatisticsQuery,
        response: { 200: StatisticsSchema, ...problems(400) }
      }
    },
    async ({ query: { days: count = DEFAULT_DAYS } }) => {
      const [total, firstDay, days, devices, pipeline] = await Promise.all([
        reader.read('total', 1),
        reader.read('day', 1),
        reader.latestDays(count, now()),
        reader.read('device', DEVICES),
        reader.pipeline()
      ])
      const last_day = days.at(-1)?.[0] ?? null
      const hours = last_day === null ? [] : await reader.hoursUpTo(last_day)
      const { plays, listening_ms } = [...total.values()][0] ?? { plays: 0, listening_ms: 0 }
      return {
        totals: { plays, listening_ms, first_day: [...firstDay.keys()][0] ?? null, last_day },
        days: days.map(([day, sums]) => ({ day, ...sums })),
        hours: hours.map(([hour, sums]) => ({ hour, ...sums })),
        devices: [...devices].map(([device_type, sums]) => ({ device_type, ...sums })),
        pipeline,
        generated_at: isoTime(now())
      }
    }
  )
}
