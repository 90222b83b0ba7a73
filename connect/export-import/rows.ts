/**
 * Rows of the two shapes in which Spotify gives people their listening history: the account data's (`endTime` to the minute,
 * names, `msPlayed`) and the extended one's (`ts` to the second, names, URIs, platform, country). `ts` and `endTime` are the ends.
 */
import type { Play } from '../../schemas/events.js'
import { eventId, trackIdFromName } from '../../schemas/ids.js'
import { parseTime } from '../../schemas/json.js'
import type { LedgerPlay } from '../ledger.js'

export type Ignored = 'podcast' | 'audiobook' | 'video' | 'no track' | 'private session'

/** `bad` says what is wrong, as a sentence that begins with the field. */
export type Row = { readonly play: Play; readonly fact: LedgerPlay } | { readonly ignored: Ignored } | { readonly bad: string }

export interface RowOptions {
  readonly userId: string
  /** Take plays of private sessions too. */
  readonly includePrivate: boolean
  /** Milliseconds: an event that is well after it would be rejected, though the ledger would know it ever after. */
  readonly now: number
}

const earliest = Date.UTC(2006, 0, 1)
const aheadMs = 600_000
const longestMs = 86_400_000
/** Shorter plays count as skips. */
const streamMs = 30_000

export function readRow(row: unknown, options: RowOptions): Row {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return { bad: `It is ${shown(row)}, not an object.` }
  const fields = row as Record<string, unknown>
  if (fields.endTime !== undefined) return accountRow(fields, options)
  if (fields.ts !== undefined) return extendedRow(fields, options)
  return { bad: 'It has neither endTime nor ts: it is no row of a listening history.' }
}

function accountRow(row: Record<string, unknown>, options: RowOptions): Row {
  if (present(row.podcastName) || present(row.episodeName)) return { ignored: 'podcast' }
  if (present(row.audiobookName) || present(row.chapterName)) return { ignored: 'audiobook' }
  const artist = text(row.artistName)
  const title = text(row.trackName)
  if (artist === null || title === null) return { ignored: 'no track' }
  const time = readTime(row, 'endTime', 'msPlayed', options.now)
  if ('bad' in time) return time
  return played(options.userId, { shape: 'account export', artist, title, trackId: trackIdFromName(artist, title), ...time })
}

function extendedRow(row: Record<string, unknown>, options: RowOptions): Row {
  if (present(row.episode_name) || present(row.spotify_episode_uri)) return { ignored: 'podcast' }
  if (present(row.audiobook_title) || present(row.audiobook_uri)) return { ignored: 'audiobook' }
  const artist = text(row.master_metadata_album_artist_name)
  const title = text(row.master_metadata_track_name)
  if (artist === null || title === null) return { ignored: 'no track' }
  if (row.incognito_mode === true && !options.includePrivate) return { ignored: 'private session' }
  const time = readTime(row, 'ts', 'ms_played', options.now)
  if ('bad' in time) return time
  return played(options.userId, {
    shape: 'extended export',
    artist,
    title,
    trackId: trackOf(row.spotify_track_uri) ?? trackIdFromName(artist, title),
    album: text(row.master_metadata_album_album_name),
    device: text(row.platform),
    country: text(row.conn_country),
    ...time
  })
}

interface Found {
  /** The two shapes are two sources: of the same play they give different times. */
  readonly shape: 'account export' | 'extended export'
  readonly artist: string
  readonly title: string
  readonly trackId: string
  readonly occurredAt: number
  readonly msPlayed: number
  readonly album?: string | null
  readonly device?: string | null
  readonly country?: string | null
}

function played(userId: string, found: Found): Row {
  const { shape, artist, title, trackId, occurredAt, msPlayed, album = null, device = null, country = null } = found
  const play: Play = {
    event_id: eventId(userId, trackId, occurredAt, 'play'),
    user_id: userId,
    track_id: trackId,
    track_name: title,
    artist_id: null,
    artist_name: artist,
    album_name: album,
    occurred_at: occurredAt,
    duration_ms: null,
    ms_played: msPlayed,
    device_type: device,
    country,
    source: 'export'
  }
  const type = msPlayed < streamMs ? 'skip' : 'play'
  return { play, fact: { occurredAt, trackId, type, nameId: trackIdFromName(artist, title), msPlayed, source: shape } }
}

function readTime(
  row: Record<string, unknown>,
  endField: string,
  playedField: string,
  now: number
): { occurredAt: number; msPlayed: number } | { bad: string } {
  const msPlayed = row[playedField]
  if (typeof msPlayed !== 'number' || !Number.isInteger(msPlayed) || msPlayed < 0 || msPlayed > longestMs) {
    return { bad: `${playedField} is ${shown(msPlayed)}, not a whole number of milliseconds up to a day.` }
  }
  const written = row[endField]
  const end = typeof written === 'string' ? parseTime(written) : undefined
  if (end === undefined) return { bad: `${endField} is ${shown(written)}, not a time.` }
  const occurredAt = end - msPlayed
  // A device whose clock was not set says 1970.
  if (occurredAt < earliest) return { bad: `${endField} is ${shown(written)}, before Spotify existed (2006).` }
  if (occurredAt > now + aheadMs) return { bad: `${endField} is ${shown(written)}, in the future.` }
  return { occurredAt, msPlayed }
}

/** The id in `spotify:track:ID`. Others, such as `spotify:local:…`, name a file of the listener's own. */
function trackOf(uri: unknown): string | undefined {
  return typeof uri === 'string' ? /^spotify:track:([A-Za-z0-9]{1,64})$/.exec(uri)?.[1] : undefined
}

const present = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

/** Half of a surrogate pair, as in a name that was cut, has no UTF-8. */
const text = (value: unknown): string | null => (present(value) ? value.replace(/\p{Surrogate}/gu, '\ufffd') : null)

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  const json = value === undefined ? 'missing' : JSON.stringify(value)
  return json.length > 60 ? `${json.slice(0, 60)}…` : json
}
