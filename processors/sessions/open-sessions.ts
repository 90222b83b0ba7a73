import { type History, RETENTION_MS } from '../clean/history.js'
import { compareBytes } from '../ranking/order.js'
import { type Listener, ListenerCache } from './cache.js'
import type { SessionDeltas } from './deltas.js'
import type { EventIds } from './event-ids.js'
import { latestOpenSession, type Surroundings, surroundingsOf } from './plays.js'
import { firstPlayAt, lastPlayAt, type Names, type Plays, SESSION_GAP_MS, type Session } from './session.js'
import { type StoredSession, touchedAt } from './split.js'

/** A play that was accepted, and is in listening-history. */
export interface AcceptedPlay {
  readonly user_id: string
  readonly occurred_at: number
  readonly track_id: string
}

/** What a play changed. A session's length is from the start of its first play to that of its last. */
export interface SessionChange {
  /** Of the number of sessions. */
  readonly change: -1 | 0 | 1
  /** Of the sum of their lengths, milliseconds. */
  readonly ms: number
  /** The length of the session that has the play. */
  readonly longest: number
}

/** Plays held in memory, twice: some 40 bytes each. */
const CACHED_PLAYS = 150_000
const NEVER = Number.POSITIVE_INFINITY

/**
 * The open sessions of all listeners. What they are is in listening-history; a cache spares plays that come in order from
 * reading it.
 */
export class OpenSessions {
  readonly #cache = new ListenerCache(CACHED_PLAYS)

  constructor(
    private readonly history: History,
    private readonly names: Names,
    private readonly deltas: SessionDeltas
  ) {}

  /**
   * Puts a play into its session and hands on what that changes. `latestBefore`: no other event of the listener is later;
   * `now`: stream time.
   */
  add(play: AcceptedPlay, ids: EventIds, latestBefore: number, now: number): SessionChange {
    const listener = this.listener(play.user_id)
    const { latest, recent } = listener
    const near = covers(latest, play, now) ? latest : covers(recent, play, now) ? recent : undefined
    if (near !== undefined && play.occurred_at - lastPlayAt(near) <= SESSION_GAP_MS) {
      const before = lengthOf(near)
      this.#join(near, play, ids, now)
      return { change: 0, ms: lengthOf(near) - before, longest: lengthOf(near) }
    }
    if (near !== undefined) {
      const started = this.#begin(play, ids, now, near.clearUntil)
      if (near === latest) listener.latest = started
      else listener.recent = started
    } else if (play.occurred_at - latestBefore > SESSION_GAP_MS) {
      listener.latest = this.#begin(play, ids, now, NEVER)
    } else return this.#addAnywhere(listener, play, ids, now)
    return BEGUN
  }

  /** The open session with the greatest last play. */
  latest(user: string, now: number): Session | undefined {
    const listener = this.listener(user)
    if (listener.latest !== undefined && isOpen(listener.latest, now)) return listener.latest
    const stored = latestOpenSession(this.history, user, now)
    listener.latest = stored === undefined ? undefined : this.#load(stored, NEVER)
    // The same session must not be held twice.
    if (listener.latest !== undefined && listener.recent !== undefined && sameEnd(listener.latest, listener.recent))
      listener.recent = undefined
    this.#cache.grew(stored?.length ?? 0)
    return listener.latest
  }

  listener(user: string): Listener {
    const known = this.#cache.get(user)
    if (known !== undefined) return known
    const listener: Listener = { latest: undefined, recent: undefined, country: null }
    this.#cache.set(user, listener)
    return listener
  }

  /** Something of the listener's plays has changed in the store. */
  forget(user: string): void {
    this.#cache.forget(user)
  }

  forgetAll(): void {
    this.#cache.clear()
  }

  #join(session: Session, play: AcceptedPlay, ids: EventIds, now: number): void {
    const at = this.#indexFor(session, play)
    const before = at === session.times.length ? undefined : copyOf(session)
    insert(session, at, play.occurred_at, ids)
    session.touchedAt = now
    this.#cache.grew(1)
    if (before === undefined) this.deltas.append(session)
    else this.deltas.insert(before, session, at)
  }

  /** Reads what is beside the play: it may begin a session, join one or connect two. */
  #addAnywhere(listener: Listener, play: AcceptedPlay, ids: EventIds, now: number): SessionChange {
    const surroundings = surroundingsOf(this.history, play, now)
    const { left, right, clearUntil } = surroundings
    const session = this.#connect(surroundings, play, ids, now)
    this.#cache.grew(session.times.length)
    const { latest } = listener
    const isLatest = clearUntil === NEVER || (latest !== undefined && isOpen(latest, now) && sameEnd(session, latest))
    listener.recent = isLatest ? undefined : session
    if (isLatest) {
      session.clearUntil = NEVER
      listener.latest = session
    }
    if (left === undefined && right === undefined) return BEGUN
    const joins = left !== undefined && right !== undefined && left !== right
    const before = storedLength(left) + (left === right ? 0 : storedLength(right))
    return { change: joins ? -1 : 0, ms: lengthOf(session) - before, longest: lengthOf(session) }
  }

  #connect({ left, right, clearUntil }: Surroundings, play: AcceptedPlay, ids: EventIds, now: number): Session {
    if (left !== undefined && right !== undefined && left !== right) {
      const joined = this.#load([...left, ...right], clearUntil)
      insert(joined, left.length, play.occurred_at, ids)
      joined.touchedAt = now
      this.deltas.merge(this.#load(left, NEVER), this.#load(right, NEVER), joined, left.length)
      return joined
    }
    const stored = left ?? right
    if (stored === undefined) return this.#begin(play, ids, now, clearUntil)
    const session = this.#load(stored, clearUntil)
    this.#join(session, play, ids, now)
    return session
  }

  #begin(play: AcceptedPlay, ids: EventIds, now: number, clearUntil: number): Session {
    const session: Session = { times: [], tracks: [], artists: [], touchedAt: now, clearUntil }
    this.#join(session, play, ids, now)
    return session
  }

  #load(stored: StoredSession, clearUntil: number): Session {
    return {
      times: stored.map(play => play.occurredAt),
      tracks: stored.map(play => this.names.intern(play.track)),
      artists: stored.map(play => this.names.intern(play.artist)),
      touchedAt: touchedAt(stored),
      clearUntil
    }
  }

  /** From the end: plays come nearly in order. */
  #indexFor(session: Plays, play: AcceptedPlay): number {
    let at = session.times.length
    while (at > 0) {
      const time = session.times[at - 1]!
      if (time < play.occurred_at) break
      if (time === play.occurred_at && compareBytes(this.names.name(session.tracks[at - 1]!), play.track_id) < 0) break
      at--
    }
    return at
  }
}

/** A session of one play: it has no length yet. */
const BEGUN: SessionChange = { change: 1, ms: 0, longest: 0 }

const lengthOf = (session: Plays): number => lastPlayAt(session) - firstPlayAt(session)
const storedLength = (session: StoredSession | undefined): number =>
  session === undefined ? 0 : session.at(-1)!.occurredAt - session[0]!.occurredAt

const isOpen = (session: Session, now: number): boolean => now - session.touchedAt <= RETENTION_MS

/** Whether a play at this time can be judged with this session alone: it is in it, behind it, or begins one of its own. */
const covers = (session: Session | undefined, { occurred_at }: AcceptedPlay, now: number): session is Session =>
  session !== undefined && isOpen(session, now) && occurred_at >= firstPlayAt(session) && occurred_at + SESSION_GAP_MS < session.clearUntil

function sameEnd(a: Plays, b: Plays): boolean {
  return lastPlayAt(a) === lastPlayAt(b) && a.tracks.at(-1) === b.tracks.at(-1)
}

const copyOf = ({ times, tracks, artists }: Plays): Plays => ({ times: [...times], tracks: [...tracks], artists: [...artists] })

function insert({ times, tracks, artists }: Plays, at: number, time: number, { track, artist }: EventIds): void {
  if (at === times.length) {
    times.push(time)
    tracks.push(track)
    artists.push(artist)
  } else {
    times.splice(at, 0, time)
    tracks.splice(at, 0, track)
    artists.splice(at, 0, artist)
  }
}
