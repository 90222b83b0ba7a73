import { type Static, Type } from '@sinclair/typebox'
import { At, Count, Id, Limit, MAX_LIMIT, NamedTrackFields, Nullable, OneOf } from './common.js'

/** How many UTC days of plays count as heard. */
export const HEARD_DAYS = 90

export const DEFAULT_STRATEGY = 'session'
export const STRATEGIES = ['session', 'baseline'] as const

const StrategyField = Type.Optional(
  OneOf(STRATEGIES, {
    description:
      "session: from the last ten tracks of the current session. baseline: from the current track alone. Where absent: the listener's variant of the experiment, if there is one, else session."
  })
)

const MAX_EXCLUDED = 100
const Wishes = {
  exclude: Type.Optional(
    Type.Array(Id('A track id.'), {
      maxItems: MAX_EXCLUDED,
      description: `Tracks to leave out; repeat it for each, up to ${MAX_EXCLUDED}.`
    })
  ),
  max_per_artist: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIMIT, description: 'At most so many tracks of one artist.' }))
}
const ListenerWishes = {
  ...Wishes,
  exclude_heard: Type.Optional(
    Type.Boolean({
      default: false,
      description: `Leave out what the listener played on the last ${HEARD_DAYS} UTC days on which something is known of them.`
    })
  )
}

export const ListenerQuery = Type.Object({
  user_id: Type.Optional(Id('The listener; whoever is signed in where absent.')),
  limit: Limit,
  strategy: StrategyField,
  at: At,
  ...ListenerWishes
})
export const TrackQuery = Type.Object({
  user_id: Type.Optional(Id('The listener; without one the affinities are 0.')),
  limit: Limit,
  strategy: StrategyField,
  at: At,
  ...ListenerWishes
})

export const MyStreamQuery = Type.Object({ limit: Limit, strategy: StrategyField, ...ListenerWishes })
export const StreamQuery = Type.Object({
  user_id: Type.Optional(Id('The listener; whoever is signed in where absent.')),
  ...MyStreamQuery.properties
})

export const MAX_BATCH = 50
export const BatchBody = Type.Object(
  {
    user_ids: Type.Array(Id('A listener.'), { minItems: 1, maxItems: MAX_BATCH, uniqueItems: true }),
    limit: Limit,
    strategy: StrategyField,
    ...ListenerWishes
  },
  { additionalProperties: false }
)

export const MAX_SEEDS = 100
export const RadioBody = Type.Object(
  {
    tracks: Type.Array(Id('A track id.'), {
      minItems: 1,
      maxItems: MAX_SEEDS,
      description:
        'In the order in which they were played: the last ones count most, and none of them comes again. To go on, append what was played.'
    }),
    limit: Limit,
    strategy: StrategyField,
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2 ** 31 - 1,
        description: 'With one, the list is drawn from the best five times as many; the same seed draws the same.'
      })
    ),
    ...Wishes
  },
  { additionalProperties: false }
)

export const RecommendationItemSchema = Type.Object({
  ...NamedTrackFields,
  recommendation_score: Type.Number({ minimum: 0, maximum: 100, description: '100 · (0.7 · co-occurrence + 0.3 · affinity part)' }),
  cooccurrence_score: Type.Number({ minimum: 0, maximum: 1 }),
  artist_affinity_score: Type.Number({ minimum: 0, maximum: 100, description: "100 · the listener's affinity to the artist" }),
  sessions_together: Type.Integer({ minimum: 0, description: 'Sessions with both this and the current track.' }),
  reasoning: Type.String(),
  because: Type.Object({
    tracks: Type.Array(Type.Object({ track_id: Type.String(), track_name: Type.String() }), {
      maxItems: 3,
      description: 'The tracks that contributed most, the strongest first.'
    }),
    artist: Nullable(Type.Object({ artist_id: Type.String(), artist_name: Type.String() }))
  })
})
export type RecommendationItem = Static<typeof RecommendationItemSchema>

export const FALLBACKS = ['affine_artists', 'country_chart', 'global_chart'] as const
export type FallbackSource = (typeof FALLBACKS)[number]

export const RecommendationsSchema = Type.Object({
  track_id: Nullable(Type.String({ description: 'The current track; null when nothing is playing.' })),
  track_name: Nullable(Type.String()),
  artist_name: Nullable(Type.String()),
  user_id: Nullable(Type.String()),
  recommendation_id: Nullable(
    Type.String({
      description: 'For POST /feedback; an answer from the cache keeps it. Null: a list for no listener, or for another time than now.'
    })
  ),
  strategy: OneOf(STRATEGIES),
  experiment: Nullable(
    Type.Object(
      { name: Type.String(), variant: OneOf(STRATEGIES) },
      { description: 'The A/B test that chose the strategy; null: none did.' }
    )
  ),
  context: Type.Array(Type.String(), { description: 'The track ids the answer is computed from, the current one first.' }),
  recommendations: Type.Array(RecommendationItemSchema),
  total_recommendations: Count,
  fallback: Nullable(Type.Object({ source: OneOf(FALLBACKS), reason: Type.String() })),
  generated_at: Type.String({ format: 'date-time', description: 'When the answer was computed; a cached one keeps it.' }),
  as_of: Nullable(Type.String({ format: 'date-time', description: 'The newest event time that the answer rests on.' })),
  cache_hit: Type.Boolean(),
  stale: Type.Optional(Type.Boolean({ description: 'True: the last known answer, because a new one could not be computed.' })),
  query_time_ms: Type.Number({ minimum: 0 })
})
export const BatchSchema = Type.Object({
  answers: Type.Array(RecommendationsSchema, { description: 'In the order of the listeners.' }),
  not_found: Type.Array(Type.String(), { description: 'Listeners of whom nothing is known.' })
})
export type Recommendations = Static<typeof RecommendationsSchema>
/** What is computed, and cached; how it was served is added when it is. */
export type Answer = Omit<Recommendations, 'cache_hit' | 'query_time_ms' | 'stale'>
