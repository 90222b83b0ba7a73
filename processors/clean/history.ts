import type { ListeningEvent, ListeningEventType } from '../../schemas/events.js'
import { type KeyValueStore, keyValueStore } from '../../streams/processor.js'
import { keptSerde } from './serde.js'

/** How long a key is remembered and how long a session stays open, in stream time (semantics.md, sections 2 and 3). */
export const RETENTION_MS = 7 * 24 * 3_600_000

/** What an accepted event has beside what its key says. */
export type EventDetails = Omit<ListeningEvent, 'action' | 'type' | 'user_id' | 'track_id' | 'occurred_at'>

export interface Kept {
  /** Stream time when the event that counts was read: until RETENTION_MS later a record with the same key is a duplicate. */
  readonly readAt: number
  /** Stream time when the play joined its session; a correction changes readAt only. */
  readonly joinedAt: number
  readonly details: EventDetails
}

/**
 * Every accepted event of the last days, by listener and time: the memory of duplicates, and the plays that sessions are
 * made of. `clean` writes it, `sessions` and `affinity` read it.
 */
export const listeningHistory = keyValueStore('listening-history', keptSerde)
export type History = KeyValueStore<Kept>

// Ids have no control characters: a listener's events lie together, by time, then by track in the order of its bytes.
const SEPARATOR = '\u0001'
const AFTER_SEPARATOR = '\u0002'
const codes: Record<ListeningEventType, string> = { play: 'p', skip: 's', like: 'l', unlike: 'u', pause: 'a', other: 'o' }

/** user, occurred_at (base 36, fixed width), track, type. */
export const historyKey = (user: string, occurredAt: number, track: string, type: ListeningEventType): string =>
  momentKey(user, occurredAt) + SEPARATOR + track + SEPARATOR + codes[type]

/** Where a listener's events of a moment begin. */
export const momentKey = (user: string, occurredAt: number): string => user + SEPARATOR + base36(occurredAt)

/** All events of one listener. */
export const listenerRange = (user: string): { gte: string; lt: string } => ({ gte: user + SEPARATOR, lt: user + AFTER_SEPARATOR })

export interface HistoryKey {
  readonly user: string
  readonly occurredAt: number
  readonly track: string
  readonly isPlay: boolean
}

export function parseHistoryKey(key: string): HistoryKey {
  const user = key.indexOf(SEPARATOR)
  const time = key.indexOf(SEPARATOR, user + 1)
  const type = key.length - 1
  return {
    user: key.slice(0, user),
    occurredAt: Number.parseInt(key.slice(user + 1, time), 36),
    track: key.slice(time + 1, type - 1),
    isPlay: key[type] === codes.play
  }
}

const DIGITS = Array.from({ length: 36 }, (_, digit) => digit.toString(36).charCodeAt(0))
const LOW = 36 ** 4
const HIGH = 36 ** 5

/** In nine digits; five times as fast as `toString(36)`, which prepares for fractions. Beyond the year 5188 there are more digits. */
function base36(value: number): string {
  const high = Math.floor(value / LOW)
  if (high >= HIGH) return value.toString(36)
  const low = value - high * LOW
  return String.fromCharCode(
    DIGITS[(high / 1_679_616) | 0]!,
    DIGITS[((high / 46_656) | 0) % 36]!,
    DIGITS[((high / 1_296) | 0) % 36]!,
    DIGITS[((high / 36) | 0) % 36]!,
    DIGITS[high % 36]!,
    DIGITS[(low / 46_656) | 0]!,
    DIGITS[((low / 1_296) | 0) % 36]!,
    DIGITS[((low / 36) | 0) % 36]!,
    DIGITS[low % 36]!
  )
}
