import type { TopicValues } from '../../schemas/catalogue.js'
import {
  type Context,
  type MergeFold,
  mergeStore,
  type Processor,
  type ProcessorInstance,
  type TopicRecord
} from '../../streams/processor.js'
import { NameOrder } from '../ranking/order.js'
import { readSigned, writeSigned } from '../ranking/packing.js'
import { Candidates } from './candidates.js'
import { type PlaysDelta, playsBy, ROW, readPlays, writePlays } from './plays.js'

interface Track {
  plays: number
  readonly names: Candidates
}

export const trackFold: MergeFold<Track, PlaysDelta> = {
  version: 1,
  empty: () => ({ plays: 0, names: new Candidates() }),
  merge(track, delta) {
    for (let at = 0; at < delta.length; at += ROW) {
      track.plays += delta[at + 3]!
      if (delta[at] !== 0) track.names.add(delta[at]!, delta[at + 1]!, delta[at + 2]!, delta[at + 3]!)
    }
  },
  writeOperand: writePlays,
  readOperand: readPlays,
  write(track, out) {
    writeSigned(out, track.plays)
    track.names.write(out)
  },
  read: input => ({ plays: readSigned(input), names: Candidates.read(input) }),
  sizeOf: track => 50 + track.names.bytes
}

const stores = { tracks: mergeStore('track-details', trackFold) }
type Input = TopicRecord<TopicValues, 'track-updates'>

/** The name and artist of each track, and how often it was played (semantics, section 7). */
export const trackDetails: Processor<TopicValues, Input, 'track-details', typeof stores, never> = {
  name: 'track-details',
  from: ['track-updates'],
  to: ['track-details'],
  stores,
  create: context => new TrackDetailsInstance(context)
}

class TrackDetailsInstance implements ProcessorInstance<Input> {
  readonly #order: NameOrder

  constructor(private readonly context: Context<TopicValues, 'track-details', typeof stores, never>) {
    this.#order = new NameOrder(context.stores.tracks.dictionary)
  }

  process({ value }: Input): void {
    const { tracks } = this.context.stores
    for (const [id, delta] of playsBy('track', 'artist', value.plays, value.dictionary, tracks.dictionary)) tracks.mergeAt(id, delta)
    for (const { track, count } of value.play_corrections) tracks.merge(value.dictionary[track]!, [0, 0, 0, count])
  }

  emit(key: string): void {
    const track = this.context.stores.tracks.get(key)
    const standing = track?.names.standing(this.#order)
    if (track === undefined || standing === undefined || (track.plays <= 0 && !track.names.known)) {
      this.context.send('track-details', key, null)
      return
    }
    const track_name = this.#order.name(standing.name)
    const artist_id = this.#order.name(standing.artist)
    this.context.send('track-details', key, { track_id: key, track_name, artist_id, plays: track.plays })
  }
}
