import { type History, type Kept, listenerRange, momentKey, parseHistoryKey, RETENTION_MS } from '../clean/history.js'
import { compareBytes } from '../ranking/order.js'
import { SESSION_GAP_MS } from './session.js'
import { type StoredPlay, type StoredSession, splitSessions, touchedAt } from './split.js'

/** A play that has come, and its place among the listener's others. */
export interface Place {
  readonly user_id: string
  readonly occurred_at: number
  readonly track_id: string
}

/** The open sessions beside a play. */
export interface Surroundings {
  /** Has a play before it, at most an hour. */
  readonly left: StoredSession | undefined
  /** Has a play after it, at most an hour; the same session as `left` where the play falls into it. */
  readonly right: StoredSession | undefined
  /** No play of the listener that could join a session lies between the sessions beside the play and this time. */
  readonly clearUntil: number
}

const isOpen = (session: StoredSession, now: number): boolean => now - touchedAt(session) <= RETENTION_MS

/** Reads a listener's plays around one that has come, which itself is left out, at the stream time `now`. */
export function surroundingsOf(history: History, place: Place, now: number): Surroundings {
  const { plays, end } = chainAround(history, place)
  const others = plays.filter(play => compareToPlace(play, place) !== 0)
  let left: StoredSession | undefined
  let right: StoredSession | undefined
  let clearUntil = end
  for (const session of splitSessions(others, RETENTION_MS)) {
    if (!isOpen(session, now)) continue
    const before = session.findLast(play => compareToPlace(play, place) < 0)
    const after = session.find(play => compareToPlace(play, place) > 0)
    const isLeft = before !== undefined && place.occurred_at - before.occurredAt <= SESSION_GAP_MS
    const isRight = after !== undefined && after.occurredAt - place.occurred_at <= SESSION_GAP_MS
    if (isLeft) left = session
    if (isRight) right = session
    if (!isLeft && !isRight && after !== undefined) clearUntil = Math.min(clearUntil, session[0]!.occurredAt)
  }
  return { left, right, clearUntil }
}

/** Whether an event that is in the store belongs to a session that is open at the stream time `now`. */
export function isInOpenSession(history: History, place: Place, now: number): boolean {
  const sessions = splitSessions(chainAround(history, place).plays, RETENTION_MS)
  const session = sessions.find(plays => plays.some(play => compareToPlace(play, place) === 0))
  return session !== undefined && isOpen(session, now)
}

/** The open session with the greatest last play. */
export function latestOpenSession(history: History, user: string, now: number): StoredSession | undefined {
  let chain: StoredPlay[] = []
  for (const [key, kept] of history.range({ ...listenerRange(user), reverse: true })) {
    const play = playOf(key, kept)
    if (play === undefined) continue
    const next = chain.at(-1)
    if (next !== undefined && next.occurredAt - play.occurredAt > SESSION_GAP_MS) {
      const latest = latestOf(chain.reverse(), now)
      if (latest !== undefined) return latest
      chain = []
    }
    chain.push(play)
  }
  return latestOf(chain.reverse(), now)
}

function latestOf(chain: readonly StoredPlay[], now: number): StoredSession | undefined {
  let latest: StoredSession | undefined
  for (const session of splitSessions(chain, RETENTION_MS)) {
    // Of sessions that end at the same time the later in order of track: the plays are sorted, so are the sessions' ends within a moment.
    if (isOpen(session, now) && (latest === undefined || chain.indexOf(session.at(-1)!) > chain.indexOf(latest.at(-1)!))) latest = session
  }
  return latest
}

/** All plays that are connected with a place by gaps of at most an hour, sessions that are over included. `end`: of what lies beyond them. */
function chainAround(history: History, place: Place): { plays: StoredPlay[]; end: number } {
  const { gte, lt } = listenerRange(place.user_id)
  const from = momentKey(place.user_id, place.occurred_at)
  const earlier: StoredPlay[] = []
  let edge = place.occurred_at
  for (const [key, kept] of history.range({ gte, lt: from, reverse: true })) {
    const { occurredAt } = parseHistoryKey(key)
    if (edge - occurredAt > SESSION_GAP_MS) break
    const play = playOf(key, kept)
    if (play === undefined) continue
    earlier.push(play)
    edge = occurredAt
  }
  const plays = earlier.reverse()
  edge = place.occurred_at
  for (const [key, kept] of history.range({ gte: from, lt })) {
    const { occurredAt } = parseHistoryKey(key)
    if (occurredAt - edge > SESSION_GAP_MS) return { plays, end: occurredAt }
    const play = playOf(key, kept)
    if (play === undefined) continue
    plays.push(play)
    edge = occurredAt
  }
  return { plays, end: Number.POSITIVE_INFINITY }
}

function playOf(key: string, kept: Kept): StoredPlay | undefined {
  const { isPlay, occurredAt, track } = parseHistoryKey(key)
  return isPlay ? { occurredAt, joinedAt: kept.joinedAt, track, artist: kept.details.artist_id } : undefined
}

const compareToPlace = (play: StoredPlay, place: Place): number =>
  play.occurredAt - place.occurred_at || compareBytes(play.track, place.track_id)
