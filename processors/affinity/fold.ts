import type { ListeningEventType } from '../../schemas/events.js'
import { type ByteReader, type ByteWriter, type MergeFold, mergeStore } from '../../streams/processor.js'
import { compareBytes } from '../ranking/order.js'
import { readSigned, writeSigned } from '../ranking/packing.js'
import { grown, Slots } from '../ranking/slots.js'

const LANDMARK = Date.UTC(2020, 0, 1)
const HALF_LIFE_MS = 90 * 24 * 3_600_000
/** Keeps times beyond the year 2240 finite. */
const MAX_EXPONENT = 900
const BYTES = 200

/** The types of event that say something about an artist; other events only tell the time and the country. */
export const weights: Partial<Record<ListeningEventType, number>> = { play: 1, like: 3, unlike: -3, skip: -0.5 }
const weighted: readonly ListeningEventType[] = ['play', 'like', 'unlike', 'skip']

/** 2^((t - L) / 90 d): forward decay (Cormode et al., 2009). */
export const growth = (time: number): number => 2 ** Math.min((time - LANDMARK) / HALF_LIFE_MS, MAX_EXPONENT)

/** One listener. The columns have a row per artist, by the slot of its id in the store's dictionary. */
export interface Affinities {
  /** T_u: the greatest occurred_at; -1 before the first event. */
  asOf: number
  /** Of the latest event that had one, of those the greatest in bytes. */
  country: string | null
  countryAt: number
  slots: Slots
  /** A(u, a) at the landmark. */
  sums: Float64Array
  plays: Int32Array
  /** How many events with a weight are in the sum. */
  events: Int32Array
}

export interface AffinityOperand {
  readonly occurredAt: number
  /** Absent: the event has no weight. */
  readonly artist?: number | undefined
  readonly type: ListeningEventType
  readonly sign: 1 | -1
  readonly country: string | null
  /** The country and its time are as given here, whatever they were: the event that had told them was taken back. */
  readonly restatesCountry: boolean
  /** What was folded before is forgotten, and nothing is added. */
  readonly erases?: boolean
  /** What a repair adds; all else is ignored but the artist. */
  readonly correction?: Correction
}

/** Differences of a sum at the landmark and of counts; T_u becomes `asOf` where it still is `asOfWas`. */
export interface Correction {
  readonly sum: number
  readonly plays: number
  readonly events: number
  readonly asOfWas: number
  readonly asOf: number
}

export const correcting = (artist: number, correction: Correction): AffinityOperand => ({
  ...{ occurredAt: 0, artist, type: 'play', sign: 1, country: null, restatesCountry: false },
  correction
})

export const erasing: AffinityOperand = { occurredAt: 0, type: 'other', sign: 1, country: null, restatesCountry: false, erases: true }

function empty(capacity = 4): Affinities {
  return {
    asOf: -1,
    country: null,
    countryAt: -1,
    slots: new Slots(capacity),
    sums: new Float64Array(capacity),
    plays: new Int32Array(capacity),
    events: new Int32Array(capacity)
  }
}

function slotOf(value: Affinities, artist: number): number {
  const known = value.slots.find(artist)
  if (known >= 0) return known
  if (value.slots.size === value.slots.capacity) {
    value.slots.rebuild(grown(value.slots.capacity))
    const { capacity } = value.slots
    const { sums, plays, events } = value
    value.sums = new Float64Array(capacity)
    value.sums.set(sums)
    value.plays = new Int32Array(capacity)
    value.plays.set(plays)
    value.events = new Int32Array(capacity)
    value.events.set(events)
  }
  return value.slots.add(artist)
}

function mergeCountry(value: Affinities, { occurredAt, country, restatesCountry }: AffinityOperand): void {
  if (!restatesCountry) {
    if (country === null || occurredAt < value.countryAt) return
    if (occurredAt === value.countryAt && value.country !== null && compareBytes(country, value.country) <= 0) return
  }
  value.country = country
  value.countryAt = country === null ? -1 : occurredAt
}

function mergeWeight(value: Affinities, artist: number, { occurredAt, type, sign }: AffinityOperand): void {
  const slot = slotOf(value, artist)
  if (type === 'play') value.plays[slot]! += sign
  value.events[slot]! += sign
  // Without any event nothing of the sum's rounding may be left.
  if (value.events[slot] === 0) value.sums[slot] = 0
  else value.sums[slot]! += sign * weights[type]! * growth(occurredAt)
}

function mergeCorrection(value: Affinities, artist: number, { sum, plays, events, asOfWas, asOf }: Correction): void {
  if (value.asOf === asOfWas) value.asOf = asOf
  const slot = slotOf(value, artist)
  value.plays[slot]! += plays
  value.events[slot]! += events
  value.sums[slot] = value.events[slot] === 0 ? 0 : value.sums[slot]! + sum
}

const WEIGHTED = 1
const RETRACTS = 2
const HAS_COUNTRY = 4
const RESTATES = 8
const TYPE_SHIFT = 4
const TYPE_MASK = 3
const ERASES = 64
const CORRECTS = 128

function writeCorrection({ sum, plays, events, asOfWas, asOf }: Correction, out: ByteWriter): void {
  out.f64(sum)
  writeSigned(out, plays)
  writeSigned(out, events)
  out.varint(asOfWas + 1)
  out.varint(asOf + 1)
}

const readCorrection = (input: ByteReader): Correction => ({
  sum: input.f64(),
  plays: readSigned(input),
  events: readSigned(input),
  asOfWas: input.varint() - 1,
  asOf: input.varint() - 1
})

/** Affinities per listener (semantics.md, section 5). */
export const affinityFold: MergeFold<Affinities, AffinityOperand> = {
  version: 1,
  empty,

  merge(value, operand) {
    if (operand.erases) {
      Object.assign(value, empty())
      return
    }
    if (operand.correction !== undefined) {
      mergeCorrection(value, operand.artist!, operand.correction)
      return
    }
    value.asOf = Math.max(value.asOf, operand.occurredAt)
    if (operand.artist !== undefined) mergeWeight(value, operand.artist, operand)
    mergeCountry(value, operand)
  },

  writeOperand({ occurredAt, artist, type, sign, country, restatesCountry, erases, correction }: AffinityOperand, out: ByteWriter) {
    const isWeighted = artist !== undefined
    out.u8(
      (correction === undefined ? 0 : CORRECTS) |
        (isWeighted ? WEIGHTED : 0) |
        (sign < 0 ? RETRACTS : 0) |
        (country === null ? 0 : HAS_COUNTRY) |
        (restatesCountry ? RESTATES : 0) |
        (erases ? ERASES : 0) |
        (isWeighted ? weighted.indexOf(type) << TYPE_SHIFT : 0)
    )
    out.varint(occurredAt)
    if (isWeighted) out.varint(artist)
    if (country !== null) out.string(country)
    if (correction !== undefined) writeCorrection(correction, out)
  },

  readOperand(input: ByteReader): AffinityOperand {
    const flags = input.u8()
    return {
      occurredAt: input.varint(),
      artist: flags & WEIGHTED ? input.varint() : undefined,
      type: flags & WEIGHTED ? weighted[(flags >> TYPE_SHIFT) & TYPE_MASK]! : 'other',
      sign: flags & RETRACTS ? -1 : 1,
      country: flags & HAS_COUNTRY ? input.string() : null,
      restatesCountry: (flags & RESTATES) !== 0,
      erases: (flags & ERASES) !== 0,
      ...(flags & CORRECTS && { correction: readCorrection(input) })
    }
  },

  write(value, out) {
    out.varint(value.asOf + 1)
    out.varint(value.countryAt + 1)
    out.string(value.country ?? '')
    out.varint(value.slots.size)
    for (let slot = 0; slot < value.slots.size; slot++) {
      out.varint(value.slots.ids[slot]!)
      out.varint(value.events[slot]!)
      out.varint(value.plays[slot]!)
      out.f64(value.sums[slot]!)
    }
  },

  read(input) {
    const asOf = input.varint() - 1
    const countryAt = input.varint() - 1
    const country = input.string() || null
    const size = input.varint()
    const value = empty(Math.max(4, size))
    value.asOf = asOf
    value.countryAt = countryAt
    value.country = country
    for (let row = 0; row < size; row++) {
      const slot = value.slots.add(input.varint())
      value.events[slot] = input.varint()
      value.plays[slot] = input.varint()
      value.sums[slot] = input.f64()
    }
    return value
  },

  sizeOf: value => BYTES + value.slots.bytes + value.slots.capacity * 16
}

/** Written by `affinity`; `sessions` reads the country. */
export const affinityStore = mergeStore('affinity', affinityFold)
