/** Objects in the shapes of Spotify's OpenAPI description, with the fields that a development app of 2026 is given. */

export interface FakeTrack {
  readonly id: string
  readonly name: string
  readonly artist: string
  readonly album: string
  readonly durationMs: number
  readonly isLocal?: boolean
}

const external = (kind: string, id: string) => ({ spotify: `https://open.spotify.com/${kind}/${id}` })

export function trackObject({ id, name, artist, album, durationMs, isLocal = false }: FakeTrack) {
  const artistId = isLocal ? null : `artist${artist.replace(/\W/g, '')}`
  const artistObject = {
    external_urls: isLocal ? {} : external('artist', artistId!),
    href: null,
    id: artistId,
    name: artist,
    type: 'artist',
    uri: isLocal ? null : `spotify:artist:${artistId}`
  }
  return {
    album: {
      album_type: isLocal ? null : 'album',
      artists: [artistObject],
      id: isLocal ? null : `album${album.replace(/\W/g, '')}`,
      images: [],
      name: album,
      release_date: isLocal ? null : '2024-05-03',
      total_tracks: 10,
      type: 'album',
      uri: null
    },
    artists: [artistObject],
    disc_number: 1,
    duration_ms: durationMs,
    explicit: false,
    external_ids: {},
    external_urls: {},
    href: null,
    id: isLocal ? null : id,
    is_local: isLocal,
    is_playable: true,
    name,
    preview_url: null,
    track_number: 3,
    type: 'track',
    uri: isLocal ? `spotify:local:${encodeURIComponent(artist)}:::${durationMs / 1000}` : `spotify:track:${id}`
  }
}

export function episodeObject() {
  return {
    audio_preview_url: null,
    description: 'Two people talk.',
    duration_ms: 3_600_000,
    explicit: false,
    id: '512ojhOuo1ktJprKbVcKyQ',
    name: 'Episode 1',
    release_date: '2026-01-01',
    type: 'episode',
    uri: 'spotify:episode:512ojhOuo1ktJprKbVcKyQ',
    show: { id: '5CfCWKI5pZ28U0uOzXkDHe', name: 'Talk', type: 'show' }
  }
}

export interface FakeDevice {
  readonly type: string
  readonly isPrivate?: boolean
}

export const deviceObject = ({ type, isPrivate = false }: FakeDevice) => ({
  id: `device${type}`,
  is_active: true,
  is_private_session: isPrivate,
  is_restricted: false,
  name: `My ${type}`,
  supports_volume: true,
  type,
  volume_percent: 60
})

export const errorObject = (status: number, message: string) => ({ error: { status, message } })
