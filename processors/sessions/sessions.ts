import type { TopicValues } from '../../schemas/catalogue.js'
import type { Context, Processor, ProcessorInstance } from '../../streams/processor.js'
import { affinityStore } from '../affinity/fold.js'
import { type Cleansed, clean } from '../clean/clean.js'
import { listeningHistory } from '../clean/history.js'
import { SessionDeltas } from './deltas.js'
import { EventIdentifier } from './event-ids.js'
import { OpenSessions, type SessionChange } from './open-sessions.js'
import { ArtistPacker } from './pack-artists.js'
import { TrackPacker } from './pack-tracks.js'
import { Partitions } from './partitions.js'
import { Names } from './session.js'
import { Updates } from './updates.js'
import { userSession } from './user-session.js'

/** What a play changed in its listener's sessions. */
export interface SessionsChanged extends SessionChange {
  readonly action: 'sessions'
  readonly user_id: string
}

// Both belong to others and are only read: the plays, and the listener's country.
const stores = { history: listeningHistory, affinity: affinityStore }
type Output = 'user-sessions' | 'track-updates' | 'artist-updates'
type Ctx = Context<TopicValues, Output, typeof stores, SessionsChanged>

/** Ids in memory; all are forgotten, with the sessions that use them, when there are more at a commit. */
const MAX_NAMES = 300_000

/**
 * Sessions (semantics.md, section 3) and what they change in the sums of section 4. The changes of a commit are merged by pair
 * and sent in few records, with the plays and names for charts and details.
 */
export const sessions: Processor<TopicValues, Cleansed, Output, typeof stores, SessionsChanged> = {
  name: 'sessions',
  from: [clean],
  to: ['user-sessions', 'track-updates', 'artist-updates'],
  stores,
  create: context => new Sessions(context)
}

class Sessions implements ProcessorInstance<Cleansed> {
  readonly #names = new Names()
  readonly #identifier = new EventIdentifier(this.#names)
  readonly #updates = new Updates(this.#names)
  readonly #open: OpenSessions
  readonly #trackPacker = new TrackPacker(this.#updates)
  readonly #artistPacker = new ArtistPacker(this.#updates)
  readonly #trackPartitions: Partitions
  readonly #artistPartitions: Partitions
  /** Listeners whose latest session is to be published. */
  readonly #changed = new Set<string>()

  constructor(private readonly context: Ctx) {
    this.#open = new OpenSessions(context.stores.history, this.#names, new SessionDeltas(this.#updates))
    this.#trackPartitions = new Partitions(this.#names, track => context.partitionFor('track-updates', track))
    this.#artistPartitions = new Partitions(this.#names, artist => context.partitionFor('artist-updates', artist))
  }

  process(input: Cleansed): void {
    if (input.action === 'duplicate' || input.action === 'reject') return
    if (input.action === 'erase') {
      this.#erase(input.erasure.user_id)
      return
    }
    const { action, event, again } = input
    const isPlay = event.type === 'play'
    const ids = this.#identifier.idsOf(event)
    this.#updates.event(ids, event.occurred_at, isPlay, action === 'count' ? 1 : -1)
    if (again) {
      // What else it says, the artist or the country, may be part of the latest session.
      this.#open.forget(event.user_id)
      this.#changed.add(event.user_id)
    } else if (isPlay) {
      this.#changed.add(event.user_id)
      const change = this.#open.add(event, ids, input.latestBefore, this.context.streamTime)
      this.context.forward({ action: 'sessions', user_id: event.user_id, ...change })
    } else if (event.country !== null && this.#open.listener(event.user_id).country !== event.country) this.#changed.add(event.user_id)
  }

  flush(): void {
    this.#publishSessions()
    this.#sendUpdates()
    this.#updates.clear()
    if (this.#names.size > MAX_NAMES) this.#forgetNames()
  }

  /** The sums that their sessions are part of name nobody, and stay. */
  #erase(user: string): void {
    this.#open.forget(user)
    this.#changed.delete(user)
    this.context.send('user-sessions', user, null)
  }

  #publishSessions(): void {
    const { context } = this
    for (const user of this.#changed) {
      const session = this.#open.latest(user, context.streamTime)
      const country = context.stores.affinity.get(user)?.country ?? null
      this.#open.listener(user).country = country
      if (session !== undefined) context.send('user-sessions', user, userSession(user, session, this.#names, country))
    }
    this.#changed.clear()
  }

  #sendUpdates(): void {
    const { context } = this
    const key = String(context.task.partition)
    this.#trackPacker.pack(
      context.partitions('track-updates'),
      id => this.#trackPartitions.of(id),
      (partition, value) => context.send('track-updates', key, value, partition)
    )
    this.#artistPacker.pack(
      context.partitions('artist-updates'),
      id => this.#artistPartitions.of(id),
      (partition, value) => context.send('artist-updates', key, value, partition)
    )
  }

  #forgetNames(): void {
    this.#names.clear()
    this.#identifier.clear()
    this.#trackPartitions.clear()
    this.#artistPartitions.clear()
    this.#open.forgetAll()
  }
}
