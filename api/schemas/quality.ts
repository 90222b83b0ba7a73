import { Type } from '@sinclair/typebox'
import { Count, Id, Nullable, OneOf, Time } from './common.js'
import { STRATEGIES } from './recommendations.js'

export const QualityQuery = Type.Object({
  window: Type.Optional(OneOf(['hour', 'day', 'week', 'all'], { default: 'day', description: 'Up to now; by when the plays began.' }))
})

const Share = (description: string) => Nullable(Type.Number({ minimum: 0, maximum: 1, description }))
const Measures = {
  plays: Type.Integer({ minimum: 0, description: 'Plays that were scored.' }),
  hit_rate: Share('Share of them that were among the ten recommended; null: none was scored.'),
  ndcg: Share('Mean of 1 / log2(rank + 1), 0 for those that were not.'),
  mrr: Share('Mean of 1 / rank, 0 for those that were not.')
}

export const QualitySchema = Type.Object({
  window: OneOf(['hour', 'day', 'week', 'all']),
  window_end: Time,
  span_ms: Nullable(
    Type.Integer({ description: 'Of a point of the series: five minutes in an hour, else an hour; null: there is no series.' })
  ),
  strategies: Type.Array(
    Type.Object({
      strategy: OneOf(STRATEGIES),
      ...Measures,
      series: Type.Array(Type.Object({ start: Time, ...Measures }), {
        description: 'Spans in which something was scored, the oldest first.'
      })
    })
  ),
  given: Type.Array(
    Type.Object({
      experiment: Nullable(Type.String()),
      strategy: OneOf(STRATEGIES),
      lists: Count,
      tracks: Count,
      played: Count,
      skipped: Count,
      liked: Count
    }),
    {
      description:
        'Of all time: the lists that listeners were given, by experiment (null: none) and strategy, and what they said of their tracks.'
    }
  ),
  sampling: Type.Object({
    one_in: Type.Integer({ minimum: 0, description: 'Lists are made after one of so many plays; 0: never.' }),
    per_second: Count,
    lists_made: Type.Integer({ minimum: 0, description: 'By this process, since its start.' }),
    lists_passed: Type.Integer({ minimum: 0, description: 'Not made, because more was played than that.' }),
    facts_written: Type.Integer({ minimum: 0, description: 'Lists and exposures that were written to their topics.' }),
    facts_lost: Type.Integer({ minimum: 0, description: 'They came faster than they could be written, or could not be.' })
  })
})

export const ACTIONS = ['played', 'skipped', 'liked'] as const
export const FeedbackBody = Type.Object(
  {
    recommendation_id: Type.String({
      pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
      description: "The answer's, not older than seven days."
    }),
    track_id: Id('A track of that answer.'),
    action: OneOf(ACTIONS),
    user_id: Type.Optional(Id('The listener; whoever is signed in where absent.'))
  },
  { additionalProperties: false }
)
