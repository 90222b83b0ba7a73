import { type ByteReader, type ByteWriter, type MergeFold, mergeStore } from '../../streams/processor.js'
import { readSigned, writeSigned } from '../ranking/packing.js'
import { grown, Slots } from '../ranking/slots.js'

const HOUR_MS = 3_600_000
export const HOURS_OF_WEEK = 168
/** 1970-01-01 was a Thursday. */
const THURSDAY = 3 * 24
const BYTES = 150

/** What a row of a profile counts. */
export const TRACK = 0
export const ARTIST = 1
const HOUR = 2
const KINDS = 4
export type RowKind = typeof TRACK | typeof ARTIST

/** Never played, or it is not known any more when first. */
const NEVER = Number.POSITIVE_INFINITY

/**
 * One listener's plays. The columns have a row per track and artist (ids of the store's dictionary) and per hour of the week,
 * in one table: most listeners have few of each.
 */
export class Profile {
  plays = 0
  ms = 0
  sessions = 0
  sessionMs = 0
  longestMs = 0
  #slots: Slots
  #counts: Int32Array
  /** The earliest occurred_at. */
  #firsts: Float64Array

  constructor(capacity = 16) {
    this.#slots = new Slots(capacity)
    this.#counts = new Int32Array(capacity)
    this.#firsts = new Float64Array(capacity).fill(NEVER)
  }

  /** A play that counts, or (-1) one that is taken back: then the first times stay, and are restated where they must. */
  play({ track, artist, at, ms, sign, sessions }: PlayOperand): void {
    this.sessions += sessions.change
    this.sessionMs += sessions.ms
    this.longestMs = Math.max(this.longestMs, sessions.longest)
    this.plays += sign
    this.ms += sign * ms
    const first = sign > 0 ? at : NEVER
    this.#add(track * KINDS + TRACK, sign, first)
    this.#add(artist * KINDS + ARTIST, sign, first)
    this.#add(hourOfWeek(at) * KINDS + HOUR, sign, first)
  }

  /** Undefined: not played. */
  firstOf(kind: RowKind, id: number): number | undefined {
    const slot = this.#slots.find(id * KINDS + kind)
    return slot < 0 || this.#counts[slot]! <= 0 ? undefined : this.#firsts[slot]!
  }

  restate(kind: RowKind, id: number, first: number): void {
    const slot = this.#slots.find(id * KINDS + kind)
    if (slot >= 0) this.#firsts[slot] = first
  }

  /** All tracks, or all artists, that were played. */
  each(kind: RowKind, visit: (id: number, plays: number, first: number) => void): void {
    const { ids, size } = this.#slots
    for (let slot = 0; slot < size; slot++)
      if (ids[slot]! % KINDS === kind && this.#counts[slot]! > 0)
        visit(Math.floor(ids[slot]! / KINDS), this.#counts[slot]!, this.#firsts[slot]!)
  }

  /** The earliest of all plays. */
  firstPlay(): number {
    let first = NEVER
    this.each(TRACK, (_, _plays, at) => {
      first = Math.min(first, at)
    })
    return first
  }

  /** Plays by hour of the week, Monday first, UTC. */
  clock(): number[] {
    const hours = new Array<number>(HOURS_OF_WEEK).fill(0)
    const { ids, size } = this.#slots
    for (let slot = 0; slot < size; slot++) if (ids[slot]! % KINDS === HOUR) hours[Math.floor(ids[slot]! / KINDS)] = this.#counts[slot]!
    return hours
  }

  write(out: ByteWriter): void {
    for (const sum of [this.plays, this.ms, this.sessions, this.sessionMs, this.longestMs]) writeSigned(out, sum)
    const rows: number[] = []
    for (let slot = 0; slot < this.#slots.size; slot++) if (this.#counts[slot] !== 0) rows.push(slot)
    out.varint(rows.length)
    for (const slot of rows) {
      out.varint(this.#slots.ids[slot]!)
      writeSigned(out, this.#counts[slot]!)
      out.varint(this.#firsts[slot] === NEVER ? 0 : this.#firsts[slot]! + 1)
    }
  }

  static read(input: ByteReader): Profile {
    const sums = [readSigned(input), readSigned(input), readSigned(input), readSigned(input), readSigned(input)] as const
    const size = input.varint()
    const profile = new Profile(Math.max(16, size + (size >>> 3)))
    ;[profile.plays, profile.ms, profile.sessions, profile.sessionMs, profile.longestMs] = sums
    for (let row = 0; row < size; row++) {
      const id = input.varint()
      const count = readSigned(input)
      const first = input.varint()
      profile.#add(id, count, first === 0 ? NEVER : first - 1)
    }
    return profile
  }

  get bytes(): number {
    return BYTES + this.#slots.bytes + this.#counts.byteLength + this.#firsts.byteLength
  }

  #add(id: number, count: number, first: number): void {
    let slot = this.#slots.find(id)
    if (slot < 0) {
      if (this.#slots.size === this.#slots.capacity) this.#grow()
      slot = this.#slots.add(id)
    }
    this.#counts[slot]! += count
    // What is not played any more has no first time: a later play begins anew.
    if (this.#counts[slot] === 0) this.#firsts[slot] = NEVER
    else if (first < this.#firsts[slot]!) this.#firsts[slot] = first
  }

  #grow(): void {
    const capacity = grown(this.#slots.capacity)
    this.#slots.rebuild(capacity)
    const counts = new Int32Array(capacity)
    counts.set(this.#counts)
    const firsts = new Float64Array(capacity).fill(NEVER)
    firsts.set(this.#firsts)
    this.#counts = counts
    this.#firsts = firsts
  }
}

/** 0 to 167, Monday 0:00 UTC first. */
const hourOfWeek = (time: number): number => (Math.floor(time / HOUR_MS) + THURSDAY) % HOURS_OF_WEEK

export interface PlayOperand {
  readonly kind: 'play'
  readonly track: number
  readonly artist: number
  /** occurred_at */
  readonly at: number
  /** Listening time. */
  readonly ms: number
  readonly sign: 1 | -1
  /** What the play changed in the listener's sessions. */
  readonly sessions: SessionChange
}

/** Of the number of sessions, and of the sum of their lengths; `longest`: the length of the session that changed. */
export interface SessionChange {
  readonly change: number
  readonly ms: number
  readonly longest: number
}

export type ProfileOperand =
  | PlayOperand
  /** The first time of a track or an artist is this one: the play that had told it was taken back. */
  | { readonly kind: 'restate'; readonly row: RowKind; readonly id: number; readonly first: number }
  /** What was folded before is forgotten. */
  | { readonly kind: 'erase' }

const CODES = { play: 0, retract: 1, restate: 2, erase: 3 }

interface Box {
  profile: Profile
}

/** Profiles per listener (semantics.md). */
export const profileFold: MergeFold<Box, ProfileOperand> = {
  version: 1,
  empty: () => ({ profile: new Profile() }),

  merge(box, operand) {
    const { profile } = box
    switch (operand.kind) {
      case 'play':
        profile.play(operand)
        break
      case 'restate':
        profile.restate(operand.row, operand.id, operand.first)
        break
      case 'erase':
        box.profile = new Profile()
    }
  },

  writeOperand(operand, out) {
    switch (operand.kind) {
      case 'play':
        out.u8(operand.sign > 0 ? CODES.play : CODES.retract)
        out.varint(operand.track)
        out.varint(operand.artist)
        out.varint(operand.at)
        out.varint(operand.ms)
        writeSigned(out, operand.sessions.change)
        writeSigned(out, operand.sessions.ms)
        out.varint(operand.sessions.longest)
        break
      case 'restate':
        out.u8(CODES.restate)
        out.u8(operand.row)
        out.varint(operand.id)
        out.varint(operand.first)
        break
      case 'erase':
        out.u8(CODES.erase)
    }
  },

  readOperand(input): ProfileOperand {
    const code = input.u8()
    switch (code) {
      case CODES.restate:
        return { kind: 'restate', row: input.u8() as RowKind, id: input.varint(), first: input.varint() }
      case CODES.erase:
        return { kind: 'erase' }
      default: {
        const [track, artist, at, ms] = [input.varint(), input.varint(), input.varint(), input.varint()]
        const sessions = { change: readSigned(input), ms: readSigned(input), longest: input.varint() }
        return { kind: 'play', track, artist, at, ms, sign: code === CODES.play ? 1 : -1, sessions }
      }
    }
  },

  write: ({ profile }, out) => profile.write(out),
  read: input => ({ profile: Profile.read(input) }),
  sizeOf: ({ profile }) => profile.bytes
}

export const profileStore = mergeStore('listener-profiles', profileFold)
