import { Type } from '@sinclair/typebox'
import { Count, Id, Limit, NamedTrackFields, Nullable, OneOf, Time } from './common.js'

const PositionFields = { topic: Type.String(), partition: Count, offset: Count }
const Position = Type.Object(PositionFields)
const Event = Nullable(Type.Record(Type.String(), Type.Unknown(), { description: 'Its fields; null where no schema decodes it.' }))

const LetterFields = {
  id: Type.String({ description: 'topic-partition-offset of the rejected record.' }),
  code: Type.String(),
  reason: Type.String({ description: 'A sentence.' }),
  topic: Type.String(),
  record_time: Time,
  processor: Type.String(),
  at: Position
}
const LetterId = Type.String({ minLength: 5, maxLength: 120, pattern: '^[a-z-]+-[0-9]{1,6}-[0-9]{1,16}$' })

export const LettersQuery = Type.Object({ limit: Limit, code: Type.Optional(Type.String({ pattern: '^[A-Z_]{1,40}$' })) })
export const LettersSchema = Type.Object({
  letters: Type.Array(Type.Object(LetterFields)),
  searched: Type.Integer({ minimum: 0, description: 'Letters read for this answer.' }),
  complete: Type.Boolean({ description: 'Whether there are no others.' })
})
export const LetterParams = Type.Object({ letter_id: LetterId })
export const LetterSchema = Type.Object({
  ...LetterFields,
  key: Nullable(Type.String()),
  event: Event,
  bytes: Nullable(Type.String({ description: 'The value, hexadecimal; the first 4096 bytes.' })),
  size: Type.Integer({ minimum: 0, description: 'Of the value, bytes.' })
})
export const RetryBody = Type.Object({ ids: Type.Array(LetterId, { minItems: 1, maxItems: 100 }) })
export const RetrySchema = Type.Object({ sent: Type.Array(Type.String(), { description: 'Ids; those that are unknown are left out.' }) })

export const JourneyParams = Type.Object({ event_id: Id("An event's id, percent-encoded.") })
export const JourneyQuery = Type.Object({
  user_id: Type.Optional(Id('Its listener: the search then reads one partition of each topic, and reaches further back.'))
})
const PairK = Nullable(Type.Integer({ minimum: 1, maximum: 20, description: 'k: 1 is the neighbour itself.' }))
export const JourneySchema = Type.Object({
  raw: Type.Object({ ...PositionFields, record_time: Time, event: Event }),
  verdict: OneOf(['accepted', 'duplicate', 'rejected', 'waiting', 'unknown']),
  clean: Nullable(Type.Object({ ...PositionFields, type: Type.String(), user_id: Type.String(), ...NamedTrackFields, occurred_at: Time })),
  letter: Nullable(Type.Object(LetterFields)),
  session: Nullable(
    Type.Object({
      started_at: Time,
      last_play_at: Time,
      place: Count,
      complete: Type.Boolean(),
      published: Nullable(Position),
      plays: Type.Array(Type.Object({ ...NamedTrackFields, occurred_at: Time }))
    })
  ),
  pairs: Type.Array(
    Type.Object({
      ...NamedTrackFields,
      before: PairK,
      after: PairK,
      sessions_together: Nullable(Count),
      weight: Nullable(Type.Number({ description: 'W(track → other), decayed.' }))
    })
  ),
  neighbours: Nullable(Position),
  view: Type.Array(Position, { description: 'The offset is the next one to be read.' }),
  searched: Type.Integer({ minimum: 0, description: 'Records read for this answer.' })
})

export const EventsQuery = Type.Object({ limit: Limit })
export const EventsSchema = Type.Object({
  events: Type.Array(
    Type.Object({ ...PositionFields, record_time: Time, event_id: Type.String(), user_id: Type.String(), track_name: Type.String() })
  )
})

export const CrashBody = Type.Object({
  unit: Type.String({ minLength: 1, maxLength: 64, description: 'A sub-topology, as in GET /v1/topology.' }),
  partition: Type.Integer({ minimum: 0, maximum: 1023 }),
  state_lost: Type.Optional(Type.Boolean({ default: true, description: "Whether the task's store is lost, too." }))
})
export const CrashSchema = Type.Object({ back_after_ms: Type.Number({ minimum: 0 }) })
export const AuditSchema = Type.Object({
  records: Type.Integer({ minimum: 0, description: 'Records in the input topics.' }),
  counted: Type.Integer({ minimum: 0, description: 'Accepted, rejected and duplicate ones together.' }),
  exact: Nullable(Type.Boolean({ description: 'Null: it never was quiet enough to tell. Ask again.' })),
  chaos: Type.Boolean({ description: 'Whether tasks may be killed here.' })
})
