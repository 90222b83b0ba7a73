import t from 'tap'
import type { Warehouse, WarehouseOverview } from '../../api/overview.js'
import { fixture, NOW } from './support.js'

const DAY_MS = 86_400_000

const built: WarehouseOverview = {
  builtAt: NOW - DAY_MS,
  totals: { plays: 1300, listening_ms: 9_000, tracks: 70, artists: 30, listeners: 5, firstPlayAt: NOW - 500 * DAY_MS, lastPlayAt: NOW },
  days: Array.from({ length: 500 }, (_, i) => ({
    day: new Date(NOW - (499 - i) * DAY_MS).toISOString().slice(0, 10),
    plays: i,
    listening_ms: i
  })),
  // With a gap: a week is seven days, not so many rows.
  hours: ['2025-12-01T10', '2026-01-24T17', '2026-01-24T18', '2026-01-31T17'].map((hour, i) => ({ hour, plays: i, listening_ms: i })),
  devices: [{ device_type: 'tv', plays: 1300, listening_ms: 9_000 }],
  topTracks: Array.from({ length: 9 }, (_, i) => ({
    ...{ track_id: `t${i}`, track_name: `T${i}`, artist_id: 'a', artist_name: 'A' },
    plays: 9 - i
  })),
  topArtists: Array.from({ length: 9 }, (_, i) => ({ artist_id: `a${i}`, artist_name: `A${i}`, plays: 9 - i }))
}

const command = 'dbt build'
const warehouse = (overview: Warehouse['overview']): Warehouse => ({ command, overview })

/** What the view has. */
async function application(given?: Warehouse) {
  const it = await fixture(given && { warehouse: given })
  const { view } = it
  view.track('a', 'A')
  view.artist('A')
  for (const shard of [0, 2]) {
    view.statistics('total', 'all', shard, 20)
    view.statistics('day', '2026-01-30', shard, 15)
    view.statistics('day', '2026-01-31', shard, 5)
    view.statistics('hour', '2026-01-31T16', shard, 5)
    view.statistics('device', 'tv', shard, 4)
    view.statistics('device', 'car', shard, 16)
  }
  view.chart('tracks', 'all', null, 1, NOW, [['a', 40]])
  view.chart('artists', 'all', null, 1, NOW, [['A', 40]])
  const ask = async (query = '') => (await it.app.inject(`/v1/overview${query}`)).json()
  return { ...it, ask }
}

const live = {
  source: 'live',
  totals: {
    plays: 40,
    listening_ms: 40_000,
    tracks: null,
    artists: null,
    listeners: null,
    first_day: '2026-01-30',
    last_day: '2026-01-31'
  },
  days: [
    { day: '2026-01-30', plays: 30 },
    { day: '2026-01-31', plays: 10 }
  ],
  hours: [{ hour: '2026-01-31T16', plays: 10 }],
  devices: [{ device_type: 'car', plays: 32 }, { device_type: 'tv' }],
  top_tracks: [{ track_id: 'a', plays: 40, track_name: 'Name of a' }],
  top_artists: [{ artist_id: 'A', plays: 40, artist_name: 'Name of A' }]
}

t.test('without a warehouse: live, and said so', async t => {
  const { ask } = await application()
  t.match(await ask(), { ...live, warehouse: { built_at: null, note: 'No warehouse is set up here.', command: null } })
})

t.test('a warehouse that has not been built: live, with the command that builds it', async t => {
  const { ask } = await application(warehouse(async () => undefined))
  t.match(await ask(), { ...live, warehouse: { built_at: null, note: 'The warehouse has not been built yet.', command } })
  t.match(await ask('?source=warehouse'), { source: 'live' })
})

t.test('a warehouse: its numbers, a bounded part of them; live on request', async t => {
  const { ask } = await application(warehouse(async () => built))
  const overview = await ask()
  t.match(overview, {
    source: 'warehouse',
    warehouse: { built_at: new Date(built.builtAt).toISOString(), note: null },
    totals: { plays: 1300, tracks: 70, artists: 30, listeners: 5, last_day: '2026-01-31' },
    devices: built.devices
  })
  t.strictSame(overview.days, built.days.slice(100))
  t.strictSame(overview.hours, built.hours.slice(2))
  t.strictSame(overview.top_tracks, built.topTracks.slice(0, 5))
  t.strictSame(overview.top_artists, built.topArtists.slice(0, 5))
  t.match(await ask('?source=live'), { ...live, warehouse: { note: null } })
})

t.test('a warehouse that fails: live, and its words stay in the log', async t => {
  const secret = 'account xy12345 on secret.example'
  const { ask } = await application(
    warehouse(async () => {
      throw new Error(secret)
    })
  )
  const overview = await ask()
  t.match(overview, { ...live, warehouse: { built_at: null, note: /in the log/, command } })
  t.notMatch(JSON.stringify(overview), secret)
})
