/** A person: where they live, when they listen, on what, and whom they love. */
import type { Artist, Catalogue, Track } from './catalogue.js'
import type { Genre } from './genres.js'
import { listenerId } from './names.js'
import { type Place, places } from './places.js'
import { Random, Weighted } from './random.js'

const allPlaces = new Weighted(places, place => place.weight)

/** Days differ between people: peaks as [hour, height, width in hours]. */
const rhythms: readonly (readonly (readonly [number, number, number])[])[] = [
  [
    [8, 1, 1],
    [18, 1.3, 1.5],
    [21, 0.5, 1.5]
  ],
  [
    [10, 1, 2],
    [14.5, 1, 2],
    [20, 0.4, 2]
  ],
  [
    [16, 0.5, 2],
    [22, 1.2, 2],
    [0.5, 0.7, 1.5]
  ],
  [
    [7, 0.6, 1],
    [13, 0.7, 2],
    [19, 1, 2.5]
  ]
]

function hoursOf(random: Random): number[] {
  const peaks = random.pick(rhythms)
  const shift = random.between(-1, 1)
  const hours = Array.from({ length: 24 }, (_, hour) => {
    let likelihood = hour >= 2 && hour < 6 ? 0.004 : 0.03
    for (const [centre, height, width] of peaks) {
      const distance = Math.abs(((hour + 0.5 - centre - shift + 36) % 24) - 12)
      likelihood += height * Math.exp(-0.5 * (distance / width) ** 2)
    }
    return likelihood
  })
  const highest = Math.max(...hours)
  return hours.map(likelihood => likelihood / highest)
}

const mobile: readonly (readonly [string, number])[] = [
  ['Smartphone', 10],
  ['Automobile', 1]
]
const others: readonly (readonly [string, number])[] = [
  ['Computer', 6],
  ['Speaker', 3],
  ['Tablet', 1],
  ['TV', 1],
  ['Web', 1]
]

function devicesOf(random: Random): Weighted<string> {
  const owned = [
    mobile[0]!,
    ...(random.chance(0.15) ? [mobile[1]!] : []),
    ...new Weighted(others, o => o[1]).sample(random, random.below(3))
  ]
  const main = random.pick(owned)
  return new Weighted(
    owned.map(([name]) => name),
    name => (name === main[0] ? 6 : 1)
  )
}

/** People like what is sung in their language somewhat more. */
function genresOf(random: Random, place: Place, catalogue: Catalogue): Genre[] {
  const available = [...catalogue.byGenre.keys()]
  const main = new Weighted(available, genre => genre.weight * (1 + 5 * languageShare(genre, place))).pick(random)
  const related = available.filter(genre => main.related.includes(genre.name))
  return [main, ...random.shuffle(related).slice(0, 1 + random.below(2))]
}

function languageShare({ languages }: Genre, place: Place): number {
  const total = Object.values(languages).reduce((a, b) => a + b, 0)
  return place.language === 'en' ? 0.1 : (languages[place.language] ?? 0) / total
}

/** Three to six circles of artists whom radios play together, around artists that they found first. */
function favouritesOf(random: Random, liked: readonly Genre[], catalogue: Catalogue): Artist[] {
  const favourites = new Set<Artist>()
  for (let circle = 3 + random.below(4); circle > 0; circle--) {
    const genre = random.chance(0.6) ? liked[0]! : random.pick(liked)
    const [one, other] = [catalogue.byGenre.get(genre)!.pick(random), catalogue.byGenre.get(genre)!.pick(random)]
    // Fame draws more than its share.
    const centre = one.popularity > other.popularity ? one : other
    favourites.add(centre)
    for (const artist of centre.related.sample(random, 2 + random.below(4))) favourites.add(artist)
  }
  return [...favourites]
}

function playlistsOf(random: Random, favourites: Weighted<Artist>): Track[][] {
  return Array.from({ length: 2 + random.below(4) }, () => {
    // A playlist has its own theme: an artist, and those around.
    const theme = favourites.pick(random)
    const length = 14 + random.below(40)
    const tracks = new Set<Track>()
    for (let tries = 0; tracks.size < length && tries < 4 * length; tries++) {
      const artist = random.chance(0.7) ? theme.related.pick(random) : favourites.pick(random)
      tracks.add(artist.tracks.pick(random))
    }
    return [...tracks]
  })
}

export class Listener {
  readonly id: string
  readonly place: Place
  /** As Spotify spells them. */
  readonly devices: Weighted<string>
  readonly sessionsPerDay: number
  /** Times the usual share of skips. */
  readonly impatience: number
  /** Shares of sessions that follow an album, or a playlist of their own. */
  readonly albumShare: number
  readonly playlistShare: number
  /** Relative likelihood of listening in each local hour. */
  readonly hours: readonly number[]
  readonly favourites: Weighted<Artist>
  readonly isFavourite: ReadonlySet<Artist>
  readonly likesGenre: ReadonlySet<Genre>
  private ownPlaylists: Track[][] | undefined

  constructor(
    private readonly seed: string,
    readonly index: number,
    catalogue: Catalogue
  ) {
    const random = new Random(seed, 'listener', index)
    this.place = allPlaces.pick(random)
    const liked = genresOf(random, this.place, catalogue)
    const artists = favouritesOf(random, liked, catalogue)
    this.id = listenerId(random, this.place.language, index)
    this.devices = devicesOf(random)
    this.sessionsPerDay = Math.min(6, random.logNormal(1.3, 0.6))
    this.impatience = random.logNormal(1, 0.35)
    this.albumShare = random.between(0.05, 0.35)
    this.playlistShare = random.between(0.15, 0.5)
    this.hours = hoursOf(random)
    this.favourites = new Weighted(artists, (artist, rank) => artist.popularity ** 0.4 / (rank + 2))
    this.isFavourite = new Set(artists)
    this.likesGenre = new Set(liked)
  }

  /** Made when first wanted: a live crowd is large. */
  get playlists(): readonly (readonly Track[])[] {
    this.ownPlaylists ??= playlistsOf(new Random(this.seed, 'playlists', this.index), this.favourites)
    return this.ownPlaylists
  }

  /** How likely they are to listen at a time (milliseconds since the epoch, or any UTC midnight), relative to their best hour. */
  likelihoodAt(time: number): number {
    const hour = Math.floor(time / 3_600_000 + this.place.zone + 24) % 24
    return this.hours[hour]!
  }
}
