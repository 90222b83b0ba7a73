/** Test-then-train quality of the strategies through the real processors, without a log. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { recommend } from '../api/recommend/rank.js'
import { Scorer } from '../api/recommend/scorer.js'
import { type Listener, type Strategy, situationOf } from '../api/recommend/situation.js'
import type { ArtistAffinity, Play, TrackNeighbours, TrackUpdates, UserSession } from '../schemas/events.js'
import { parseTime } from '../schemas/json.js'
import { openMemoryStore } from '../state/memory-store.js'
import { MergeCache } from '../streams/stores/merge-store.js'
import type { TopicCodec } from '../streams/task.js'
import { TopologyTestDriver } from '../streams/test-driver.js'
import { evaluationTopology } from './topology.js'

export interface Quality {
  readonly strategy: Strategy
  readonly targets: number
  /** Share of the targets that were among the ten. */
  readonly hitRate: number
  readonly ndcg: number
  readonly mrr: number
}

export interface EvaluateOptions {
  readonly events: string
  readonly targets: string
  readonly strategies: readonly Strategy[]
  readonly onProgress?: (events: number) => void
  /** Each target's ten (or fewer) tracks, by the strategy. */
  readonly onTarget?: (id: number, strategy: Strategy, tracks: readonly string[]) => void
}

export class EvaluateError extends Error {
  override name = 'EvaluateError'
}

const LIST = 10
const COMMIT_EVERY = 2_000
const CACHE_BYTES = 2 ** 30
/** Written, of no use here. */
const unread = ['listening-events', 'pipeline-counts', 'dead-letters', 'artist-affinity', 'artist-listeners', 'track-neighbours']

/**
 * Predicts each target before its event is processed. EVENTS: JSON lines {user_id, track_id, artist_id, played_at};
 * TARGETS: JSON lines {id}, 0-based. A listener without a current session has no candidates: a miss.
 * @throws EvaluateError a line that can't be used
 */
export async function evaluate(options: EvaluateOptions): Promise<Quality[]> {
  const targets = await readTargets(options.targets)
  const evaluation = await Evaluation.open()
  const sums = options.strategies.map(strategy => ({ strategy, hits: 0, ndcg: 0, mrr: 0 }))
  let id = 0
  for await (const line of linesOf(options.events)) {
    const play = playOf(line, id)
    if (targets.has(id)) {
      for (const sum of sums) {
        const tracks = evaluation.recommend(play, sum.strategy)
        options.onTarget?.(id, sum.strategy, tracks)
        const rank = tracks.indexOf(play.track_id) + 1
        if (rank === 0) continue
        sum.hits++
        sum.ndcg += 1 / Math.log2(rank + 1)
        sum.mrr += 1 / rank
      }
    }
    evaluation.learn(play)
    id++
    if (id % COMMIT_EVERY !== 0) continue
    await evaluation.commit()
    options.onProgress?.(id)
  }
  for (const target of targets)
    if (target >= id) throw new EvaluateError(`${options.targets} names the event ${target}; ${options.events} has ${id} events.`)
  const count = targets.size
  return sums.map(({ strategy, hits, ndcg, mrr }) => ({
    strategy,
    targets: count,
    hitRate: hits / count,
    ndcg: ndcg / count,
    mrr: mrr / count
  }))
}

/** Values travel as they are: the bytes only carry them. */
class Handles implements TopicCodec {
  /** Lists of tracks that have not changed since they were made. */
  readonly neighbours = new Map<string, TrackNeighbours | undefined>()

  encode(topic: string, value: unknown): Buffer {
    if (topic === 'track-updates') this.#forget(value as TrackUpdates)
    return Object.assign(Buffer.alloc(0), { value })
  }

  decode(_topic: string, bytes: Uint8Array): unknown {
    return (bytes as Uint8Array & { value: unknown }).value
  }

  #forget({ dictionary, track }: TrackUpdates): void {
    for (const index of track) this.neighbours.delete(dictionary[index]!)
  }
}

class Evaluation {
  readonly #sessions = new Map<string, UserSession>()
  readonly #artists = new Map<string, string>()
  readonly #scorer = new Scorer()
  #isFlushed = true

  private constructor(
    private readonly driver: TopologyTestDriver,
    private readonly codec: Handles
  ) {}

  static async open(): Promise<Evaluation> {
    const codec = new Handles()
    const options = {
      applicationId: 'evaluate',
      topology: evaluationTopology(),
      codec,
      mergeStores: { operandBytes: 8 << 20, cache: new MergeCache(CACHE_BYTES) }
    }
    return new Evaluation(await TopologyTestDriver.create(options, openMemoryStore), codec)
  }

  learn(play: Play): void {
    this.#artists.set(play.track_id, play.artist_id!)
    this.driver.pipe('spotify-plays', play.user_id, play, play.occurred_at)
    this.#isFlushed = false
  }

  /** Tasks hold what is not committed in memory. */
  async commit(): Promise<void> {
    await this.driver.commit(false)
    this.#readOutputs()
  }

  recommend(play: Play, strategy: Strategy): string[] {
    this.#flush()
    const listener: Listener = {
      session: this.#sessions.get(play.user_id),
      affinity: this.#ask<ArtistAffinity>('affinity', play.user_id, 'artist-affinity')
    }
    const situation = situationOf(strategy, play.occurred_at, listener)
    const lists = situation.context.map(track => this.#neighbours(track))
    return recommend(this.#scorer, situation, lists, track => this.#artists.get(track), LIST).map(({ track_id }) => track_id)
  }

  /** Many events between two targets are sent on as one. */
  #flush(): void {
    if (this.#isFlushed) return
    this.driver.flush()
    this.#readOutputs()
    this.#isFlushed = true
  }

  #readOutputs(): void {
    for (const { key, value } of this.driver.take<UserSession>('user-sessions')) if (value !== null) this.#sessions.set(key, value)
    for (const topic of unread) this.driver.take(topic)
  }

  #neighbours(track: string): TrackNeighbours | undefined {
    const { neighbours } = this.codec
    if (!neighbours.has(track)) neighbours.set(track, this.#ask('co-occurrence', track, 'track-neighbours'))
    return neighbours.get(track)
  }

  #ask<V>(processor: string, key: string, topic: string): V | undefined {
    for (const task of this.driver.tasks) task.emit(processor, key)
    this.driver.flush()
    return this.driver.take<V>(topic).at(-1)?.value ?? undefined
  }
}

function playOf(line: Line, id: number): Play {
  const { where } = line
  const event = objectOf(line)
  const text = (field: string): string => {
    const value = event[field]
    if (typeof value === 'string' && value !== '') return value
    throw new EvaluateError(`${where} has no ${field}: each event needs user_id, track_id, artist_id and played_at.`)
  }
  const occurred_at = parseTime(text('played_at'))
  if (occurred_at === undefined) throw new EvaluateError(`${where}: played_at is "${event.played_at}", not an ISO time.`)
  const artist_id = text('artist_id')
  const track_id = text('track_id')
  const nothing = { album_name: null, duration_ms: null, ms_played: null, device_type: null, country: null }
  return {
    event_id: String(id),
    user_id: text('user_id'),
    track_id,
    track_name: track_id,
    artist_id,
    artist_name: artist_id,
    occurred_at,
    source: 'evaluate',
    ...nothing
  }
}

async function readTargets(file: string): Promise<Set<number>> {
  const targets = new Set<number>()
  for await (const line of linesOf(file)) {
    const { id } = objectOf(line)
    if (!Number.isInteger(id) || (id as number) < 0) throw new EvaluateError(`${line.where} has no id: the 0-based index of an event.`)
    targets.add(id as number)
  }
  if (targets.size === 0) throw new EvaluateError(`${file} has no targets.`)
  return targets
}

interface Line {
  /** The file and the line's number, for a person. */
  readonly where: string
  readonly text: string
}

function objectOf({ where, text }: Line): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new EvaluateError(`${where} is not JSON.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new EvaluateError(`${where} is not a JSON object.`)
  return value as Record<string, unknown>
}

/** The lines that are not blank, without what surrounds them, such as a byte order mark. */
async function* linesOf(file: string): AsyncIterable<Line> {
  let number = 0
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    const text = line.trim()
    if (text !== '') yield { where: `${file} line ${number}`, text }
  }
}
