import { Type } from '@sinclair/typebox'
import { sections, streamTables } from '../reconciliation.js'
import { Count, Nullable, OneOf, Time } from './common.js'

const Offset = Type.Object({ topic: Type.String(), partition: Count, offset: Count })

export const CutStateSchema = Type.Object({
  tasks: Type.Array(Type.Object({ unit: Type.String(), partition: Count })),
  offsets: Type.Array(Offset)
})

export const ResumedSchema = Type.Object({
  held: Type.Boolean({ description: 'Whether the stream was still held until now.' }),
  pausedMs: Type.Number({ minimum: 0 })
})

export const MOST_PAUSE_MS = 60_000
export const HoldSchema = Type.Object(
  { max_pause_ms: Type.Integer({ minimum: 100, maximum: MOST_PAUSE_MS, description: 'The stream goes on by itself after so long.' }) },
  { additionalProperties: false }
)

export const RowsParams = Type.Object({ table: OneOf(streamTables) })
export const LakeOffsetsSchema = Type.Object({ offsets: Nullable(Type.Array(Offset)) })

const Values = Type.Record(Type.String(), Type.Number())
export const RepairsSchema = Type.Object(
  {
    differences: Type.Array(
      Type.Object({
        section: OneOf(sections),
        keys: Type.Array(Type.String(), { minItems: 1, maxItems: 3 }),
        stream: Values,
        batch: Values
      }),
      { maxItems: 1_000 }
    )
  },
  { additionalProperties: false }
)

export const VerdictsQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 30, default: 10, description: 'How many to list.' }))
})
export const VerdictsSchema = Type.Object({
  reconciliations: Type.Array(
    Type.Object({
      id: Type.String({ description: 'Also the name of its directory, in reconciliations/ of the data directory.' }),
      started_at: Time,
      duration_ms: Count,
      verdict: OneOf(['equal', 'different', 'failed']),
      reason: Nullable(Type.String({ description: 'Why it could not be done.' })),
      pause_ms: Nullable(Count),
      keys: Count,
      differences: Count,
      repaired: Type.Boolean({ description: 'It looked whether the repairs of the one before hold.' })
    }),
    { description: 'The latest first.' }
  )
})
