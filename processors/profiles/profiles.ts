import type { TopicValues } from '../../schemas/catalogue.js'
import type { ListeningEvent } from '../../schemas/events.js'
import type { Context, Processor, ProcessorInstance } from '../../streams/processor.js'
import { type Cleansed, clean } from '../clean/clean.js'
import { listenerRange, listeningHistory, parseHistoryKey } from '../clean/history.js'
import { NameOrder } from '../ranking/order.js'
import { type SessionsChanged, sessions } from '../sessions/sessions.js'
import { listeningMs, playSign } from '../statistics/listening.js'
import { ARTIST, profileStore, type SessionChange, TRACK } from './fold.js'
import { mostPlayed } from './top.js'

// The history belongs to `clean` and is only read.
const stores = { profiles: profileStore, history: listeningHistory }
type Input = Cleansed | SessionsChanged
type Ctx = Context<TopicValues, 'listener-profiles', typeof stores, never>

/** Tracks, and artists, that are published of a listener. */
const LISTED = 50
const UNCHANGED: SessionChange = { change: 0, ms: 0, longest: 0 }

/** What each listener has played most, since when, at which hours, and in which sessions (semantics.md). */
export const profiles: Processor<TopicValues, Input, 'listener-profiles', typeof stores, never> = {
  name: 'listener-profiles',
  from: [clean, sessions],
  to: ['listener-profiles'],
  stores,
  create: context => new Profiles(context)
}

class Profiles implements ProcessorInstance<Input> {
  readonly #order: NameOrder
  /** What the play that comes next has changed: `sessions` is told of it before. */
  #sessions: SessionChange = UNCHANGED

  constructor(private readonly context: Ctx) {
    this.#order = new NameOrder(context.stores.profiles.dictionary)
  }

  process(input: Input): void {
    const { profiles: store } = this.context.stores
    if (input.action === 'erase') store.merge(input.erasure.user_id, { kind: 'erase' })
    else if (input.action === 'sessions') this.#sessions = input
    else {
      const sign = playSign(input)
      if (sign !== 0 && 'event' in input) this.#play(input.event, sign)
    }
  }

  emit(user: string): void {
    const profile = this.context.stores.profiles.get(user)?.profile
    if (profile === undefined) return
    if (profile.plays <= 0) {
      this.context.send('listener-profiles', user, null)
      return
    }
    const tracks = mostPlayed(profile, TRACK, LISTED, this.#order)
    const artists = mostPlayed(profile, ARTIST, LISTED, this.#order)
    this.context.send('listener-profiles', user, {
      user_id: user,
      plays: profile.plays,
      listening_ms: profile.ms,
      first_play_at: profile.firstPlay(),
      clock: profile.clock(),
      sessions: profile.sessions,
      session_ms: profile.sessionMs,
      longest_session_ms: profile.longestMs,
      tracks: tracks.map(({ id, plays, first }) => ({ track_id: this.#order.name(id), plays, first_played_at: first })),
      artists: artists.map(({ id, plays, first }) => ({ artist_id: this.#order.name(id), plays, first_played_at: first }))
    })
  }

  #play(event: ListeningEvent, sign: 1 | -1): void {
    const { user_id, occurred_at } = event
    const { profiles: store } = this.context.stores
    const artist = store.dictionary.intern(event.artist_id)
    const track = store.dictionary.intern(event.track_id)
    store.merge(user_id, { kind: 'play', track, artist, at: occurred_at, ms: listeningMs(event), sign, sessions: this.#sessions })
    this.#sessions = UNCHANGED
    if (sign < 0 && store.get(user_id)?.profile.firstOf(ARTIST, artist) === occurred_at) this.#restate(user_id, event.artist_id, artist)
  }

  /** A correction may take the first play of an artist away, of a track never: it names the same one. */
  #restate(user: string, name: string, id: number): void {
    for (const [key, { details }] of this.context.stores.history.range(listenerRange(user))) {
      const { isPlay, occurredAt } = parseHistoryKey(key)
      if (!isPlay || details.artist_id !== name) continue
      this.context.stores.profiles.merge(user, { kind: 'restate', row: ARTIST, id, first: occurredAt })
      return
    }
  }
}
