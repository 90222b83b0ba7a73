/** The invented music: artists with albums and tracks, popular by Zipf's law, each near others of its kind. */
import { type Genre, genres } from './genres.js'
import { artistName, languageOf, title, withVersion } from './names.js'
import { Random, Weighted } from './random.js'
import type { Language } from './words.js'

export interface Track {
  readonly id: string
  readonly name: string
  readonly artist: Artist
  readonly album: Album
  readonly durationMs: number
  readonly popularity: number
}

export interface Album {
  readonly name: string
  readonly artist: Artist
  readonly tracks: Track[]
}

export class Artist {
  readonly albums: Album[] = []
  /** Drawn by popularity. */
  tracks!: Weighted<Track>
  /** The artists whom a radio would play next, the closest first. */
  related!: Weighted<Artist>

  constructor(
    readonly id: string,
    readonly name: string,
    readonly genre: Genre,
    readonly language: Language,
    readonly popularity: number,
    /** In [0, 1): artists of a genre who are close to each other share their audience. */
    readonly scene: number
  ) {}
}

export interface Catalogue {
  readonly artists: readonly Artist[]
  /** Artists of each genre, drawn by popularity. */
  readonly byGenre: ReadonlyMap<Genre, Weighted<Artist>>
  readonly trackCount: number
}

/** @throws RangeError fewer tracks than artists. */
export function createCatalogue(seed: string, artistCount: number, trackCount: number): Catalogue {
  if (trackCount < artistCount) throw new RangeError(`${trackCount} tracks are too few for ${artistCount} artists: each needs one.`)
  const random = new Random(seed, 'catalogue')
  const names = new Set<string>()
  const allGenres = new Weighted(genres, genre => genre.weight)
  const ranks = random.shuffle(Array.from({ length: artistCount }, (_, rank) => rank))
  const artists = ranks.map((rank, index) => {
    // The first artists cover all genres, so that none is empty.
    const genre = genres[index] ?? allGenres.pick(random)
    return createArtist(random, genre, (rank + 1) ** -1, names)
  })
  shareOut(artists, trackCount).forEach((count, index) => {
    fillDiscography(random, artists[index]!, count)
  })
  const byGenre = new Map<Genre, Weighted<Artist>>()
  for (const genre of genres) {
    const members = artists.filter(artist => artist.genre === genre)
    if (members.length > 0) byGenre.set(genre, new Weighted(members, artist => artist.popularity))
  }
  for (const artist of artists) artist.related = relate(random, artist, byGenre)
  return { artists, byGenre, trackCount }
}

function createArtist(random: Random, genre: Genre, popularity: number, names: Set<string>): Artist {
  const language = languageOf(random, genre)
  const name = artistName(random, language, random.chance(genre.solo), names)
  return new Artist(random.base62(22), name, genre, language, popularity, random.next())
}

/** Tracks per artist: at least one, more for the popular, `total` in all. */
function shareOut(artists: readonly Artist[], total: number): number[] {
  const weights = artists.map(artist => artist.popularity ** 0.4)
  const sum = weights.reduce((a, b) => a + b, 0)
  const counts = weights.map(weight => 1 + Math.floor(((total - artists.length) * weight) / sum))
  const missing = total - counts.reduce((a, b) => a + b, 0)
  return counts.map((count, index) => count + (index < missing ? 1 : 0))
}

function fillDiscography(random: Random, artist: Artist, trackCount: number): void {
  const titles = new Set<string>()
  let year = 1972 + random.below(45)
  for (let left = trackCount; left > 0; ) {
    const wanted = random.chance(0.2) ? 1 : random.chance(0.2) ? 4 + random.below(2) : 8 + random.below(6)
    const size = Math.min(left, wanted)
    artist.albums.push(createAlbum(random, artist, size, year, titles))
    year = Math.min(2019, year + 1 + random.below(4))
    left -= size
  }
  const tracks = artist.albums.flatMap(album => album.tracks)
  artist.tracks = new Weighted(tracks, track => track.popularity)
}

/** An album of the artist (not added to the artist's own). Its titles are new to `titles`. */
export function createAlbum(random: Random, artist: Artist, size: number, year: number, titles: Set<string>): Album {
  const names = Array.from({ length: size }, () => title(random, artist.language, titles))
  const named = size === 1 || random.chance(0.5)
  const album: Album = { name: named ? names[0]! : title(random, artist.language, new Set(titles)), artist, tracks: [] }
  const hits = random.shuffle(Array.from(names, (_, rank) => rank))
  names.forEach((name, index) => {
    const seconds = Math.min(900, Math.max(62, random.logNormal(artist.genre.seconds, 0.2)))
    album.tracks.push({
      id: random.base62(22),
      name: index === 0 ? name : withVersion(random, name, year),
      artist,
      album,
      durationMs: Math.round(seconds * 1000),
      popularity: (hits[index]! + 1) ** -1
    })
  })
  return album
}

/** Eight of the own scene, two of a related genre. */
function relate(random: Random, artist: Artist, byGenre: Catalogue['byGenre']): Weighted<Artist> {
  const distance = (other: Artist) => Math.abs(other.scene - artist.scene)
  const near = (others: readonly Artist[], count: number) =>
    others
      .filter(other => other !== artist)
      .sort((a, b) => distance(a) - distance(b))
      .slice(0, count)
  const neighbours = genres.filter(genre => artist.genre.related.includes(genre.name) && byGenre.has(genre))
  const own = near(byGenre.get(artist.genre)!.items, 8)
  const foreign = neighbours.length > 0 ? near(byGenre.get(random.pick(neighbours))!.items, 2) : []
  const related = [...own, ...foreign]
  return new Weighted(related.length > 0 ? related : [artist], (other, index) => other.popularity ** 0.7 / (1 + index / 4))
}
