/** Spotify's answers in Segue's words. */
import { trackIdFromName } from '../../schemas/ids.js'
import { checked, type PlayingBody, type SavedBody, TrackBody } from './bodies.js'
import type { Look, Track } from './player.js'

/** Undefined: it names no artist or no title (some local files), so that nothing can be learnt from it. */
export function readTrack(body: TrackBody): Track | undefined {
  const [first] = body.artists
  const artist = text(first?.name)
  const name = text(body.name)
  if (artist === null || name === null) return undefined
  const isLocal = body.is_local === true || body.id === null
  return {
    trackId: isLocal ? trackIdFromName(artist, name) : body.id!,
    name,
    artistId: isLocal ? null : (first?.id ?? null),
    artist,
    album: text(body.album?.name),
    durationMs: body.duration_ms > 0 ? body.duration_ms : null
  }
}

/** What a look at the player shows. Private sessions, podcasts and advertisements count as nothing. */
export function readLook(body: PlayingBody | undefined, at: number): Look {
  const none: Look = { at, playing: null }
  if (!body?.item || body.currently_playing_type !== 'track' || body.device?.is_private_session === true) return none
  const track = readTrack(checked(TrackBody, body.item, '/me/player/currently-playing'))
  if (track === undefined) return none
  const progressMs = Math.max(0, body.progress_ms ?? 0)
  return { at, playing: { track, isPlaying: body.is_playing, progressMs, device: text(body.device?.type) } }
}

export interface Saved {
  readonly track: Track
  readonly addedAt: number
}

export function readSaved({ items }: SavedBody): Saved[] {
  return items.flatMap(({ added_at, track }) => {
    const read = readTrack(track)
    return read === undefined ? [] : [{ track: read, addedAt: Date.parse(added_at) }]
  })
}

/** Sources differ in ids; artist and title they share. */
export const nameIdOf = ({ artist, name }: Track): string => trackIdFromName(artist, name)

/** Half of a surrogate pair, as in a name that was cut, has no UTF-8. */
const text = (value: string | null | undefined): string | null =>
  value === null || value === undefined || value.trim() === '' ? null : value.replace(/\p{Surrogate}/gu, '\ufffd')
