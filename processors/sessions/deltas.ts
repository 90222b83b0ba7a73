import type { Plays } from './session.js'

/** Only the first plays of a session count (semantics.md, section 4). */
export const COUNTED_PLAYS = 500
/** A play follows at most this many distinct tracks. */
const REACH = 20
/** Weight of the way back, from a track to one played before it. */
const BACK = 0.3
const UNIT = 2 ** 20
const LANDMARK = Date.UTC(2020, 0, 1)
const HALF_LIFE_MS = 365 * 24 * 3_600_000
/** Keeps times beyond the year 2900 finite. */
const MAX_EXPONENT = 900
const MAX_WALK = 2 ** 31 - 1

/** g(t) = 2^((t - L) / 365 d). */
export const decay = (time: number): number => 2 ** Math.min((time - LANDMARK) / HALF_LIFE_MS, MAX_EXPONENT)

/** Rounds to the nearest multiple of 2^-20. */
export const q = (weight: number): number => Math.round(weight * UNIT) / UNIT

/** Where changes go; what is given for the same track or pair adds up. */
export interface DeltaSink {
  sessions(track: number, change: number): void
  n(track: number, change: number): void
  /** Changes of W(a -> b), of W(b -> a) and of together(a, b); a and b differ. */
  pair(a: number, b: number, forward: number, backward: number, together: number): void
}

/**
 * What a play that joins a session changes in the sums of section 4: a signed replay from where it is inserted. Plays
 * before it are untouched, and so are plays so far behind it that REACH other tracks lie between. Tracks are small dense ids.
 */
export class SessionDeltas {
  /** Per track: the walk in which it was met last. */
  #met = new Int32Array(1024)
  #walk = 0

  constructor(private readonly sink: DeltaSink) {}

  /** The last play of `after` has joined it. */
  append(after: Plays): void {
    const { tracks, times } = after
    const at = tracks.length - 1
    if (at >= COUNTED_PLAYS) return
    const track = tracks[at]!
    const g = decay(times[at]!)
    this.sink.n(track, q(g))
    const together = tracks.indexOf(track) === at ? 1 : 0
    if (together === 1) this.sink.sessions(track, 1)
    this.#begin()
    this.#meet(track)
    let k = 0
    for (let i = at - 1; i >= 0 && (together === 1 || k < REACH); i--) {
      const other = tracks[i]!
      if (!this.#meet(other)) continue
      k++
      if (k <= REACH) this.sink.pair(other, track, q(g / k), q((BACK * g) / k), together)
      else this.sink.pair(other, track, 0, 0, together)
    }
  }

  /** A play was inserted into `before`, which became `after`, at the index `at`. */
  insert(before: Plays, after: Plays, at: number): void {
    this.#weights(before, at, after, at)
    const was = new Set(before.tracks.slice(0, COUNTED_PLAYS))
    const is = new Set(after.tracks.slice(0, COUNTED_PLAYS))
    for (const track of was) if (!is.has(track)) this.#leave(track, was)
    for (const track of is) if (!was.has(track)) this.#join(track, is)
  }

  /** A play has connected `left` and `right`: they are one session, `after`, in which it has the index `at`. */
  merge(left: Plays, right: Plays, after: Plays, at: number): void {
    this.#weights(right, 0, after, at)
    const gone = new Set(right.tracks.slice(0, COUNTED_PLAYS))
    for (const track of gone) {
      gone.delete(track)
      this.#leave(track, gone)
    }
    const members = new Set(left.tracks.slice(0, COUNTED_PLAYS))
    for (const track of after.tracks.slice(at, COUNTED_PLAYS)) {
      if (members.has(track)) continue
      this.#join(track, members)
      members.add(track)
    }
  }

  /** N and W. The plays of `before` from the index `from` on follow the inserted play in `after`. */
  #weights(before: Plays, from: number, after: Plays, at: number): void {
    const tail = before.tracks.length - from
    const reached = this.#reached(after, at + 1)
    for (let i = 0; i < reached && from + i < COUNTED_PLAYS; i++) this.#play(before, from + i, -1)
    for (let i = at; i <= at + reached && i < COUNTED_PLAYS; i++) this.#play(after, i, 1)
    // Those beyond its reach are the same as before, but some may no longer be among the first.
    const pushedOut = Math.max(reached, COUNTED_PLAYS - 1 - at)
    for (let i = pushedOut; i < tail && from + i < COUNTED_PLAYS; i++) this.#play(before, from + i, -1)
  }

  /** How many plays from `start` on may have the play before `start` among the REACH tracks before them. */
  #reached({ tracks }: Plays, start: number): number {
    this.#begin()
    let distinct = 0
    for (let i = start; i < tracks.length; i++) {
      // One of them may be the play's own track, which is no neighbour of itself.
      if (distinct > REACH) return i - start
      if (this.#meet(tracks[i]!)) distinct++
    }
    return tracks.length - start
  }

  /** What the play at an index contributes to N and W, with a sign. */
  #play({ tracks, times }: Plays, at: number, sign: 1 | -1): void {
    const track = tracks[at]!
    const g = decay(times[at]!)
    this.sink.n(track, sign * q(g))
    this.#begin()
    this.#meet(track)
    for (let i = at - 1, k = 0; i >= 0 && k < REACH; i--) {
      const other = tracks[i]!
      if (!this.#meet(other)) continue
      k++
      this.sink.pair(other, track, sign * q(g / k), sign * q((BACK * g) / k), 0)
    }
  }

  #join(track: number, members: ReadonlySet<number>): void {
    this.sink.sessions(track, 1)
    for (const other of members) if (other !== track) this.sink.pair(track, other, 0, 0, 1)
  }

  #leave(track: number, members: ReadonlySet<number>): void {
    this.sink.sessions(track, -1)
    for (const other of members) if (other !== track) this.sink.pair(track, other, 0, 0, -1)
  }

  #begin(): void {
    if (this.#walk === MAX_WALK) {
      this.#met.fill(0)
      this.#walk = 0
    }
    this.#walk++
  }

  /** Whether the track was not yet met in this walk. */
  #meet(track: number): boolean {
    if (track >= this.#met.length) {
      const met = new Int32Array(Math.max(track + 1, this.#met.length * 2))
      met.set(this.#met)
      this.#met = met
    }
    if (this.#met[track] === this.#walk) return false
    this.#met[track] = this.#walk
    return true
  }
}
