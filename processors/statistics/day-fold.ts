import type { ByteReader, ByteWriter, MergeFold } from '../../streams/processor.js'

/** A literal of small integers: room for four more rows and no further. */
const ROOM = [0, 0, 0, 0, 0, 0, 0, 0]

/** How often which: rows of an id of the store's dictionary and its count; none is 0. Thousands are in memory, of a few rows each. */
export class Bag {
  #rows: number[] = []
  /** How many ids. */
  size = 0

  add(id: number, change: number): void {
    const rows = this.#rows
    const end = this.size * 2
    let at = 0
    while (at < end && rows[at] !== id) at += 2
    if (at < end) {
      rows[at + 1]! += change
      if (rows[at + 1] === 0) this.#remove(at)
      return
    }
    if (rows.length === end) this.#rows = rows.concat(ROOM)
    this.#rows[at] = id
    this.#rows[at + 1] = change
    this.size++
  }

  /** The ids in the order of their first plays, at most so many. */
  first(most: number): number[] {
    return Array.from({ length: Math.min(most, this.size) }, (_, i) => this.#rows[i * 2]!)
  }

  write(out: ByteWriter): void {
    out.varint(this.size)
    for (let at = 0; at < this.size * 2; at++) out.varint(this.#rows[at]!)
  }

  static read(input: ByteReader): Bag {
    const bag = new Bag()
    bag.size = input.varint()
    for (let at = 0; at < bag.size * 2; at++) bag.#rows.push(input.varint())
    return bag
  }

  get bytes(): number {
    return 100 + this.#rows.length * 8
  }

  /** The order of the others stays. */
  #remove(at: number): void {
    this.#rows.copyWithin(at, at + 2, this.size * 2)
    this.size--
  }
}

/** A listener's plays of one day. */
export interface UserDayValue {
  plays: number
  ms: number
  tracks: Bag
  artists: Bag
}

/** One play; `sign` -1: it is taken back. */
export interface UserDayOperand {
  readonly track: number
  readonly artist: number
  readonly ms: number
  readonly sign: 1 | -1
  /** What was folded before is forgotten, and nothing is added. */
  readonly erases?: boolean
}

export const erasing: UserDayOperand = { track: 0, artist: 0, ms: 0, sign: 1, erases: true }

const RETRACTS = 1
const ERASES = 2

const nothing = (): UserDayValue => ({ plays: 0, ms: 0, tracks: new Bag(), artists: new Bag() })

export const userDayFold: MergeFold<UserDayValue, UserDayOperand> = {
  version: 1,
  empty: nothing,

  merge(value, { track, artist, ms, sign, erases }) {
    if (erases) {
      Object.assign(value, nothing())
      return
    }
    value.plays += sign
    value.ms += sign * ms
    value.tracks.add(track, sign)
    value.artists.add(artist, sign)
  },

  writeOperand({ track, artist, ms, sign, erases }, out) {
    out.u8((sign < 0 ? RETRACTS : 0) | (erases ? ERASES : 0))
    out.varint(track)
    out.varint(artist)
    out.varint(ms)
  },

  readOperand(input): UserDayOperand {
    const flags = input.u8()
    const sign = flags & RETRACTS ? -1 : 1
    return { track: input.varint(), artist: input.varint(), ms: input.varint(), sign, erases: (flags & ERASES) !== 0 }
  },

  write(value, out) {
    out.varint(value.plays)
    out.varint(value.ms)
    value.tracks.write(out)
    value.artists.write(out)
  },

  read(input) {
    return { plays: input.varint(), ms: input.varint(), tracks: Bag.read(input), artists: Bag.read(input) }
  },

  sizeOf: ({ tracks, artists }) => 100 + tracks.bytes + artists.bytes
}
