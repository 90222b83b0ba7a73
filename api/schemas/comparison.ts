import { Type } from '@sinclair/typebox'
import { Count, ID_PATTERN, Id, NamedTrackFields, Nullable, OneOf, OtherListener, Time, UserParams } from './common.js'

const Similarity = Type.Number({ minimum: 0, maximum: 1, description: "The cosine of the two listeners' affinities to artists." })
const ContributingArtist = {
  artist_id: Type.String(),
  artist_name: Type.String(),
  share: Type.Number({ minimum: 0, maximum: 1, description: 'Its part of the similarity.' })
}

export const SimilarSchema = Type.Object({
  user_id: Type.String(),
  considered: Type.Integer({ minimum: 0, description: 'Listeners that were compared.' }),
  listeners: Type.Array(
    Type.Object({
      ...OtherListener,
      similarity: Similarity,
      shared_artists: Type.Array(Type.Object(ContributingArtist), { maxItems: 3, description: 'Those that contribute most.' })
    }),
    { description: 'The most alike first.' }
  )
})

export const CompareParams = Type.Object({
  ...UserParams.properties,
  other: Id('The listener_id of another one, as leaderboards and similar listeners show it; percent-encoded.')
})

const Heard = {
  plays: Nullable(Count),
  other_plays: Nullable(Count),
  first_played_at: Nullable(Time),
  other_first_played_at: Nullable(Time),
  first: Nullable(OneOf(['listener', 'other', 'same_time']), {
    description: 'Who heard it first. Null: it is not among the fifty most played of one of the two.'
  })
}

export const ComparisonSchema = Type.Object({
  listener: Type.Object(OtherListener),
  other: Type.Object(OtherListener),
  similarity: Similarity,
  total_shared_artists: Count,
  shared_artists: Type.Array(Type.Object({ ...ContributingArtist, ...Heard }), { description: 'Those that contribute most first.' }),
  total_shared_tracks: Count,
  shared_tracks: Type.Array(Type.Object({ ...NamedTrackFields, ...Heard }), {
    description: 'Of the fifty most played of each: what both play often first.'
  })
})

export const SharingBody = Type.Object(
  {
    shares: Type.Boolean({ description: 'Whether other listeners may compare themselves with you, and find you when they are like you.' }),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 40,
        pattern: ID_PATTERN,
        description: 'What others see; none where absent. Names are not unique.'
      })
    )
  },
  { additionalProperties: false }
)

export const SharingSchema = Type.Object({
  user_id: Type.String(),
  shares: Type.Boolean(),
  name: Nullable(Type.String()),
  listener_id: Type.String({ description: 'What others know the listener by.' })
})
