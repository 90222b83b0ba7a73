import type { ArtistDetails, TrackDetails } from '../../schemas/events.js'
import type { View } from '../../state/view/view.js'

export interface NamedArtist {
  artist_id: string
  artist_name: string
}

export interface NamedTrack {
  track_id: string
  track_name: string
  artist_id: string | null
  artist_name: string | null
}

/** Names of tracks and artists that were looked up together; a missing name falls back to the id. */
export class Names {
  readonly #tracks = new Map<string, TrackDetails>()
  readonly #artists = new Map<string, ArtistDetails>()

  constructor(private readonly view: View) {}

  /** Looks up the details of tracks that are not known yet. */
  async loadTracks(ids: Iterable<string>): Promise<void> {
    const missing = [...new Set(ids)].filter(id => !this.#tracks.has(id))
    if (missing.length > 0) this.addTracks(missing, await this.view.getMany('track-details', missing))
  }

  /** Takes details that were read anyway. */
  addTracks(ids: readonly string[], details: readonly (TrackDetails | undefined)[]): void {
    for (let i = 0; i < ids.length; i++) if (details[i]) this.#tracks.set(ids[i]!, details[i]!)
  }

  async loadArtists(ids: Iterable<string | undefined>): Promise<void> {
    const missing = [...new Set(ids)].filter(id => id !== undefined && !this.#artists.has(id)) as string[]
    if (missing.length === 0) return
    const details = await this.view.getMany('artist-details', missing)
    for (let i = 0; i < missing.length; i++) if (details[i]) this.#artists.set(missing[i]!, details[i]!)
  }

  /** The tracks, then their artists. */
  async load(tracks: readonly string[]): Promise<void> {
    await this.loadTracks(tracks)
    await this.loadArtists(tracks.map(id => this.artistOf(id)))
  }

  artistOf(track: string): string | undefined {
    return this.#tracks.get(track)?.artist_id
  }

  findTrack(track: string): string | undefined {
    return this.#tracks.get(track)?.track_name || undefined
  }

  findArtist(artist: string): string | undefined {
    return this.#artists.get(artist)?.artist_name || undefined
  }

  trackName(track: string): string {
    return this.findTrack(track) ?? track
  }

  artistName(artist: string): string {
    return this.findArtist(artist) ?? artist
  }

  track(track_id: string, artist = this.artistOf(track_id)): NamedTrack {
    const artist_name = artist === undefined ? null : this.artistName(artist)
    return { track_id, track_name: this.trackName(track_id), artist_id: artist ?? null, artist_name }
  }
}
