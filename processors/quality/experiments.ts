import { experimentKey, type TopicValues } from '../../schemas/catalogue.js'
import type { ExperimentCounts, Exposure, Feedback } from '../../schemas/events.js'
import { type Context, keyValueStore, type Processor, type ProcessorInstance, type TopicRecord } from '../../streams/processor.js'
import { jsonSerde } from './json-serde.js'

/** A list that a listener was given, and what they said of each track of it: a bit for each action. */
interface Given {
  readonly experiment: string | null
  readonly strategy: string
  readonly tracks: readonly string[]
  readonly said: number[]
}

type Input = TopicRecord<TopicValues, 'recommendation-exposures' | 'recommendation-feedback'>

const stores = {
  given: keyValueStore('given-lists', jsonSerde<Given>()),
  counts: keyValueStore('experiment-counts', jsonSerde<ExperimentCounts>())
}
type Ctx = Context<TopicValues, 'experiment-counts', typeof stores, never>

/** Feedback counts on the last so many lists of a listener. */
export const REMEMBERED = 20
const ACTIONS = ['played', 'skipped', 'liked'] as const
type Action = (typeof ACTIONS)[number]

/** What listeners were given and what they did with it, by experiment and strategy: the same feedback counts once. */
export const experiments: Processor<TopicValues, Input, 'experiment-counts', typeof stores, never> = {
  name: 'experiments',
  from: ['recommendation-exposures', 'recommendation-feedback'],
  to: ['experiment-counts'],
  stores,
  create: context => new Experiments(context)
}

class Experiments implements ProcessorInstance<Input> {
  readonly #changed = new Map<string, ExperimentCounts>()

  constructor(private readonly context: Ctx) {}

  process(input: Input): void {
    if (input.topic === 'recommendation-exposures') this.#given(input.value)
    else if (input.value.action === 'erased') for (const [key] of this.#of(input.value.user_id)) this.context.stores.given.delete(key)
    else this.#said(input.value)
  }

  flush(): void {
    for (const [key, counts] of this.#changed) {
      this.context.stores.counts.put(key, counts)
      this.context.send('experiment-counts', key, counts)
    }
    this.#changed.clear()
  }

  #given({ user_id, recommendation_id, experiment, strategy, tracks }: Exposure): void {
    const { given } = this.context.stores
    const key = givenKey(user_id, recommendation_id)
    if (given.get(key) !== undefined) return
    given.put(key, { experiment, strategy, tracks, said: tracks.map(() => 0) })
    for (const [oldest] of this.#of(user_id).slice(0, -REMEMBERED)) given.delete(oldest)
    const counts = this.#countsOf(experiment, strategy)
    counts.lists++
    counts.tracks += tracks.length
  }

  #said({ user_id, recommendation_id, track_id, action }: Feedback): void {
    const { given } = this.context.stores
    const key = givenKey(user_id, recommendation_id)
    const list = given.get(key)
    const place = list?.tracks.indexOf(track_id) ?? -1
    const bit = ACTIONS.includes(action as Action) ? 1 << ACTIONS.indexOf(action as Action) : 0
    if (list === undefined || place < 0 || bit === 0 || (list.said[place]! & bit) !== 0) return
    given.put(key, { ...list, said: list.said.with(place, list.said[place]! | bit) })
    this.#countsOf(list.experiment, list.strategy)[action as Action]++
  }

  /** The listener's lists, the oldest first: ids begin with their time. */
  #of(user: string): [key: string, list: Given][] {
    return [...this.context.stores.given.range({ gte: givenKey(user, ''), lt: `${user}\u0001` })]
  }

  #countsOf(experiment: string | null, strategy: string): ExperimentCounts {
    const shard = this.context.task.partition
    const key = experimentKey(experiment, strategy, shard)
    const known = this.#changed.get(key)
    if (known !== undefined) return known
    const nothing = { experiment, strategy, shard, lists: 0, tracks: 0, played: 0, skipped: 0, liked: 0 }
    const counts = { ...(this.context.stores.counts.get(key) ?? nothing) }
    this.#changed.set(key, counts)
    return counts
  }
}

/** Ids hold no control characters. */
const givenKey = (user: string, id: string): string => `${user}\u0000${id}`
