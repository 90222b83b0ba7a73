/**
 * What Segue reads of Spotify's answers, after its OpenAPI description. Everything else in them is let through unread. Fields
 * that Spotify documents as optional, nullable or (since 2026) no longer given to every app are optional here.
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { UnexpectedAnswerError } from './errors.js'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Text = Type.String({ maxLength: 4096 })

export const TrackBody = Type.Object({
  type: Type.Literal('track'),
  /** Null: a file of the listener's own. */
  id: Nullable(Type.String({ minLength: 1, maxLength: 64 })),
  name: Text,
  duration_ms: Type.Integer({ minimum: 0 }),
  is_local: Type.Optional(Type.Boolean()),
  artists: Type.Array(Type.Object({ id: Type.Optional(Nullable(Type.String({ maxLength: 64 }))), name: Nullable(Text) }), {
    maxItems: 500
  }),
  album: Type.Optional(Nullable(Type.Object({ name: Nullable(Text) })))
})
export type TrackBody = Static<typeof TrackBody>

const DeviceBody = Type.Object({ is_private_session: Type.Optional(Type.Boolean()), type: Nullable(Text) })

/** GET /me/player/currently-playing, status 200. */
export const PlayingBody = Type.Object({
  is_playing: Type.Boolean(),
  progress_ms: Type.Optional(Nullable(Type.Integer())),
  /** track, episode, ad or unknown. */
  currently_playing_type: Type.String(),
  /** Of a track it is checked when it is read; an episode's is never read. */
  item: Type.Optional(Nullable(Type.Object({}))),
  device: Type.Optional(Nullable(DeviceBody))
})
export type PlayingBody = Static<typeof PlayingBody>

const Moment = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$' })

/** GET /me/player/recently-played. */
export const RecentBody = Type.Object({
  items: Type.Array(Type.Object({ played_at: Moment, track: TrackBody }), { maxItems: 50 }),
  next: Type.Optional(Nullable(Text))
})
export type RecentBody = Static<typeof RecentBody>

/** GET /me/tracks. */
export const SavedBody = Type.Object({ items: Type.Array(Type.Object({ added_at: Moment, track: TrackBody }), { maxItems: 50 }) })
export type SavedBody = Static<typeof SavedBody>

/** GET /me. `account_id` (since 2026) never changes; `id` may. */
export const ProfileBody = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 128 }),
  account_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  display_name: Type.Optional(Nullable(Text)),
  country: Type.Optional(Nullable(Text))
})
export type ProfileBody = Static<typeof ProfileBody>

/** POST /api/token. A refresh may come without a new refresh token: the old one stays. */
export const TokenBody = Type.Object({
  access_token: Type.String({ minLength: 1, maxLength: 4096 }),
  token_type: Type.RegExp(/^bearer$/i),
  expires_in: Type.Integer({ minimum: 1 }),
  refresh_token: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 4096 }))),
  scope: Type.Optional(Text)
})

/** A refused POST /api/token (RFC 6749, section 5.2). */
export const RefusalBody = Type.Object({ error: Text })

/** The body as `schema` has it. @throws UnexpectedAnswerError naming the field, not its value. */
export function checked<T extends TSchema>(schema: T, body: unknown, what: string): Static<T> {
  if (Value.Check(schema, body)) return body
  const first = Value.Errors(schema, body).First()
  throw new UnexpectedAnswerError(`Spotify's answer to ${what} is not as documented: ${first?.path || 'the body'}: ${first?.message}.`)
}
