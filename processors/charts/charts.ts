import type { TopicValues } from '../../schemas/catalogue.js'
import type { ChartKind } from '../../schemas/events.js'
import type { Context, Processor, ProcessorInstance, TopicRecord } from '../../streams/processor.js'
import { Board, NOWHERE, type Stores, storesOf } from './board.js'

type Source = 'track-updates' | 'artist-updates'
type Input = TopicRecord<TopicValues, Source>
type Ctx = Context<TopicValues, 'charts', Stores, never>

/** Leaderboards of tracks and of artists, of the plays that the listeners' tasks send. */
const charts = (name: string, source: Source, kind: ChartKind): Processor<TopicValues, Input, 'charts', Stores, never> => ({
  name,
  from: [source],
  to: ['charts'],
  stores: storesOf(kind),
  create: context => new Charts(context, kind, kind === 'tracks' ? 'track' : 'artist')
})

export const trackCharts = charts('track-charts', 'track-updates', 'tracks')
export const artistCharts = charts('artist-charts', 'artist-updates', 'artists')

class Charts implements ProcessorInstance<Input> {
  readonly #board: Board

  constructor(
    private readonly context: Ctx,
    kind: ChartKind,
    /** The field of a play that the chart is about. */
    private readonly item: 'track' | 'artist'
  ) {
    this.#board = new Board(context.stores, kind, context.task.partition, (key, chart) => context.send('charts', key, chart))
  }

  process({ value }: Input): void {
    const { dictionary, plays } = value
    const board = this.#board
    const batch = board.open(this.context.streamTime)
    for (const play of plays) {
      if (play.count === 0) continue
      const country = play.country < 0 ? NOWHERE : board.intern(dictionary[play.country]!)
      batch.add(board.intern(dictionary[play[this.item]]!), country, play.minute, play.count)
    }
    board.add(batch)
    this.#correct(value)
  }

  punctuate(streamTime: number): void {
    this.#board.advance(streamTime)
  }

  emit(key: string): void {
    this.#board.emit(key)
  }

  #correct({ dictionary, chart_corrections }: Input['value']): void {
    for (const correction of chart_corrections) {
      const item = dictionary['track' in correction ? correction.track : correction.artist]!
      this.#board.correct(item, correction.country < 0 ? null : dictionary[correction.country]!, correction.count)
    }
  }
}
