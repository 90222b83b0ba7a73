import { type TopicValues, userDayKey } from '../../schemas/catalogue.js'
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

/** What each listener played on each UTC day (semantics.md, section 7). A window of the store is a day since 1970. */
export const userDays: Processor<TopicValues, Cleansed, 'user-days', typeof stores, never> = {
  name: 'user-days',
  from: [clean],
  to: ['user-days'],
  stores,
  create: context => new UserDays(context)
}

class UserDays implements ProcessorInstance<Cleansed> {
  /** Of the dictionary's names, as they are met. */
  readonly #hashes: number[] = []

  constructor(private readonly context: Ctx) {}

  process(input: Cleansed): void {
    if (input.action === 'erase') {
      const { user_id, days } = input.erasure
      for (const day of days) this.context.stores.days.merge(user_id, erasing, Date.parse(day) / DAY_MS)
      return
    }
    const sign = playSign(input)
    if (sign === 0 || !('event' in input)) return
    const { event } = input
    const { days } = this.context.stores
    const play = {
      track: days.dictionary.intern(event.track_id),
      artist: days.dictionary.intern(event.artist_id),
      ms: listeningMs(event),
      sign
    } as const
    days.merge(event.user_id, play, Math.floor(event.occurred_at / DAY_MS))
  }

  emit(user_id: string, window: number): void {
    const value = this.context.stores.days.get(user_id, window)
    if (value === undefined) return
    const day = new Date(window * DAY_MS).toISOString().slice(0, DAY_LENGTH)
    const record = {
      user_id,
      day,
      plays: value.plays,
      listening_ms: value.ms,
      distinct_tracks: value.tracks.size,
      distinct_artists: value.artists.size,
      heard: this.#heard(value.tracks)
    }
    this.context.send('user-days', userDayKey(user_id, day), value.plays === 0 ? null : record)
  }

  #heard(bag: Bag): Buffer {
    const { dictionary } = this.context.stores.days
    return packHashes(bag.first(MOST_HEARD).map(id => (this.#hashes[id] ??= idHash(dictionary.name(id)))))
  }
}
