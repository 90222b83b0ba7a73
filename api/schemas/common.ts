import { type SchemaOptions, type TSchema, Type } from '@sinclair/typebox'

export const DEFAULT_LIMIT = 10
export const MAX_LIMIT = 50

export const ID_PATTERN = '^[^\\u0000-\\u001f\\u007f]+$'
/** 1 to 128 characters, none of them a control character: what the pipeline accepts as an id. */
export const Id = (description: string) => Type.String({ minLength: 1, maxLength: 128, pattern: ID_PATTERN, description })

export const COUNTRY_PATTERN = '^[A-Za-z]{2}$'

export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'How many to list.' })
)
export const At = Type.Optional(
  Type.String({ format: 'date-time', description: 'The time that "now" stands for, with its zone; the present where absent.' })
)

export const Nullable = <T extends TSchema>(schema: T, options: SchemaOptions = {}) => Type.Union([schema, Type.Null()], options)
export const Time = Type.String({ format: 'date-time' })
export const Count = Type.Integer({ minimum: 0 })

/** One of a few words. */
export const OneOf = <const V extends string>(values: readonly V[], options: object = {}) =>
  Type.Unsafe<V>({ type: 'string', enum: [...values], ...options })

export const TrackParams = Type.Object({ track_id: Id('A track id, percent-encoded.') })
export const UserParams = Type.Object({ user_id: Id('A listener, percent-encoded.') })

export const NamedTrackFields = {
  track_id: Type.String(),
  track_name: Type.String({ description: 'The id where no name is known.' }),
  artist_id: Nullable(Type.String()),
  artist_name: Nullable(Type.String())
}
export const NamedTrack = Type.Object(NamedTrackFields)

/** A listener as another one may see them. */
export const OtherListener = {
  listener_id: Type.String({ description: "An alias that stays the same and tells nothing; a listener's id for admins." }),
  name: Nullable(Type.String({ description: 'What the listener wants to be called: they share their taste.' })),
  is_me: Type.Boolean()
}

/** Documents server-sent events, each as an object of its fields. */
export const eventStream = (events: string) => ({
  description: 'A stream.',
  content: {
    'text/event-stream': {
      schema: Type.Object({
        event: Type.String({ description: events }),
        id: Type.Optional(Type.String()),
        data: Type.String({ description: 'JSON.' })
      })
    }
  }
})

const ProblemBody = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'A sentence that says what is wrong and what to do.' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), message: Type.String(), line: Type.Optional(Type.Integer({ minimum: 1 })) }))
    )
  },
  { description: 'RFC 9457' }
)

/** Documents error answers: `...problems(400, 404)` in a route's responses. */
export const problems = <S extends number>(...statuses: readonly S[]) =>
  Object.fromEntries(
    statuses.map(status => [status, { description: 'A problem.', content: { 'application/problem+json': { schema: ProblemBody } } }])
  ) as Record<S, { description: string; content: { 'application/problem+json': { schema: typeof ProblemBody } } }>
