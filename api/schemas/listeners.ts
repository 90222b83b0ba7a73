import { Type } from '@fastify/type-provider-typebox'
import { At, Count, Limit, NamedTrack, NamedTrackFields, Nullable, Time } from './common.js'

export const ListenersSchema = Type.Object({
  users: Type.Array(
    Type.Object({
      user_id: Type.String(),
      last_play_at: Time,
      current: Type.Boolean({ description: 'Whether the session is current: its last play is at most 60 minutes ago.' }),
      session_plays: Count,
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

export const SessionQuery = Type.Object({ limit: Limit, at: At })
export const SessionSchema = Type.Object({
  user_id: Type.String(),
  started_at: Time,
  last_play_at: Time,
  current: Type.Boolean(),
  plays: Count,
  country: Nullable(Type.String()),
  total_tracks: Count,
  tracks: Type.Array(Type.Object({ ...NamedTrackFields, last_played_at: Time }), {
    description: 'Distinct, the most recently played first.'
  })
})
