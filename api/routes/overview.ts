import { readChart } from '../answers/charts.js'
import { Names } from '../answers/names.js'
import { StatisticsReader } from '../answers/statistics.js'
import { isoTime } from '../answers/text.js'
import type { Api, ApiContext } from '../context.js'
import type { Warehouse, WarehouseOverview } from '../overview.js'
import { problems } from '../schemas/common.js'
import { OverviewQuery, OverviewSchema } from '../schemas/overview.js'

const DAYS = 400
const HOURS = 7 * 24
const HOUR_MS = 3_600_000
const DEVICES = 100
const TOP = 5
const DAY_LENGTH = 10

/** GET /overview: what was played, of the warehouse's gold tables or as it is now. */
export function overviewRoute(app: Api, context: ApiContext, warehouse: Warehouse | undefined): void {
  app.get(
    '/overview',
    {
      config: { access: 'listener' },
      schema: {
        operationId: 'getOverview',
        summary: 'Totals, days, hours, devices, and the five most played tracks and artists',
        tags: ['music'],
        querystring: OverviewQuery,
        response: { 200: OverviewSchema, ...problems(400) }
      }
    },
    async ({ query: { source }, log }) => {
      const { built, note, command } = await ask(warehouse, error => log.warn({ err: error }, 'The warehouse could not be read'))
      const state = { built_at: built === undefined ? null : isoTime(built.builtAt), note, command }
      if (built !== undefined && source !== 'live') return { source: 'warehouse' as const, warehouse: state, ...ofWarehouse(built) }
      return { source: 'live' as const, warehouse: state, ...(await live(context)) }
    }
  )
}

async function ask(
  warehouse: Warehouse | undefined,
  onFailure: (error: unknown) => void
): Promise<{ built?: WarehouseOverview; note: string | null; command: string | null }> {
  if (warehouse === undefined) return { note: 'No warehouse is set up here.', command: null }
  const { command } = warehouse
  try {
    const built = await warehouse.overview()
    return built === undefined ? { note: 'The warehouse has not been built yet.', command } : { built, note: null, command }
  } catch (error) {
    // Its words may name accounts and addresses: they go to the log.
    onFailure(error)
    return { note: "The warehouse can't be read now: the reason is in the log.", command }
  }
}

function ofWarehouse({ totals, days, hours, devices, topTracks, topArtists }: WarehouseOverview) {
  const { plays, listening_ms, tracks, artists, listeners, firstPlayAt, lastPlayAt } = totals
  const dayOf = (time: number | null) => (time === null ? null : isoTime(time).slice(0, DAY_LENGTH))
  return {
    totals: { plays, listening_ms, tracks, artists, listeners, first_day: dayOf(firstPlayAt), last_day: dayOf(lastPlayAt) },
    days: days.slice(-DAYS),
    hours: hours.filter(({ hour }) => timeOfHour(hour) > timeOfHour(hours.at(-1)!.hour) - HOURS * HOUR_MS),
    devices: [...devices],
    top_tracks: topTracks.slice(0, TOP),
    top_artists: topArtists.slice(0, TOP)
  }
}

/** Of 2026-01-31T17, milliseconds. */
const timeOfHour = (hour: string): number => Date.parse(`${hour}:00Z`)

async function live({ view, options: { partitions }, now }: ApiContext) {
  const reader = new StatisticsReader(view, partitions)
  const [total, firstDay, days, devices, tracks, artists] = await Promise.all([
    reader.read('total', 1),
    reader.read('day', 1),
    reader.latestDays(DAYS, now()),
    reader.read('device', DEVICES),
    readChart(view, partitions, 'tracks', 'all', null),
    readChart(view, partitions, 'artists', 'all', null)
  ])
  const last_day = days.at(-1)?.[0] ?? null
  const hours = last_day === null ? [] : await reader.hoursUpTo(last_day)
  const [topTracks, topArtists] = [tracks.entries.slice(0, TOP), artists.entries.slice(0, TOP)]
  const names = new Names(view)
  await names.load(topTracks.map(entry => entry.id))
  await names.loadArtists(topArtists.map(entry => entry.id))
  const sums = [...total.values()][0] ?? { plays: 0, listening_ms: 0 }
  return {
    totals: { ...sums, tracks: null, artists: null, listeners: null, first_day: [...firstDay.keys()][0] ?? null, last_day },
    days: days.map(([day, sums]) => ({ day, ...sums })),
    hours: hours.map(([hour, sums]) => ({ hour, ...sums })),
    devices: [...devices].map(([device_type, sums]) => ({ device_type, ...sums })).sort((a, b) => b.plays - a.plays),
    top_tracks: topTracks.map(({ id, plays }) => ({ plays, ...names.track(id) })),
    top_artists: topArtists.map(({ id, plays }) => ({ plays, artist_id: id, artist_name: names.artistName(id) }))
  }
}
