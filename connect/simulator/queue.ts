/** What a session plays, one track after the other: an album or a playlist in order, then a radio that goes on from there. */
import type { Album, Artist, Track } from './catalogue.js'
import type { Listener } from './listener.js'
import type { Random } from './random.js'
import type { Release, World } from './world.js'

/** How a track came to be played; decides how likely it is to be left early. */
export type Origin = 'album' | 'playlist' | 'editorial' | 'news' | 'radio'

export interface Queued {
  readonly track: Track
  readonly origin: Origin
}

/** Endless. */
export function* playQueue(world: World, listener: Listener, day: number, random: Random): Generator<Queued, never> {
  const choice = random.next()
  let artist = listener.favourites.pick(random)
  if (choice < listener.albumShare) {
    const album = chooseAlbum(world, artist, day, random)
    for (const track of album.tracks) yield { track, origin: 'album' }
  } else if (choice < listener.albumShare + listener.playlistShare) {
    for (const track of fromPlaylist(random.pick(listener.playlists), random)) yield { track, origin: 'playlist' }
  } else if (choice > 0.93) {
    for (const track of world.editorial(artist.genre)) yield { track, origin: 'editorial' }
  } else if (choice > 0.87) {
    for (const track of newMusic(world, listener, day)) yield { track, origin: 'news' }
  } else if (random.chance(0.15)) {
    // Curiosity: a radio around somebody they hardly know.
    artist = world.catalogue.byGenre.get(random.pick([...listener.likesGenre]))!.pick(random)
  }
  return yield* radio(world, listener, artist, day, random)
}

/** An artist's newest album is what people put on; otherwise one that they know a track of. */
function chooseAlbum(world: World, artist: Artist, day: number, random: Random): Album {
  const fresh = world.newOn(day).byArtist.get(artist)?.[0]
  if (fresh && random.chance(freshness(fresh, day))) return fresh.album
  return artist.tracks.pick(random).album
}

/** Nearly everybody's first thought on the day of release, a habit of few after two months. */
const freshness = (release: Release, day: number): number => 0.05 + 0.65 * 2 ** ((release.day - day) / 18)

/** In its own order from somewhere, or shuffled. */
function fromPlaylist(playlist: readonly Track[], random: Random): readonly Track[] {
  if (random.chance(0.45)) return random.shuffle([...playlist])
  const start = random.chance(0.5) ? 0 : random.below(playlist.length)
  return [...playlist.slice(start), ...playlist.slice(0, start)]
}

/** The last two weeks' releases that the listener may care for, the favourites' first. */
function newMusic(world: World, listener: Listener, day: number): Track[] {
  const recent = world
    .newOn(day)
    .all.filter(({ day: released, album }) => day - released < 14 && listener.likesGenre.has(album.artist.genre))
  const favourite = (release: Release) => (listener.isFavourite.has(release.album.artist) ? 0 : 1)
  return recent
    .sort((a, b) => favourite(a) - favourite(b))
    .slice(0, 25)
    .map(({ album }) => album.tracks[0]!)
}

/** What everybody who likes the genre knows, the first of the list best. */
function hit(world: World, artist: Artist, random: Random): Track {
  const hits = world.editorial(artist.genre)
  return hits[Math.floor(hits.length * random.next() ** 3)]!
}

const memory = 40

/** A walk among related artists that comes back to where it began, without repeating itself. */
function* radio(world: World, listener: Listener, centre: Artist, day: number, random: Random): Generator<Queued, never> {
  const { byArtist } = world.newOn(day)
  const played: Track[] = []
  let artist = centre
  for (;;) {
    let track = artist.tracks.pick(random)
    const fresh = byArtist.get(artist)?.[0]
    if (fresh && random.chance(0.6 * freshness(fresh, day))) track = random.pick(fresh.album.tracks)
    else if (random.chance(0.2)) track = hit(world, artist, random)
    for (let tries = 0; played.includes(track) && tries < 6; tries++) {
      artist = artist.related.pick(random)
      track = artist.tracks.pick(random)
    }
    played.push(track)
    if (played.length > memory) played.shift()
    yield { track, origin: 'radio' }
    const turn = random.next()
    if (turn < 0.15) artist = centre
    else if (turn < 0.3) artist = listener.favourites.pick(random)
    else if (turn < 0.85) artist = artist.related.pick(random)
  }
}
