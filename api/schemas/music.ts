import { Type } from '@sinclair/typebox'
import { COUNTRY_PATTERN, Count, Limit, NamedTrack, NamedTrackFields, Nullable, OneOf, OtherListener, Time } from './common.js'

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
  country: Type.Optional(Type.String({ pattern: COUNTRY_PATTERN, description: 'ISO 3166-1 alpha-2; all countries where absent.' })),
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

/** One place of a leaderboard. */
const Place = {
  rank: Type.Integer({ minimum: 1 }),
  previous_rank: Nullable(Type.Integer({ minimum: 1, description: 'In the window before. Null: not among its first hundred.' })),
  movement: Type.String({ pattern: '^(new|0|[+-][1-9][0-9]*)$', description: 'new, or the places gained (+3) or lost (-1) since.' }),
  plays: Count
}
const LeaderboardFields = {
  ...ChartFields,
  compared_with: Nullable(
    Type.String({
      format: 'date-time',
      description:
        'The end of the window before: it is as long, and ends where this one begins. Of all time: 24 hours before. Null: nothing was played.'
    })
  )
}
export const TrackLeaderboardSchema = Type.Object({
  ...LeaderboardFields,
  entries: Type.Array(Type.Object({ ...Place, ...NamedTrack.properties }))
})
export const ArtistLeaderboardSchema = Type.Object({
  ...LeaderboardFields,
  entries: Type.Array(Type.Object({ ...Place, artist_id: Type.String(), artist_name: Type.String() }))
})
const ListenerPlace = Type.Object({ ...Place, ...OtherListener })
export const ListenerLeaderboardSchema = Type.Object({
  ...LeaderboardFields,
  entries: Type.Array(ListenerPlace),
  me: Nullable(ListenerPlace, { description: 'Your own place. Null: you are not among the first hundred.' })
})

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
