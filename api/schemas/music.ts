import { Type } from '@fastify/type-provider-typebox'
import { Count, Limit, NamedTrack, NamedTrackFields, Nullable, OneOf, Time } from './common.js'

export const TrackSchema = Type.Object({
  ...NamedTrackFields,
  plays: Count,
  sessions: Type.Integer({ minimum: 0, description: 'Sessions that contain the track.' }),
  neighbours: Type.Integer({ minimum: 0, description: 'Neighbours published.' })
})

export const LimitQuery = Type.Object({ limit: Limit })

export const NeighboursSchema = Type.Object({
  ...NamedTrackFields,
  sessions: Count,
  total_neighbours: Count,
  neighbours: Type.Array(
    Type.Object({
      ...NamedTrackFields,
      sessions_together: Count,
      cooccurrence: Type.Number({ minimum: 0, maximum: 1, description: 'sessions together / sessions of the track' }),
      follow: Type.Number({ minimum: 0, description: 'How strongly it follows the track: weight / plays, both decayed.' })
    })
  )
})

export const ChartQuery = Type.Object({
  window: Type.Optional(OneOf(['hour', 'day', 'week', 'all'], { default: 'all' })),
  country: Type.Optional(Type.String({ pattern: '^[A-Za-z]{2}$', description: 'ISO 3166-1 alpha-2; all countries where absent.' })),
  limit: Limit
})

const ChartFields = {
  window: OneOf(['hour', 'day', 'week', 'all']),
  country: Nullable(Type.String()),
  window_end: Nullable(Type.String({ format: 'date-time', description: 'T: plays before it count. Null: nothing was played.' })),
  oldest_shard_end: Nullable(
    Type.String({
      format: 'date-time',
      description: "T of the partition that is furthest back: partitions' windows end with their own input."
    })
  )
}
const entry = { place: Type.Integer({ minimum: 1 }), plays: Count }

export const TrackChartSchema = Type.Object({ ...ChartFields, entries: Type.Array(Type.Object({ ...entry, ...NamedTrack.properties })) })
export const ArtistChartSchema = Type.Object({
  ...ChartFields,
  entries: Type.Array(Type.Object({ ...entry, artist_id: Type.String(), artist_name: Type.String() }))
})

const Sums = { plays: Count, listening_ms: Count }
export const StatisticsQuery = Type.Object({
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 400, default: 90, description: 'How many of the latest days with plays.' }))
})
export const StatisticsSchema = Type.Object({
  totals: Type.Object({ ...Sums, first_day: Nullable(Type.String()), last_day: Nullable(Type.String()) }),
  days: Type.Array(Type.Object({ day: Type.String({ description: '2026-01-31, UTC' }), ...Sums })),
  hours: Type.Array(Type.Object({ hour: Type.String({ description: '2026-01-31T17, UTC; of the latest seven days' }), ...Sums })),
  devices: Type.Array(Type.Object({ device_type: Type.String(), ...Sums })),
  pipeline: Type.Object({
    accepted: Type.Record(Type.String(), Count),
    rejected: Type.Record(Type.String(), Count),
    duplicates: Count,
    sessions: Count
  }),
  generated_at: Time
})
