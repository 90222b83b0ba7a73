import type { TopicValues } from '../../schemas/catalogue.js'
import { countryCodes } from '../../schemas/mappings.js'
import type { Context, Processor, ProcessorInstance } from '../../streams/processor.js'
import { type Cleansed, clean } from '../clean/clean.js'
import { playSign } from '../statistics/listening.js'
import { Board, NOWHERE, type Stores, storesOf } from './board.js'
import { MINUTE_MS } from './windows.js'

type Ctx = Context<TopicValues, 'charts', Stores, never>

/** Leaderboards of the listeners of a partition, by plays. */
export const listenerCharts: Processor<TopicValues, Cleansed, 'charts', Stores, never> = {
  name: 'listener-charts',
  from: [clean],
  to: ['charts'],
  stores: storesOf('listeners'),
  create: context => new ListenerCharts(context)
}

class ListenerCharts implements ProcessorInstance<Cleansed> {
  readonly #board: Board
  /** Plays since the last commit: item, country, minute, sign, one after the other. */
  #plays: number[] = []

  constructor(private readonly context: Ctx) {
    this.#board = new Board(context.stores, 'listeners', context.task.partition, (key, chart) => context.send('charts', key, chart))
  }

  process(input: Cleansed): void {
    if (input.action === 'erase') {
      this.flush()
      this.#board.forget(input.erasure.user_id, countryCodes)
      return
    }
    const sign = playSign(input)
    if (sign === 0 || !('event' in input)) return
    const { user_id, country, occurred_at } = input.event
    const place = country === null ? NOWHERE : this.#board.intern(country)
    this.#plays.push(this.#board.intern(user_id), place, Math.floor(occurred_at / MINUTE_MS), sign)
  }

  flush(): void {
    const plays = this.#plays
    if (plays.length === 0) return
    this.#plays = []
    const batch = this.#board.open(this.context.streamTime)
    for (let at = 0; at < plays.length; at += 4) batch.add(plays[at]!, plays[at + 1]!, plays[at + 2]!, plays[at + 3]!)
    this.#board.add(batch)
  }

  punctuate(streamTime: number): void {
    this.#board.advance(streamTime)
  }

  emit(key: string): void {
    this.#board.emit(key)
  }
}
