import type { DeviceType } from '../../schemas/events.js'
import type { Serde } from '../../streams/processor.js'
import type { EventDetails, Kept } from './history.js'
import { topicRanks } from './rank.js'

const FORMAT = 1
const devices: readonly DeviceType[] = ['smartphone', 'computer', 'tablet', 'speaker', 'tv', 'car', 'web', 'other']
const ALBUM = 1
const DURATION = 2
const PLAYED = 4
const COUNTRY = 8
const DEVICE_SHIFT = 4

let scratch = Buffer.allocUnsafe(4096)
let at = 0

/**
 * Format, flags and device, topic, numbers as LEB128, the lengths of the strings in UTF-16 units, then all strings as one run of
 * UTF-8: one call into native code each way. What the key says is not repeated.
 */
export const keptSerde: Serde<Kept> = {
  encode({ readAt, joinedAt, details }: Kept): Buffer {
    const { album_name, duration_ms, ms_played, country, origin } = details
    const text = textOf(details)
    if (scratch.length < text.length * 3 + 128) scratch = Buffer.allocUnsafe(text.length * 6 + 128)
    at = 0
    scratch[at++] = FORMAT
    scratch[at++] =
      (album_name === null ? 0 : ALBUM) |
      (duration_ms === null ? 0 : DURATION) |
      (ms_played === null ? 0 : PLAYED) |
      (country === null ? 0 : COUNTRY) |
      (devices.indexOf(details.device_type) << DEVICE_SHIFT)
    scratch[at++] = topicRanks.indexOf(origin.topic)
    write(readAt)
    write(readAt - joinedAt)
    write(readAt - origin.record_time)
    write(origin.partition)
    write(origin.offset)
    if (duration_ms !== null) write(duration_ms)
    if (ms_played !== null) write(ms_played)
    write(details.event_id.length)
    write(details.track_name.length)
    write(details.artist_id.length)
    write(details.artist_name.length)
    write(details.source.length)
    if (album_name !== null) write(album_name.length)
    if (country !== null) write(country.length)
    at += scratch.write(text, at)
    return Buffer.from(scratch.subarray(0, at))
  },

  decode(bytes: Uint8Array): Kept {
    at = 0
    if (bytes[at++] !== FORMAT) throw new Error(`An entry of listening-history has the format ${bytes[0]}; this version reads ${FORMAT}.`)
    const flags = bytes[at++]!
    const topic = topicRanks[bytes[at++]!]!
    const readAt = read(bytes)
    const joinedAt = readAt - read(bytes)
    const origin = { topic, record_time: readAt - read(bytes), partition: read(bytes), offset: read(bytes) }
    const duration_ms = flags & DURATION ? read(bytes) : null
    const ms_played = flags & PLAYED ? read(bytes) : null
    const lengths = [read(bytes), read(bytes), read(bytes), read(bytes), read(bytes)] as const
    const album = flags & ALBUM ? read(bytes) : -1
    const country = flags & COUNTRY ? read(bytes) : -1
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8', at)
    let from = 0
    const next = (length: number): string => {
      from += length
      return text.slice(from - length, from)
    }
    const details: EventDetails = {
      event_id: next(lengths[0]),
      track_name: next(lengths[1]),
      artist_id: next(lengths[2]),
      artist_name: next(lengths[3]),
      source: next(lengths[4]),
      album_name: album < 0 ? null : next(album),
      country: country < 0 ? null : next(country),
      duration_ms,
      ms_played,
      device_type: devices[flags >> DEVICE_SHIFT]!,
      origin
    }
    return { readAt, joinedAt, details }
  }
}

const textOf = (details: EventDetails): string =>
  details.event_id +
  details.track_name +
  details.artist_id +
  details.artist_name +
  details.source +
  (details.album_name ?? '') +
  (details.country ?? '')

function write(value: number): void {
  let rest = value
  for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) scratch[at++] = (rest % 128) | 0x80
  for (; rest > 0x7f; rest >>>= 7) scratch[at++] = (rest & 0x7f) | 0x80
  scratch[at++] = rest
}

function read(bytes: Uint8Array): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++]!
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
  }
}
