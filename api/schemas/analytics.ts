import { Type } from '@sinclair/typebox'
import { Count, Limit, NamedTrackFields, Nullable, Time } from './common.js'

export const AnalyticsQuery = Type.Object({
  limit: Limit,
  utc_offset: Type.Optional(
    Type.Integer({
      minimum: -12,
      maximum: 14,
      default: 0,
      description: 'Hours from UTC that the clock is turned by. Days stay those of UTC.'
    })
  )
})

const Played = { plays: Count, first_played_at: Time }
const Day = Nullable(Type.String({ description: '2026-01-31, UTC' }))

export const AnalyticsSchema = Type.Object({
  user_id: Type.String(),
  as_of: Type.String({ format: 'date-time', description: 'The latest event of the listener.' }),
  first_play_at: Nullable(Time),
  plays: Count,
  listening_ms: Count,
  top_tracks: Type.Array(Type.Object({ ...NamedTrackFields, ...Played }), { description: 'Of all time, by plays, then by id.' }),
  top_artists: Type.Array(Type.Object({ artist_id: Type.String(), artist_name: Type.String(), ...Played })),
  clock: Type.Object({
    utc_offset: Type.Integer(),
    plays: Type.Array(Type.Array(Count, { minItems: 24, maxItems: 24 }), {
      minItems: 7,
      maxItems: 7,
      description: 'By weekday, Monday first, and hour.'
    })
  }),
  sessions: Type.Object(
    { count: Count, average_ms: Count, longest_ms: Count },
    { description: 'A session is as long as from the start of its first play to the start of its last.' }
  ),
  days: Type.Object({
    active: Type.Integer({ minimum: 0, description: 'Days with plays.' }),
    first: Day,
    last: Day,
    current_streak: Type.Integer({ minimum: 0, description: 'Days in a row up to today, or up to yesterday while today has no play yet.' }),
    longest_streak: Count
  }),
  gaps: Nullable(
    Type.Array(Type.Object({ from: Time, to: Time }), {
      description: 'Between these times something was played that Spotify no longer listed: numbers of that time are too low.'
    }),
    { description: 'Null: no account is connected, so whether something is missing is not known.' }
  )
})
