/** All that a simulation knows, made from a seed and sizes: nothing else decides what happens on a day. */
import { type Album, type Artist, type Catalogue, createAlbum, createCatalogue, type Track } from './catalogue.js'
import type { Genre } from './genres.js'
import { Listener } from './listener.js'
import { Random, Weighted } from './random.js'

export interface WorldOptions {
  readonly seed: string
  readonly listeners: number
  /** Of the back catalogue; new releases come on top. */
  readonly tracks: number
  readonly artists: number
}

export const defaultWorld: WorldOptions = { seed: '1', listeners: 200, tracks: 3000, artists: 300 }

/** A new album, from its day on. */
export interface Release {
  readonly album: Album
  /** Days since 1970-01-01. */
  readonly day: number
}

/** New releases stay in people's ears for half a year, then make room. */
const releaseLifeDays = 180

export class World {
  readonly catalogue: Catalogue
  /** Names the world in the ledger of published days. */
  readonly name: string
  private readonly listeners: Listener[] = []
  private readonly releasesByDay = new Map<number, readonly Release[]>()
  private readonly editorials = new Map<Genre, readonly Track[]>()
  private readonly artists: Weighted<Artist>
  private current: { day: number; byArtist: Map<Artist, Release[]>; all: Release[] } | undefined

  /** @throws RangeError a size makes no sense; the message says which. */
  constructor(readonly options: WorldOptions) {
    const { seed, listeners, tracks, artists } = options
    checkSize('listeners', listeners, 20_000)
    checkSize('artists', artists, 50_000)
    checkSize('tracks', tracks, 1_000_000)
    this.name = `seed=${seed} listeners=${listeners} tracks=${tracks} artists=${artists}`
    this.catalogue = createCatalogue(seed, artists, tracks)
    this.artists = new Weighted(this.catalogue.artists, artist => artist.popularity ** 0.5)
  }

  /** The listeners 0 … `options.listeners` - 1 live through every day; later ones come for live simulation only. */
  listener(index: number): Listener {
    this.listeners[index] ??= new Listener(this.options.seed, index, this.catalogue)
    return this.listeners[index]
  }

  /** The playlist of a genre that everybody finds: its best known tracks, always in the same order. */
  editorial(genre: Genre): readonly Track[] {
    let tracks = this.editorials.get(genre)
    if (!tracks) {
      const random = new Random(this.options.seed, 'editorial', genre.name)
      const artists = this.catalogue.byGenre.get(genre)!
      tracks = artists.sample(random, 40).map(artist => artist.tracks.pick(random))
      this.editorials.set(genre, tracks)
    }
    return tracks
  }

  /** What is new on a day: everything released in the half year before it and on it. */
  newOn(day: number): { byArtist: ReadonlyMap<Artist, readonly Release[]>; all: readonly Release[] } {
    if (this.current?.day === day) return this.current
    for (const known of this.releasesByDay.keys()) if (Math.abs(known - day) > 2 * releaseLifeDays) this.releasesByDay.delete(known)
    const all: Release[] = []
    for (let age = 0; age < releaseLifeDays; age++) all.push(...this.releasedOn(day - age))
    const byArtist = new Map<Artist, Release[]>()
    for (const release of all) {
      const artist = release.album.artist
      const others = byArtist.get(artist)
      if (others) others.push(release)
      else byArtist.set(artist, [release])
    }
    this.current = { day, byArtist, all }
    return this.current
  }

  /** Mostly on Fridays, as the industry does. */
  releasedOn(day: number): readonly Release[] {
    const known = this.releasesByDay.get(day)
    if (known) return known
    const random = new Random(this.options.seed, 'releases', day)
    const friday = new Date(day * dayMs).getUTCDay() === 5
    const count = random.poisson((friday ? 0.012 : 0.0006) * Math.min(5000, this.catalogue.artists.length))
    const year = new Date(day * dayMs).getUTCFullYear()
    const releases = Array.from({ length: count }, () => {
      const artist = this.artists.pick(random)
      const size = random.chance(0.55) ? 1 : random.chance(0.4) ? 4 : 10
      const titles = new Set(artist.tracks.items.map(track => track.name))
      return { album: createAlbum(random, artist, size, year, titles), day }
    })
    this.releasesByDay.set(day, releases)
    return releases
  }
}

export const dayMs = 86_400_000

function checkSize(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return
  throw new RangeError(`The number of ${name} must be a whole number from 1 to ${most}, not ${value}.`)
}
