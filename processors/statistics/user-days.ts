import { type TopicValues, userDayKey, userOfDay } from '../../schemas/catalogue.js'
import { idHash, packHashes } from '../../schemas/heard.js'
import { type Context, mergeStore, type Processor, type ProcessorInstance } from '../../streams/processor.js'
import { type Cleansed, clean } from '../clean/clean.js'
import { type Bag, erasing, userDayFold } from './day-fold.js'
import { listeningMs, playSign } from './listening.js'

const stores = { days: mergeStore('user-days', userDayFold) }
type Ctx = Context<TopicValues, 'user-days', typeof stores, never>

const DAY_MS = 24 * 3_600_000
/** 2026-01-31 */
const DAY_LENGTH = 10
const MOST_HEARD = 2_000

/** What each listener played on each UTC day (semantics.md, section 7). */
export const userDays: Processor<TopicValues, Cleansed, 'user-days', typeof stores, never> = {
  name: 'user-days',
  from: [clean],
  to: ['user-days'],
  stores,
  create: context => new UserDays(context)
}

class UserDays implements ProcessorInstance<Cleansed> {
  /** The label of the last day: events come nearly in order. */
  #day = Number.NaN
  #label = ''
  /** Of the dictionary's names, as they are met. */
  readonly #hashes: number[] = []

  constructor(private readonly context: Ctx) {}

  process(input: Cleansed): void {
    if (input.action === 'erase') {
      const { user_id, days } = input.erasure
      for (const day of days) this.context.stores.days.merge(userDayKey(user_id, day), erasing)
      return
    }
    const sign = playSign(input)
    if (sign === 0 || !('event' in input)) return
    const { event } = input
    const { days } = this.context.stores
    days.merge(userDayKey(event.user_id, this.#labelOf(event.occurred_at)), {
      track: days.dictionary.intern(event.track_id),
      artist: days.dictionary.intern(event.artist_id),
      ms: listeningMs(event),
      sign
    })
  }

  emit(key: string): void {
    const value = this.context.stores.days.get(key)
    if (value === undefined) return
    const record = {
      user_id: userOfDay(key),
      day: key.slice(-DAY_LENGTH),
      plays: value.plays,
      listening_ms: value.ms,
      distinct_tracks: value.tracks.size,
      distinct_artists: value.artists.size,
      heard: this.#heard(value.tracks)
    }
    this.context.send('user-days', key, value.plays === 0 ? null : record)
  }

  #heard(bag: Bag): Buffer {
    const { dictionary } = this.context.stores.days
    return packHashes(bag.first(MOST_HEARD).map(id => (this.#hashes[id] ??= idHash(dictionary.name(id)))))
  }

  #labelOf(time: number): string {
    const day = Math.floor(time / DAY_MS)
    if (day !== this.#day) {
      this.#day = day
      this.#label = new Date(day * DAY_MS).toISOString().slice(0, DAY_LENGTH)
    }
    return this.#label
  }
}
