/**
 * The Store port: the durable local state of one task. Named, ordered keyspaces; reads are synchronous; a write is
 * one atomic batch over all keyspaces and carries, per keyspace, the changelog position it corresponds to.
 * Adapters: lmdb, level, memory. A store is a cache of its changelog: when it can't be trusted it is wiped and restored.
 */
export interface StoreWrite {
  readonly space: string
  /** Null deletes. */
  readonly entries: Iterable<readonly [key: string, value: Uint8Array | null]>
  /** The changelog offset up to which (exclusive) the keyspace is now the fold of its changelog. */
  readonly position: number
}

export interface RangeOptions {
  /** Inclusive. */
  readonly gte?: string
  /** Exclusive. */
  readonly lt?: string
  readonly reverse?: boolean
  readonly limit?: number
}

export type StoreEntry = readonly [key: string, value: Uint8Array]
export type StoreEntries = Iterable<StoreEntry>

export interface TaskStore {
  get(space: string, key: string): Uint8Array | undefined
  /** In the order of the keys' UTF-8 bytes. */
  range(space: string, options: RangeOptions): StoreEntries
  /** Undefined: nothing was ever written. */
  position(space: string): number | undefined
  /** @throws StoreFullError no room on the device: nothing was written. */
  write(batch: readonly StoreWrite[]): Promise<void>
  /**
   * Empties a keyspace and forgets its position. Durable when it resolves, also over a power cut: a position of another
   * history must not come back when the changelog has grown to it.
   */
  clear(space: string): Promise<void>
  /** As of the last write that has resolved. The store closes those that are still open with itself. */
  snapshot(): StoreSnapshot
  /** Bytes on disk. */
  size(): number
  close(): Promise<void>
}

/** What a store held at one moment, whatever is written since. Until it is closed, what it refers to stays on disk. */
export interface StoreSnapshot {
  get(space: string, key: string): Uint8Array | undefined
  /** In the order of the keys' UTF-8 bytes. */
  range(space: string, options: RangeOptions): StoreEntries | AsyncIterable<StoreEntry>
  close(): Promise<void>
}

/** Opens the store of a task, creating it where absent. `directory` is ignored by the memory adapter. */
export type OpenStore = (directory: string) => Promise<TaskStore>

/** Reaction: wipe the directory, restore from the changelog. */
export class StoreCorruptedError extends Error {
  override name = 'StoreCorruptedError'
}
/** Reaction: stop with its message: another process has the state directory. */
export class StoreLockedError extends Error {
  override name = 'StoreLockedError'
}
/** Reaction: back off; the task goes on when there is room. */
export class StoreFullError extends Error {
  override name = 'StoreFullError'
}
