/** Ids that are derived from content where a source gives none: UUIDv5 (RFC 9562, section 5.5) of text in NFC and lower case. */
import { createHash } from 'node:crypto'

const namespace = Buffer.from('0b8f4a526a535d0c9f5e73656775650a', 'hex')
const separator = '\u001f'

function uuidV5(parts: readonly string[]): string {
  const text = parts.join(separator).normalize('NFC').toLowerCase()
  const hash = createHash('sha1').update(namespace).update(text, 'utf8').digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Remembers the ids of names: artists and titles repeat. Emptied when full, which costs less than keeping an order. */
const remembered = new Map<string, string>()
const rememberedLimit = 20_000

function nameId(...parts: string[]): string {
  const key = parts.join(separator)
  let id = remembered.get(key)
  if (id === undefined) {
    id = `name:${uuidV5(parts)}`
    if (remembered.size >= rememberedLimit) remembered.clear()
    remembered.set(key, id)
  }
  return id
}

/** The id of an artist known by name only. */
export const artistIdFromName = (artist: string): string => nameId(artist)

/** The id of a track known by its artist's name and its title only. */
export const trackIdFromName = (artist: string, title: string): string => nameId(artist, title)

/** The id of an event whose source has none. `type` is the producer's word for it; `occurredAt` in milliseconds. */
export const eventId = (userId: string, trackId: string, occurredAt: number, type: string): string =>
  uuidV5([userId, trackId, String(occurredAt), type])
