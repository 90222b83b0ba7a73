import type { TopicValues } from '../../schemas/catalogue.js'
import type { TopTrack } from '../../schemas/events.js'
import {
  type Context,
  type MergeFold,
  mergeStore,
  type Processor,
  type ProcessorInstance,
  type TopicRecord
} from '../../streams/processor.js'
import { CountTable } from '../ranking/count-table.js'
import { NameOrder } from '../ranking/order.js'
import { readSigned, writeSigned } from '../ranking/packing.js'
import { Candidates } from './candidates.js'
import { type PlaysDelta, playsBy, ROW, readPlays, writePlays } from './plays.js'

/** Tracks that are published of an artist. */
const TOP_TRACKS = 20

interface Artist {
  plays: number
  readonly names: Candidates
  /** Plays by track: one column. */
  readonly tracks: CountTable
}

export const artistFold: MergeFold<Artist, PlaysDelta> = {
  version: 1,
  empty: () => ({ plays: 0, names: new Candidates(), tracks: new CountTable(1, TOP_TRACKS) }),
  merge(artist, delta) {
    for (let at = 0; at < delta.length; at += ROW) {
      const count = delta[at + 3]!
      artist.plays += count
      if (delta[at] !== 0) artist.names.add(delta[at]!, delta[at + 1]!, 0, count)
      artist.tracks.add(delta[at + 2]!, 1, count)
    }
  },
  writeOperand: writePlays,
  readOperand: readPlays,
  write(artist, out) {
    writeSigned(out, artist.plays)
    artist.names.write(out)
    artist.tracks.write(out)
  },
  read: input => ({ plays: readSigned(input), names: Candidates.read(input), tracks: CountTable.read(input, 1, TOP_TRACKS) }),
  sizeOf: artist => 50 + artist.names.bytes + artist.tracks.bytes
}

const stores = { artists: mergeStore('artist-details', artistFold) }
type Input = TopicRecord<TopicValues, 'artist-updates'>

/** The name of each artist, its plays and its most played tracks (semantics, section 7). */
export const artistDetails: Processor<TopicValues, Input, 'artist-details', typeof stores, never> = {
  name: 'artist-details',
  from: ['artist-updates'],
  to: ['artist-details'],
  stores,
  create: context => new ArtistDetailsInstance(context)
}

class ArtistDetailsInstance implements ProcessorInstance<Input> {
  readonly #order: NameOrder

  constructor(private readonly context: Context<TopicValues, 'artist-details', typeof stores, never>) {
    this.#order = new NameOrder(context.stores.artists.dictionary)
  }

  process({ value }: Input): void {
    const { artists } = this.context.stores
    for (const [id, delta] of playsBy('artist', 'track', value.plays, value.dictionary, artists.dictionary)) artists.mergeAt(id, delta)
  }

  emit(key: string): void {
    const artist = this.context.stores.artists.get(key)
    const standing = artist?.names.standing(this.#order)
    if (artist === undefined || standing === undefined || (artist.plays <= 0 && !artist.names.known)) {
      this.context.send('artist-details', key, null)
      return
    }
    artist.tracks.rank(0, this.#order)
    const top_tracks = artist.tracks.top<TopTrack>(0, (track, plays) => ({ track_id: this.#order.name(track), plays }))
    this.context.send('artist-details', key, {
      artist_id: key,
      artist_name: this.#order.name(standing.name),
      plays: artist.plays,
      top_tracks
    })
  }
}
