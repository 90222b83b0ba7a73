import type { Like, Play, PlaybackEvent, RejectionCode, Skip } from '../../schemas/events.js'

/** What the four input topics hold. */
export type SourceEvent = Play | Skip | Like | PlaybackEvent

export interface Rejection {
  readonly code: RejectionCode
  /** A sentence for the person who reads the dead letter. */
  readonly reason: string
}

/** 2006-01-01, the year in which Spotify was founded. */
const EARLIEST = Date.UTC(2006, 0, 1)
/** How far a producer's clock may be ahead of the record time. */
const AHEAD_MS = 10 * 60_000
const DAY_MS = 24 * 3_600_000
const MAX_ID_BYTES = 128

/**
 * The first check of semantics.md, section 2, that fails, each over all fields; undefined: accepted.
 * `artistId`: given by the source or derived; empty where the source has neither id nor name. `recordTime` in milliseconds.
 */
export function rejectionOf(event: SourceEvent, artistId: string, recordTime: number): Rejection | undefined {
  const { event_id, user_id, track_id, occurred_at, duration_ms, ms_played } = event
  if (user_id === '') return missing('user_id')
  if (track_id === '') return missing('track_id')
  if (artistId === '') return missing('artist_id')
  if (event_id === '') return missing('event_id')

  const badId =
    idFault('user_id', user_id) ?? idFault('track_id', track_id) ?? idFault('artist_id', artistId) ?? idFault('event_id', event_id)
  if (badId !== undefined) return { code: 'BAD_ID', reason: badId }

  if (!(occurred_at >= EARLIEST)) return { code: 'BAD_TIME', reason: `occurred_at is ${moment(occurred_at)}, before 2006-01-01.` }
  if (occurred_at > recordTime + AHEAD_MS) {
    const reason = `occurred_at is ${moment(occurred_at)}, more than 10 minutes after the record's own time ${moment(recordTime)}.`
    return { code: 'BAD_TIME', reason }
  }

  if (duration_ms !== null && !(duration_ms > 0 && duration_ms <= DAY_MS)) return badDuration('duration_ms', duration_ms, 'more than 0')
  if (ms_played !== null && !(ms_played >= 0 && ms_played <= DAY_MS)) return badDuration('ms_played', ms_played, 'at least 0')

  if ('event_type' in event && event.event_type === 'unknown') {
    return { code: 'BAD_TYPE', reason: 'event_type is missing, or none of the types that the schema playback-event knows.' }
  }
  return undefined
}

const missing = (field: string): Rejection => ({ code: 'MISSING_FIELD', reason: `${field} is empty.` })

const badDuration = (field: string, value: number, least: string): Rejection => ({
  code: 'BAD_DURATION',
  reason: `${field} is ${value} ms; it must be ${least} and at most 24 hours.`
})

/** One pass over the id: its length in UTF-8 and its control characters. Undefined: it is right. */
function idFault(field: string, id: string): string | undefined {
  let bytes = id.length
  for (let i = 0; i < id.length && bytes <= MAX_ID_BYTES; i++) {
    const unit = id.charCodeAt(i)
    if (unit < 0x20 || unit === 0x7f) return `${field} has the control character U+${unit.toString(16).toUpperCase().padStart(4, '0')}.`
    // A surrogate stands for half of four bytes.
    if (unit > 0x7f) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2
  }
  return bytes > MAX_ID_BYTES ? `${field} has more than ${MAX_ID_BYTES} bytes.` : undefined
}

const moment = (ms: number): string => {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms since 1970` : date.toISOString()
}
