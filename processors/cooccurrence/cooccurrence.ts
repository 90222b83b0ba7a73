import type { TopicValues } from '../../schemas/catalogue.js'
import type { Neighbour, TrackUpdates } from '../../schemas/events.js'
import {
  type Context,
  type Dictionary,
  mergeStore,
  type Processor,
  type ProcessorInstance,
  type TopicRecord
} from '../../streams/processor.js'
import { NameOrder } from '../ranking/order.js'
import { RecordIds } from '../record-ids.js'
import { cooccurrenceFold, type TrackDelta } from './vector.js'

const stores = { cooccurrence: mergeStore('cooccurrence', cooccurrenceFold) }
type Input = TopicRecord<TopicValues, 'track-updates'>
type Ctx = Context<TopicValues, 'track-neighbours', typeof stores, never>

/**
 * Adds up what sessions say about pairs of tracks and publishes each track's neighbours (semantics, section 4).
 * Memory: about 23 bytes per pair and direction of tracks that were ever in one session; a list of 200 at most goes out.
 */
export const cooccurrence: Processor<TopicValues, Input, 'track-neighbours', typeof stores, never> = {
  name: 'co-occurrence',
  from: ['track-updates'],
  to: ['track-neighbours'],
  stores,
  create: context => new Cooccurrence(context)
}

class Cooccurrence implements ProcessorInstance<Input> {
  readonly #order: NameOrder

  constructor(private readonly context: Ctx) {
    this.#order = new NameOrder(context.stores.cooccurrence.dictionary)
  }

  process({ value }: Input): void {
    const store = this.context.stores.cooccurrence
    trackDeltas(value, store.dictionary, (track, delta) => store.mergeAt(track, delta))
  }

  emit(track: string): void {
    const vector = this.context.stores.cooccurrence.get(track)
    if (vector === undefined || vector.sessions <= 0) {
      this.context.send('track-neighbours', track, null)
      return
    }
    const neighbours: Neighbour[] = []
    vector.list(this.#order, (id, together, weight) => neighbours.push({ track_id: this.#order.name(id), together, weight }))
    this.context.send('track-neighbours', track, { track_id: track, sessions: vector.sessions, n: vector.n, neighbours })
  }
}

/** Splits a record by track, given by its id. Its columns are shared, not copied. */
export function trackDeltas(updates: TrackUpdates, dictionary: Dictionary, visit: (track: number, delta: TrackDelta) => void): void {
  const { together, weight } = updates
  const ids = new RecordIds(updates.dictionary, dictionary)
  const others = new Uint32Array(updates.other.length)
  for (let i = 0; i < others.length; i++) others[i] = ids.at(updates.other[i]!)
  let from = 0
  for (let i = 0; i < updates.track.length; i++) {
    const to = from + updates.neighbours[i]!
    visit(ids.at(updates.track[i]!), { sessions: updates.sessions[i]!, n: updates.n[i]!, others, together, weight, from, to })
    from = to
  }
}
