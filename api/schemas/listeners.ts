import { Type } from '@sinclair/typebox'
import { At, Count, Limit, NamedTrack, NamedTrackFields, Nullable, Time } from './common.js'

/** What a player shows, and the session does not have yet. */
const Playing = Nullable(
  Type.Object(
    { ...NamedTrackFields, since: Time },
    { description: 'What plays at this moment and has not become a play yet; null: nothing is known to.' }
  )
)

export const ListenersSchema = Type.Object({
  users: Type.Array(
    Type.Object({
      user_id: Type.String(),
      last_play_at: Time,
      current: Type.Boolean({ description: 'Whether the session is current: its last play is at most 60 minutes ago.' }),
      session_plays: Count,
      country: Nullable(Type.String()),
      playing: Playing,
      track: Nullable(NamedTrack)
    })
  )
})

export const AffinitySchema = Type.Object({
  user_id: Type.String(),
  as_of: Type.String({ format: 'date-time', description: 'The latest event of the listener.' }),
  country: Nullable(Type.String()),
  total_artists: Count,
  artists: Type.Array(
    Type.Object({
      artist_id: Type.String(),
      artist_name: Type.String(),
      affinity: Type.Number({ minimum: 0, maximum: 1 }),
      a: Type.Number({ description: 'The decayed sum of weights behind it.' }),
      plays: Type.Integer()
    })
  )
})

export const DEFAULT_DAYS = 30
export const DaysQuery = Type.Object({
  days: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 366,
      default: DEFAULT_DAYS,
      description: "How many UTC days up to the listener's latest event; days without plays are left out."
    })
  )
})
export const DaysSchema = Type.Object({
  user_id: Type.String(),
  as_of: Type.String({ format: 'date-time', description: 'The latest event of the listener.' }),
  days: Type.Array(
    Type.Object({
      day: Type.String({ description: '2026-01-31, UTC' }),
      plays: Count,
      listening_ms: Count,
      distinct_tracks: Count,
      distinct_artists: Count
    }),
    { description: 'The earliest first.' }
  )
})

export const SessionQuery = Type.Object({ limit: Limit, at: At })
export const SessionSchema = Type.Object({
  user_id: Type.String(),
  started_at: Time,
  last_play_at: Time,
  current: Type.Boolean(),
  plays: Count,
  country: Nullable(Type.String()),
  playing: Playing,
  total_tracks: Count,
  tracks: Type.Array(Type.Object({ ...NamedTrackFields, last_played_at: Time }), {
    description: 'Distinct, the most recently played first.'
  })
})
