/** What `segue reconcile` asks of each running instance. Given to the API by whoever composes the program. */
export interface Reconciliation {
  /**
   * The instance's tasks take no more input, and rest. After `limitMs`, or at `resume`, they go on.
   * @throws ReconciliationRefused another one is at work, or the tasks did not come to rest
   */
  hold(limitMs: number): Promise<CutState>
  /** Waits until what the held tasks sent is computed, and keeps the stores as they are then. @throws ReconciliationRefused */
  snapshot(): Promise<CutState>
  /** The stream goes on; what was kept stays, for a while. */
  resume(): Promise<Resumed>
  /** What the kept stores hold: JSON lines. @throws ReconciliationRefused nothing is kept */
  rows(table: StreamTable): AsyncIterable<string>
  /** Lets go of everything; the stream goes on. */
  drop(): Promise<void>
  /** Offsets below which each partition of the input is in the lake, after what is in the log now was written. Null: there is no lake. */
  flushLake(): Promise<readonly PartitionOffset[] | null>
  /** Adds the differences to the stores, through the log, in one transaction; resolves when they are applied. @throws BadDifferenceError */
  repair(differences: readonly Difference[]): Promise<void>
  /** The last verdicts, the latest first. */
  verdicts(limit: number): Promise<readonly Verdict[]>
}

/** The call does not fit; its message says why. Nothing has changed. */
export class ReconciliationRefused extends Error {
  override name = 'ReconciliationRefused'
}

/** A difference that no store can hold; its message says why. Nothing has changed. */
export class BadDifferenceError extends Error {
  override name = 'BadDifferenceError'
}

export const streamTables = ['counts', 'cooccurrence', 'plays', 'affinity', 'charts'] as const
export type StreamTable = (typeof streamTables)[number]

/** Exclusive: the next offset to read. */
export interface PartitionOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface CutState {
  /** The tasks that the instance has. */
  readonly tasks: readonly { readonly unit: string; readonly partition: number }[]
  /** What the first of them have read of the topics that others write. */
  readonly offsets: readonly PartitionOffset[]
}

export interface Resumed {
  /** Whether it was still held until now. */
  readonly held: boolean
  /** How long, milliseconds. */
  readonly pausedMs: number
}

export const sections = ['counts', 'tracks', 'pairs', 'affinity', 'charts'] as const
export type Section = (typeof sections)[number]
/** How many keys a difference of a section has. */
export const keysOf: Readonly<Record<Section, number>> = { counts: 2, tracks: 1, pairs: 2, affinity: 2, charts: 3 }

export type Values = Readonly<Record<string, number>>

/** A key of which stream and batch say different things, and all that both say of it; absent is what one has nothing of. */
export interface Difference {
  readonly section: Section
  /** In the order of the section's key; an empty country stands for all. */
  readonly keys: readonly string[]
  readonly stream: Values
  readonly batch: Values
}

export interface Verdict {
  readonly id: string
  readonly started_at: string
  readonly duration_ms: number
  readonly verdict: 'equal' | 'different' | 'failed'
  /** Why it could not be done; else null. */
  readonly reason: string | null
  /** How long the stream was paused, milliseconds. */
  readonly pause_ms: number | null
  readonly keys: number
  readonly differences: number
  readonly repaired: boolean
}
