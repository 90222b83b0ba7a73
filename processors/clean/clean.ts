import { inputTopics, type TopicValues } from '../../schemas/catalogue.js'
import type { Erasure, ListeningEvent, RejectionCode } from '../../schemas/events.js'
import { artistIdFromName } from '../../schemas/ids.js'
import type { Context, Processor, ProcessorInstance, TopicRecord } from '../../streams/processor.js'
import { isInOpenSession } from '../sessions/plays.js'
import { type InputRecord, listeningEvent } from './canonical.js'
import { type History, historyKey, type Kept, listenerRange, listeningHistory, parseHistoryKey } from './history.js'
import { standsBefore } from './rank.js'
import { isOver, Sweep } from './sweep.js'
import { rejectionOf } from './validate.js'

/** What became of a record. */
export type Cleansed =
  | {
      readonly action: 'count' | 'retract'
      readonly event: ListeningEvent
      /** The event is already in its session: this corrects its other fields, or repeats it after its key was forgotten. */
      readonly again: boolean
      /** No event of the listener that was read before, and is still in the store, is later than this; -1: there is none. */
      readonly latestBefore: number
    }
  | { readonly action: 'duplicate' }
  /** The listener is to be forgotten; nothing of their history is left. */
  | { readonly action: 'erase'; readonly erasure: Erasure }
  | { readonly action: 'reject'; readonly code: RejectionCode }

const stores = { history: listeningHistory }
type Ctx = Context<TopicValues, 'listening-events', typeof stores, Cleansed>

type Input = InputRecord | TopicRecord<TopicValues, 'erasures'>

interface Latest {
  at: number
  /** The listener's events belong to another task: here they are apart from those that are read there. */
  readonly isMisplaced: boolean
}

/** Listeners whose latest event is remembered; all are forgotten when there are more, which costs each a look-up. */
const MAX_LISTENERS = 100_000

/** Cleansing (semantics.md, section 2): each record is accepted, a duplicate or rejected. */
export const clean: Processor<TopicValues, Input, 'listening-events', typeof stores, Cleansed> = {
  name: 'clean',
  from: [...inputTopics, 'erasures'],
  to: ['listening-events'],
  stores,
  create: context => new Clean(context)
}

class Clean implements ProcessorInstance<Input> {
  readonly #history: History
  readonly #sweep: Sweep
  /** Per listener, a time that none of his entries is beyond: a later event can't be a duplicate, and costs no read. */
  readonly #latest = new Map<string, Latest>()

  constructor(private readonly context: Ctx) {
    this.#history = context.stores.history
    this.#sweep = new Sweep(this.#history)
  }

  process(record: Input): void {
    if (record.topic === 'erasures') {
      this.#erase(record.value)
      return
    }
    const { value } = record
    const artistId = value.artist_id ?? (value.artist_name === '' ? '' : artistIdFromName(value.artist_name))
    const rejection = rejectionOf(value, artistId, record.timestamp)
    if (rejection !== undefined) {
      this.context.reject(rejection.code, rejection.reason)
      this.context.forward({ action: 'reject', code: rejection.code })
      return
    }
    this.#accept(listeningEvent(record, artistId, this.context.record))
  }

  undecodable(): void {
    this.context.forward({ action: 'reject', code: 'UNDECODABLE' })
  }

  punctuate(streamTime: number): void {
    this.#sweep.slice(streamTime)
  }

  #accept(event: ListeningEvent): void {
    const { user_id, occurred_at } = event
    const now = this.context.streamTime
    const latest = this.#latestOf(user_id)
    const latestBefore = latest.at
    if (latest.isMisplaced) this.context.count('misplaced')
    const key = historyKey(user_id, occurred_at, event.track_id, event.type)
    const known = occurred_at > latestBefore ? undefined : this.#history.get(key)
    if (known !== undefined && !isOver(known.readAt, now)) {
      this.#duplicate(key, known, event, latestBefore)
      return
    }
    if (occurred_at > latestBefore) latest.at = occurred_at
    else if (occurred_at < latestBefore) this.context.count('late')
    const again = known !== undefined && event.type === 'play' && isInOpenSession(this.#history, event, now)
    this.#history.put(key, { readAt: now, joinedAt: again ? known.joinedAt : now, details: event })
    this.#sweep.accepted()
    this.#publish({ action: 'count', event, again, latestBefore })
  }

  /** One of the two counts: the one that stands before the other. The memory of the key is not prolonged by the other. */
  #duplicate(key: string, known: Kept, event: ListeningEvent, latestBefore: number): void {
    this.context.count('duplicate')
    this.context.forward({ action: 'duplicate' })
    if (!standsBefore(event.origin, known.details.origin)) return
    const { user_id, track_id, occurred_at, type } = event
    const counted: ListeningEvent = { ...known.details, action: 'retract', type, user_id, track_id, occurred_at }
    this.#history.put(key, { readAt: this.context.streamTime, joinedAt: known.joinedAt, details: event })
    this.#publish({ action: 'retract', event: counted, again: true, latestBefore })
    this.#publish({ action: 'count', event, again: true, latestBefore })
  }

  #publish(cleansed: Cleansed & { action: 'count' | 'retract' }): void {
    this.context.send('listening-events', cleansed.event.user_id, cleansed.event)
    this.context.forward(cleansed)
  }

  /** What the listener does from now on counts as if they were new. */
  #erase(erasure: Erasure): void {
    for (const [key] of [...this.#history.range(listenerRange(erasure.user_id))]) this.#history.delete(key)
    this.#latest.delete(erasure.user_id)
    this.context.forward({ action: 'erase', erasure })
  }

  #latestOf(user: string): Latest {
    const known = this.#latest.get(user)
    if (known !== undefined) return known
    const latest: Latest = {
      at: -1,
      isMisplaced: this.context.partitionFor('listening-events', user) !== this.context.task.partition
    }
    for (const [key] of this.#history.range({ ...listenerRange(user), reverse: true, limit: 1 }))
      latest.at = parseHistoryKey(key).occurredAt
    if (this.#latest.size >= MAX_LISTENERS) this.#latest.clear()
    this.#latest.set(user, latest)
    return latest
  }
}
