import { buildApp } from '../../api/app.js'
import type { Api } from '../../api/context.js'
import type { Diagnosis, Journey } from '../../api/diagnosis.js'
import type { Facts, Told } from '../../api/exposures.js'
import type { Operations } from '../../api/operations.js'
import type { ApiDependencies } from '../../api/options.js'
import type { ProducedEvent } from '../../api/producer.js'
import type { Reconciliation } from '../../api/reconciliation.js'
import { chartKey, qualityKey, statisticsKey } from '../../schemas/catalogue.js'
import type { ChartKind, ChartWindow, ListenerProfile, StatisticsDimension, TrackNeighbours, UserSession } from '../../schemas/events.js'
import type { OnChange, View, ViewSpace, ViewValues } from '../../state/view/view.js'

/** A view of decoded values. */
export class MapView implements View {
  readonly #values = new Map<string, Map<string, unknown>>()
  readonly #callbacks = new Set<OnChange>()
  /** Runs before each read; a test may throw in it, or change something. */
  beforeRead: (space: ViewSpace, keys: readonly string[]) => void = () => {}
  reads = 0

  put<S extends ViewSpace>(space: S, key: string, value: ViewValues[S]): void {
    this.#space(space).set(key, value)
    for (const callback of this.#callbacks) callback(space, [key])
  }

  async get<S extends ViewSpace>(space: S, key: string): Promise<ViewValues[S] | undefined> {
    return (await this.getMany(space, [key]))[0]
  }

  async getMany<S extends ViewSpace>(space: S, keys: readonly string[]): Promise<(ViewValues[S] | undefined)[]> {
    this.reads++
    this.beforeRead(space, keys)
    return keys.map(key => this.#space(space).get(key) as ViewValues[S] | undefined)
  }

  async scan<S extends ViewSpace>(
    space: S,
    options: { prefix?: string; after?: string; limit: number }
  ): Promise<[string, ViewValues[S]][]> {
    this.reads++
    const { prefix = '', after, limit } = options
    return [...this.#space(space)]
      .filter(([key]) => key.startsWith(prefix) && (after === undefined || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0))
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .slice(0, limit) as [string, ViewValues[S]][]
  }

  onChange(callback: OnChange): () => void {
    this.#callbacks.add(callback)
    return () => this.#callbacks.delete(callback)
  }

  get watchers(): number {
    return this.#callbacks.size
  }

  apply(): Promise<boolean> {
    throw new Error('The API never writes to a view.')
  }
  position(): Promise<number | undefined> {
    throw new Error('The API never asks for positions.')
  }
  async clear(): Promise<void> {
    this.#values.clear()
  }
  async close(): Promise<void> {}

  #space(space: ViewSpace): Map<string, unknown> {
    const values = this.#values.get(space) ?? new Map<string, unknown>()
    this.#values.set(space, values)
    return values
  }

  track(track_id: string, artist_id = 'artist', plays = 1, track_name = `Name of ${track_id}`): void {
    this.put('track-details', track_id, { track_id, track_name, artist_id, plays })
  }

  artist(artist_id: string, top: readonly string[] = [], artist_name = `Name of ${artist_id}`): void {
    const top_tracks = top.map((track_id, i) => ({ track_id, plays: top.length - i }))
    this.put('artist-details', artist_id, { artist_id, artist_name, plays: 10, top_tracks })
  }

  /** `neighbours`: [track, together, weight]. */
  list(track_id: string, sessions: number, n: number, neighbours: readonly (readonly [string, number, number])[]): void {
    const list: TrackNeighbours = { track_id, sessions, n, neighbours: [] }
    for (const [track_id, together, weight] of neighbours) list.neighbours.push({ track_id, together, weight })
    this.put('track-neighbours', track_id, list)
  }

  /** `tracks`: [track, artist], the most recently played first. */
  session(user_id: string, last_play_at: number, tracks: readonly (readonly [string, string])[], country: string | null = null): void {
    const played = tracks.map(([track_id, artist_id], i) => ({ track_id, artist_id, last_played_at: last_play_at - i * 1000 }))
    const started_at = last_play_at - 60_000
    const session: UserSession = { user_id, started_at, last_play_at, plays: tracks.length, country, tracks: played }
    this.put('user-sessions', user_id, session)
  }

  affinity(user_id: string, as_of: number, artists: readonly (readonly [string, number])[], country: string | null = null): void {
    const affine = artists.map(([artist_id, affinity]) => ({ artist_id, affinity, a: affinity * 10, plays: 3 }))
    this.put('artist-affinity', user_id, { user_id, as_of, country, artists: affine })
  }

  chart(
    kind: ChartKind,
    window: ChartWindow,
    country: string | null,
    shard: number,
    window_end: number,
    entries: [string, number][],
    before: [string, number][] = []
  ): void {
    const listed = (pairs: [string, number][]) => pairs.map(([id, plays]) => ({ id, plays }))
    const value = { kind, window, country, shard, window_end, entries: listed(entries), before: listed(before) }
    this.put('charts', chartKey(kind, window, country, shard), value)
  }

  profile(user_id: string, plays: Partial<ListenerProfile> = {}): void {
    const none = {
      plays: 0,
      listening_ms: 0,
      first_play_at: null,
      sessions: 0,
      session_ms: 0,
      longest_session_ms: 0,
      tracks: [],
      artists: []
    }
    this.put('listener-profiles', user_id, { user_id, ...none, clock: new Array<number>(168).fill(0), ...plays })
  }

  /** Of the hour of `at`: so many plays, and how many of them were first, second, ... */
  quality(strategy: string, at: number, plays: number, ranks: readonly number[]): void {
    const hour = Math.floor(at / 3_600_000)
    const row = { strategy, span: 'hour' as const, start: hour * 3_600_000, shard: 1, plays }
    const all = Array.from({ length: 10 }, (_, i) => ranks[i] ?? 0)
    this.put('recommendation-quality', qualityKey(strategy, 'hour', hour % 168, 1), { ...row, ranks: all })
  }

  statistics(dimension: StatisticsDimension, value: string, shard: number, plays: number): void {
    const row = { dimension, value, shard, plays, listening_ms: plays * 1000 }
    this.put('play-statistics', statisticsKey(dimension, value, shard), row)
  }
}

export const NOW = Date.UTC(2026, 0, 31, 17, 5)
export const MINUTE = 60_000

/** An application whose two tasks run, with nothing waiting; a test changes what it needs. */
export function operations(changes: Partial<Operations> = {}): Operations {
  return {
    notLive: () => null,
    runsTasks: true,
    topology: async () => ({
      nodes: [
        { id: 'spotify-plays', kind: 'topic', label: 'spotify-plays', unit: null },
        { id: 'clean', kind: 'processor', label: 'clean', unit: 'listeners' }
      ],
      edges: [{ from: 'spotify-plays', to: 'clean', rate: 12.5, lag: 3 }]
    }),
    lag: async () => ({
      tasks: [{ topic: 'spotify-plays', partition: 0, records: 3 }],
      view: [{ topic: 'user-sessions', partition: 0, records: 1 }]
    }),
    taskStates: async () => [
      { unit: 'listeners', partition: 0, state: 'running', detail: null },
      { unit: 'tracks', partition: 0, state: 'running', detail: null }
    ],
    activity: () => null,
    async *dump() {
      yield '{"sessions":'
      yield '2}'
    },
    flushLake: async () => true,
    ...changes
  }
}

const POSITION = { topic: 'dead-letters', partition: 1, offset: 7 }
export const LETTER = {
  ...{ id: 'spotify-plays-0-5', code: 'BAD_TIME', reason: 'occurred_at is too early.', topic: 'spotify-plays' },
  ...{ record_time: NOW, processor: 'clean', at: POSITION }
}

/** A log in which there is one dead letter, and one event that waits. */
export function diagnosis(changes: Partial<Diagnosis> = {}): Diagnosis {
  const event = { event_id: 'e', user_id: 'ann', track_name: 'Track' }
  const raw = { topic: 'spotify-plays', partition: 0, offset: 5, record_time: NOW }
  const journey: Journey = {
    raw: { ...raw, event },
    ...{ verdict: 'waiting', clean: null, letter: null, session: null, pairs: [], neighbours: null, view: [], searched: 12 }
  }
  return {
    letters: {
      list: async () => ({ letters: [LETTER], searched: 1, complete: true }),
      find: async id => (id === LETTER.id ? { ...LETTER, key: 'ann', event: null, bytes: Buffer.from('bytes') } : undefined),
      retry: async ids => ids.filter(id => id === LETTER.id)
    },
    journeys: {
      latest: async () => [{ ...raw, ...event }],
      find: async id => ({ journey: id === 'e' ? journey : undefined, searched: 12, complete: false })
    },
    audit: async () => ({ records: 12, counted: 12, exact: true }),
    chaos: undefined,
    ...changes
  }
}

/** Where exposures and feedback go. */
export function facts() {
  const told: Told[] = []
  const sink: Facts = {
    tell: fact => void told.push(fact),
    write: async facts => void told.push(...facts),
    counts: () => ({ written: told.length, lost: 0, waiting: 0 })
  }
  return { told, sink }
}

/** A cut that is taken, with a difference in the past. */
export function reconciliation(changes: Partial<Reconciliation> = {}): Reconciliation {
  const state = { tasks: [{ unit: 'listeners', partition: 0 }], offsets: [{ topic: 'spotify-plays', partition: 0, offset: 7 }] }
  const verdict = { started_at: new Date(NOW).toISOString(), duration_ms: 900, pause_ms: 40, keys: 12, reason: null, repaired: false }
  return {
    hold: async () => state,
    snapshot: async () => state,
    resume: async () => ({ held: true, pausedMs: 40 }),
    async *rows(table) {
      yield `{"table":"${table}"}\n`
    },
    drop: async () => {},
    flushLake: async () => state.offsets,
    repair: async () => {},
    verdicts: async limit =>
      [
        { id: '2', ...verdict, verdict: 'equal' as const, differences: 0 },
        { id: '1', ...verdict, verdict: 'different' as const, differences: 3 }
      ].slice(0, limit),
    ...changes
  }
}

export interface Fixture {
  readonly app: Api
  readonly view: MapView
  readonly produced: ProducedEvent[]
  readonly clock: { now: number }
}

export async function fixture(dependencies: Partial<ApiDependencies> = {}): Promise<Fixture> {
  const view = new MapView()
  const clock = { now: NOW }
  const produced: ProducedEvent[] = []
  const producer = {
    produce: async (events: readonly ProducedEvent[]) => {
      produced.push(...events)
    }
  }
  const parts = { operations: operations(), diagnosis: diagnosis(), reconciliation: reconciliation() }
  const app = await buildApp({ view, ...parts, producer, now: () => clock.now, ...dependencies })
  return { app, view, produced, clock }
}
