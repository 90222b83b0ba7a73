import { qualityKey, type TopicValues } from '../../schemas/catalogue.js'
import type { ListeningEvent, Quality, QualitySpan, StandingList } from '../../schemas/events.js'
import { type Context, keyValueStore, type Processor, type ProcessorInstance, type TopicRecord } from '../../streams/processor.js'
import { type Cleansed, clean } from '../clean/clean.js'
import { jsonSerde } from './json-serde.js'

/** A list that no play has been scored against yet, and when it was written. */
interface Standing {
  readonly list: StandingList
  readonly written: number
}

type Input = Cleansed | TopicRecord<TopicValues, 'standing-recommendations'>

const stores = {
  standing: keyValueStore('standing-lists', jsonSerde<Standing>()),
  quality: keyValueStore('recommendation-quality', jsonSerde<Quality>())
}
type Ctx = Context<TopicValues, 'recommendation-quality', typeof stores, never>

/** A session goes on with a play at most this long after its last one (semantics.md, section 3). */
const SESSION_GAP_MS = 3_600_000
const LIST = 10

/** How long a span is, and how many of them are kept: a slot is used again by the span so many later. */
export const SPANS: readonly { readonly span: QualitySpan; readonly ms: number; readonly slots: number }[] = [
  { span: 'minutes', ms: 300_000, slots: 288 },
  { span: 'hour', ms: 3_600_000, slots: 168 },
  { span: 'all', ms: Number.POSITIVE_INFINITY, slots: 1 }
]

/**
 * Test-then-train quality while it happens (semantics.md, section 6): a play is scored against the lists that were made last
 * after the play before it. Lists are used up by the first play after them; plays that no list stood before are not scored.
 */
export const quality: Processor<TopicValues, Input, 'recommendation-quality', typeof stores, never> = {
  name: 'quality',
  from: [clean, 'standing-recommendations'],
  to: ['recommendation-quality'],
  stores,
  create: context => new QualityProcessor(context)
}

class QualityProcessor implements ProcessorInstance<Input> {
  /** What was scored since the last commit. */
  readonly #scored = new Map<string, Quality>()

  constructor(private readonly context: Ctx) {}

  process(input: Input): void {
    if ('topic' in input) this.#stand(input)
    else if (input.action === 'erase') this.context.stores.standing.delete(input.erasure.user_id)
    else if (input.action === 'count' && input.event.type === 'play' && !input.again) this.#played(input.event)
  }

  flush(): void {
    const { stores, send } = this.context
    for (const [key, { plays, ranks, ...row }] of this.#scored) {
      const before = stores.quality.get(key)
      // An event of an earlier day came late: its slot is another's by now.
      if (before !== undefined && before.start > row.start) continue
      const isSame = before?.start === row.start
      const after = {
        ...row,
        plays: plays + (isSame ? before.plays : 0),
        ranks: ranks.map((count, i) => count + (isSame ? before.ranks[i]! : 0))
      }
      stores.quality.put(key, after)
      send('recommendation-quality', key, after)
    }
    this.#scored.clear()
  }

  #stand({ key, value, timestamp }: TopicRecord<TopicValues, 'standing-recommendations'>): void {
    const known = this.context.stores.standing.get(key)
    // The last one that follows a play stands.
    if (known !== undefined && value.basis_at < known.list.basis_at) return
    this.context.stores.standing.put(key, { list: value, written: timestamp })
  }

  #played({ user_id, track_id, occurred_at, origin }: ListeningEvent): void {
    const { standing } = this.context.stores
    const known = standing.get(user_id)
    if (known === undefined || occurred_at <= known.list.basis_at || origin.record_time < known.written) return
    standing.delete(user_id)
    const { basis_at, session, lists } = known.list
    // The next new track of the session: what was played in it already is never recommended.
    if (occurred_at - basis_at > SESSION_GAP_MS || session.includes(track_id)) return
    for (const { strategy, tracks } of lists) this.#score(strategy, tracks.indexOf(track_id), occurred_at)
  }

  #score(strategy: string, place: number, at: number): void {
    const shard = this.context.task.partition
    for (const { span, ms, slots } of SPANS) {
      const number = Math.floor(at / ms)
      const start = span === 'all' ? 0 : number * ms
      const key = qualityKey(strategy, span, number % slots, shard)
      let row = this.#scored.get(key)
      if (row === undefined || row.start !== start) {
        if (row !== undefined) this.flush()
        row = { strategy, span, start, shard, plays: 0, ranks: new Array<number>(LIST).fill(0) }
        this.#scored.set(key, row)
      }
      row.plays++
      if (place >= 0 && place < LIST) row.ranks[place]!++
    }
  }
}
