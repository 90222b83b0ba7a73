import type { TopicValues } from '../../schemas/catalogue.js'
import type { ListeningEvent, NowPlaying } from '../../schemas/events.js'
import { type Context, keyValueStore, type Processor, type ProcessorInstance, type Serde } from '../../streams/processor.js'
import { type Cleansed, clean } from '../clean/clean.js'
import { compareBytes } from '../ranking/order.js'

// Few, and small: readable is worth more.
const serde: Serde<NowPlaying> = {
  encode: value => Buffer.from(JSON.stringify(value)),
  decode: bytes => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as NowPlaying
}

const stores = { players: keyValueStore('now-playing', serde) }
type Ctx = Context<TopicValues, 'now-playing', typeof stores, never>

/**
 * What each listener's player shows (semantics.md): of the latest `other` or `pause`. That a play or a skip has ended it is for who
 * reads it to see: most events are plays, and none of them costs anything here.
 */
export const nowPlaying: Processor<TopicValues, Cleansed, 'now-playing', typeof stores, never> = {
  name: 'now-playing',
  from: [clean],
  to: ['now-playing'],
  stores,
  create: context => new Players(context)
}

class Players implements ProcessorInstance<Cleansed> {
  readonly #changed = new Set<string>()

  constructor(private readonly context: Ctx) {}

  process(input: Cleansed): void {
    if (input.action === 'erase') this.#erase(input.erasure.user_id)
    else if (input.action === 'count' && (input.event.type === 'other' || input.event.type === 'pause')) this.#change(input.event)
  }

  flush(): void {
    for (const user of this.#changed) this.context.send('now-playing', user, this.context.stores.players.get(user)!)
    this.#changed.clear()
  }

  #change(event: ListeningEvent): void {
    const { players } = this.context.stores
    const value = shownBy(event)
    const known = players.get(event.user_id)
    if (known !== undefined && compare(known, value) > 0) return
    players.put(event.user_id, value)
    this.#changed.add(event.user_id)
  }

  #erase(user: string): void {
    this.context.stores.players.delete(user)
    this.#changed.delete(user)
    this.context.send('now-playing', user, null)
  }
}

function shownBy({
  type,
  user_id,
  track_id,
  track_name,
  artist_id,
  artist_name,
  occurred_at,
  duration_ms,
  country
}: ListeningEvent): NowPlaying {
  return { user_id, track_id, track_name, artist_id, artist_name, since: occurred_at, duration_ms, paused: type === 'pause', country }
}

/** The greater one is the later one; of two at the same moment one is chosen, whichever came first. */
const compare = (a: NowPlaying, b: NowPlaying): number =>
  a.since - b.since || compareBytes(a.track_id, b.track_id) || Number(a.paused) - Number(b.paused)
