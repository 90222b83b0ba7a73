import type { ByteReader, ByteWriter, MergeFold } from '../../streams/processor.js'

/** How often which: ids of the store's dictionary and their counts, side by side; none is 0. */
export interface Bag {
  readonly ids: number[]
  readonly counts: number[]
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

export const distinct = (bag: Bag): number => bag.ids.length

function add({ ids, counts }: Bag, id: number, change: number): void {
  const at = ids.indexOf(id)
  if (at < 0) {
    ids.push(id)
    counts.push(change)
    return
  }
  counts[at]! += change
  if (counts[at] !== 0) return
  ids.splice(at, 1)
  counts.splice(at, 1)
}

const nothing = (): UserDayValue => ({ plays: 0, ms: 0, tracks: { ids: [], counts: [] }, artists: { ids: [], counts: [] } })

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
    add(value.tracks, track, sign)
    add(value.artists, artist, sign)
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
    writeBag(value.tracks, out)
    writeBag(value.artists, out)
  },

  read(input) {
    return { plays: input.varint(), ms: input.varint(), tracks: readBag(input), artists: readBag(input) }
  },

  sizeOf: ({ tracks, artists }) => 400 + 24 * (tracks.ids.length + artists.ids.length)
}

function writeBag({ ids, counts }: Bag, out: ByteWriter): void {
  out.varint(ids.length)
  for (let i = 0; i < ids.length; i++) {
    out.varint(ids[i]!)
    out.varint(counts[i]!)
  }
}

function readBag(input: ByteReader): Bag {
  const bag: Bag = { ids: [], counts: [] }
  for (let left = input.varint(); left > 0; left--) {
    bag.ids.push(input.varint())
    bag.counts.push(input.varint())
  }
  return bag
}
