import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../connect/clock.js'
import type { EventProducer, NewEvent } from '../../connect/producer.js'
import type { Arrival } from '../../connect/simulator/playback.js'

/** Keeps what is sent. `failAt`: the so-many-th call (from 1) throws, after or before its events were taken. */
export class RecordingProducer implements EventProducer {
  readonly events: NewEvent[] = []
  calls = 0

  constructor(private readonly failure?: { readonly at: number; readonly taken: boolean }) {}

  async send(events: readonly NewEvent[]): Promise<void> {
    this.calls++
    const fails = this.calls === this.failure?.at
    if (!fails || this.failure?.taken) this.events.push(...events)
    if (fails) throw new Error('the power went')
  }
}

/** A clock that moves only when somebody sleeps; stops whoever runs when `until` is reached. */
export class TestClock implements Clock {
  private readonly controller = new AbortController()
  readonly signal = this.controller.signal

  constructor(
    private time: number,
    private readonly until: number
  ) {}

  now(): number {
    return this.time
  }

  async sleep(ms: number): Promise<void> {
    await nextTurn()
    this.time += ms
    if (this.time >= this.until) this.controller.abort()
  }

  jump(ms: number): void {
    this.time += ms
  }
}

/** The canonical type that an event of the simulator becomes; what is `other` there keeps its own name. */
export function typeOf({ topic, event }: NewEvent): string {
  if (topic === 'spotify-skips') return 'skip'
  if (topic === 'spotify-likes') return event.liked ? 'like' : 'unlike'
  const type = topic === 'spotify-plays' ? 'play' : event.event_type
  return type === 'play' && event.ms_played !== null && event.ms_played < 30_000 ? 'skip' : type
}

/** For comparing long lists: a test framework's own comparison takes seconds. */
export const digest = (values: readonly unknown[]): string =>
  `${values.length} values, ${createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16)}`

/** What makes two records the same fact. */
export const factOf = (event: NewEvent): string =>
  [event.event.user_id, event.event.track_id, event.event.occurred_at, typeOf(event)].join(' ')

/** The first record of each fact. */
export function facts(arrivals: readonly Arrival[]): NewEvent[] {
  const byFact = new Map<string, NewEvent>()
  for (const { event } of arrivals) if (!byFact.has(factOf(event))) byFact.set(factOf(event), event)
  return [...byFact.values()]
}
