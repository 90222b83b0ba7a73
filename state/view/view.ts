/**
 * The View port: what the API answers from. A key-value mirror of the compacted output topics, filled by `connect/mirror`.
 * A batch carries the offsets it covers; a view refuses what it already has, so it never goes back.
 * Adapters: local (embedded), Redis.
 */
import type {
  ArtistAffinity,
  ArtistDetails,
  ArtistListener,
  Chart,
  ExperimentCounts,
  ListenerProfile,
  NowPlaying,
  PipelineCounts,
  PlayStatistics,
  Quality,
  SharedListener,
  TrackDetails,
  TrackNeighbours,
  UserDay,
  UserSession
} from '../../schemas/events.js'

/** One space per output topic; the key is the record's key. */
export interface ViewValues {
  'track-neighbours': TrackNeighbours
  'user-sessions': UserSession
  'artist-affinity': ArtistAffinity
  'listener-profiles': ListenerProfile
  'artist-listeners': ArtistListener
  'shared-listeners': SharedListener
  'track-details': TrackDetails
  'artist-details': ArtistDetails
  charts: Chart
  'play-statistics': PlayStatistics
  'user-days': UserDay
  'now-playing': NowPlaying
  'pipeline-counts': PipelineCounts
  'recommendation-quality': Quality
  'experiment-counts': ExperimentCounts
}
export type ViewSpace = keyof ViewValues

const spaces: Record<ViewSpace, true> = {
  'track-neighbours': true,
  'user-sessions': true,
  'artist-affinity': true,
  'listener-profiles': true,
  'artist-listeners': true,
  'shared-listeners': true,
  'track-details': true,
  'artist-details': true,
  charts: true,
  'play-statistics': true,
  'user-days': true,
  'now-playing': true,
  'pipeline-counts': true,
  'recommendation-quality': true,
  'experiment-counts': true
}
/** All of them: the topics to mirror. */
export const viewSpaces = Object.keys(spaces) as readonly ViewSpace[]

export interface ViewEntry {
  readonly key: string
  /** The Avro encoding of the value (no wire-format header), or null: gone. */
  readonly value: Buffer | null
}

export interface ViewBatch {
  readonly topic: ViewSpace
  readonly partition: number
  /** Refused unless it equals the view's position of the partition (0 where it has none). */
  readonly from: number
  /** The position afterwards (exclusive). */
  readonly to: number
  readonly entries: readonly ViewEntry[]
}

/** Where the view is can't be reached now. Reaction: answer later, try again. */
export class ViewUnavailableError extends Error {
  override name = 'ViewUnavailableError'
}

/** Told of changes: the keys of a space, or undefined where any of them may have changed. */
export type OnChange = (space: ViewSpace, keys: readonly string[] | undefined) => void

/** Every method may throw ViewUnavailableError. */
export interface View {
  get<S extends ViewSpace>(space: S, key: string): Promise<ViewValues[S] | undefined>
  getMany<S extends ViewSpace>(space: S, keys: readonly string[]): Promise<(ViewValues[S] | undefined)[]>
  /** Keys in the order of their UTF-8 bytes, from `prefix` on, after `after`. For lists and small spaces. */
  scan<S extends ViewSpace>(space: S, options: { prefix?: string; after?: string; limit: number }): Promise<[string, ViewValues[S]][]>
  /** False: refused, the position is another; read it and go on from there. */
  apply(batch: ViewBatch): Promise<boolean>
  /** Undefined: never filled (a new or flushed view): replay the topic from 0. */
  position(topic: ViewSpace, partition: number): Promise<number | undefined>
  /** Runs after entries of a space changed. Returns the way to stop. */
  onChange(callback: OnChange): () => void
  /** Empties the view, or what it has of one topic, and forgets the positions. `onChange` is not told. */
  clear(topic?: ViewSpace): Promise<void>
  close(): Promise<void>
}
