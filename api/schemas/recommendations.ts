import { type Static, Type } from '@fastify/type-provider-typebox'
import { At, Count, Id, Limit, NamedTrackFields, Nullable, OneOf } from './common.js'

export const DEFAULT_STRATEGY = 'session'
const strategies = ['session', 'baseline'] as const

const StrategyQuery = Type.Optional(
  OneOf(strategies, {
    default: DEFAULT_STRATEGY,
    description: 'session: from the last ten tracks of the current session. baseline: from the current track alone.'
  })
)

export const ListenerQuery = Type.Object({
  user_id: Type.Optional(Id('The listener; whoever is signed in where absent.')),
  limit: Limit,
  strategy: StrategyQuery,
  at: At
})
export const TrackQuery = Type.Object({
  user_id: Type.Optional(Id('The listener; without one the affinities are 0.')),
  limit: Limit,
  strategy: StrategyQuery,
  at: At
})

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
  strategy: OneOf(strategies),
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
export type Recommendations = Static<typeof RecommendationsSchema>
/** What is computed, and cached; how it was served is added when it is. */
export type Answer = Omit<Recommendations, 'cache_hit' | 'query_time_ms' | 'stale'>
