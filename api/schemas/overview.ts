import { Type } from '@sinclair/typebox'
import { Count, NamedTrackFields, Nullable, OneOf, Time } from './common.js'

const Sums = { plays: Count, listening_ms: Count }
const SOURCES = ['warehouse', 'live'] as const

export const OverviewQuery = Type.Object({
  source: Type.Optional(OneOf(SOURCES, { description: 'The warehouse if it has been built, else live, where absent.' }))
})

export const OverviewSchema = Type.Object({
  source: OneOf(SOURCES, { description: "warehouse: dbt's gold tables; live: what the processors have computed up to now." }),
  warehouse: Type.Object({
    built_at: Nullable(Time),
    note: Nullable(Type.String({ description: 'A sentence: why the warehouse has nothing.' })),
    command: Nullable(Type.String({ description: 'What builds it.' }))
  }),
  totals: Type.Object({
    ...Sums,
    tracks: Nullable(Type.Integer({ minimum: 0, description: 'Different ones; null where they are not counted (live).' })),
    artists: Nullable(Count),
    listeners: Nullable(Count),
    first_day: Nullable(Type.String({ description: '2026-01-31, UTC' })),
    last_day: Nullable(Type.String())
  }),
  days: Type.Array(Type.Object({ day: Type.String(), ...Sums }), { description: 'All days with plays, at most the latest 400.' }),
  hours: Type.Array(Type.Object({ hour: Type.String({ description: '2026-01-31T17, UTC' }), ...Sums }), {
    description: 'Of the latest seven days.'
  }),
  devices: Type.Array(Type.Object({ device_type: Type.String(), ...Sums })),
  top_tracks: Type.Array(Type.Object({ ...NamedTrackFields, plays: Count })),
  top_artists: Type.Array(Type.Object({ artist_id: Type.String(), artist_name: Type.String(), plays: Count }))
})
