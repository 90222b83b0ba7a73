import type { TopicValues } from '../../schemas/catalogue.js'
import type { AffineArtist, ListeningEvent, Repair } from '../../schemas/events.js'
import type { Context, Processor, ProcessorInstance, TopicRecord } from '../../streams/processor.js'
import { type Cleansed, clean } from '../clean/clean.js'
import { listeningHistory } from '../clean/history.js'
import { NameOrder } from '../ranking/order.js'
import { listenerIndex, updateIndex } from '../similar/listener-index.js'
import { latestCountry } from './country.js'
import { type Affinities, affinityStore, correcting, erasing, growth, weights } from './fold.js'

// The history belongs to `clean` and is only read.
const stores = { affinity: affinityStore, history: listeningHistory, index: listenerIndex }
type Output = 'artist-affinity' | 'artist-listeners'
type Ctx = Context<TopicValues, Output, typeof stores, never>

type Input = Cleansed | TopicRecord<TopicValues, 'repairs'>

const LISTED = 50

/** How much each listener loves which artists (semantics.md, section 5), and who is to be found by which. */
export const affinity: Processor<TopicValues, Input, Output, typeof stores, never> = {
  name: 'affinity',
  from: [clean, 'repairs'],
  to: ['artist-affinity', 'artist-listeners'],
  stores,
  create: context => new Affinity(context)
}

class Affinity implements ProcessorInstance<Input> {
  readonly #order: NameOrder

  constructor(private readonly context: Ctx) {
    this.#order = new NameOrder(context.stores.affinity.dictionary)
  }

  process(input: Input): void {
    if ('topic' in input) {
      this.#repair(input.value)
      return
    }
    if (input.action === 'duplicate' || input.action === 'reject') return
    const store = this.context.stores.affinity
    if (input.action === 'erase') {
      store.merge(input.erasure.user_id, erasing)
      return
    }
    const { event } = input
    const retracts = input.action === 'retract'
    store.merge(event.user_id, {
      occurredAt: event.occurred_at,
      artist: weights[event.type] === undefined ? undefined : store.dictionary.intern(event.artist_id),
      type: event.type,
      sign: retracts ? -1 : 1,
      country: retracts ? null : event.country,
      restatesCountry: false
    })
    if (retracts && event.country !== null) this.#restateCountry(event)
  }

  emit(user: string): void {
    const value = this.context.stores.affinity.get(user)
    if (value === undefined) return
    const { asOf, country } = value
    const artists = asOf < 0 ? [] : topArtists(value, this.#order)
    this.context.send('artist-affinity', user, asOf < 0 ? null : { user_id: user, as_of: asOf, country, artists })
    updateIndex(this.context.stores.index, user, artists, (key, entry) => this.context.send('artist-listeners', key, entry))
  }

  #repair({ user_id, as_of_was, as_of, artists }: Repair): void {
    const store = this.context.stores.affinity
    const asOf = { asOfWas: as_of_was, asOf: as_of }
    if (user_id === null) return
    for (const { artist_id, ...added } of artists)
      store.merge(user_id, correcting(store.dictionary.intern(artist_id), { ...added, ...asOf }))
  }

  /** If the country was that of the event that is taken back, the store no longer knows the one before. */
  #restateCountry({ user_id, occurred_at, country }: ListeningEvent): void {
    const { affinity: store, history } = this.context.stores
    const value = store.get(user_id)
    if (value === undefined || value.countryAt !== occurred_at || value.country !== country) return
    const latest = latestCountry(history, user_id)
    store.merge(user_id, {
      occurredAt: latest?.occurredAt ?? occurred_at,
      type: 'other',
      sign: 1,
      country: latest?.country ?? null,
      restatesCountry: true
    })
  }
}

/** The 50 with the highest affinity, equal ones in order of their ids; those whose events were all taken back are not listed. */
export function topArtists(value: Affinities, order: NameOrder): AffineArtist[] {
  const { slots, sums, plays, events } = value
  const positive = (slot: number): number => Math.max(0, sums[slot]!)
  const byAffinity = (a: number, b: number): number => positive(b) - positive(a) || order.compare(slots.ids[a]!, slots.ids[b]!)
  const top: number[] = []
  for (let slot = 0; slot < slots.size; slot++) if (events[slot]! > 0) keepFirst(top, slot, byAffinity)
  if (top.length === 0) return []
  const decayed = 1 / growth(value.asOf)
  const greatest = Math.log1p(positive(top[0]!) * decayed)
  return top.map(slot => ({
    artist_id: order.name(slots.ids[slot]!),
    a: sums[slot]! * decayed,
    affinity: greatest === 0 ? 0 : Math.log1p(positive(slot) * decayed) / greatest,
    plays: plays[slot]!
  }))
}

/** Inserts a slot into the sorted list of the first ones. */
function keepFirst(top: number[], slot: number, compare: (a: number, b: number) => number): void {
  if (top.length === LISTED) {
    if (compare(slot, top[LISTED - 1]!) > 0) return
    top.pop()
  }
  let low = 0
  let high = top.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(top[middle]!, slot) < 0) low = middle + 1
    else high = middle
  }
  top.splice(low, 0, slot)
}
