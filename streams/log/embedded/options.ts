import type { AbstractLevel } from 'abstract-level'
import { type Clock, systemClock } from '../../clock.js'

/** Any abstract-level database whose keys and values are buffers. */
export type Database = AbstractLevel<string | Buffer | Uint8Array, Buffer, Buffer>

export interface CleanerOptions {
  /** Clean a compacted partition when bytes appended since the last cleaning exceed this share of all; Kafka's min.cleanable.dirty.ratio. */
  readonly minDirtyRatio: number
  readonly minDirtyBytes: number
  /** The same while the log is being written to at full speed: cleaning then waits for a quieter time, within this bound. */
  readonly busyDirtyRatio: number
  readonly busyDirtyBytes: number
  /** More than this many bytes appended since the last look is full speed. */
  readonly busyBytes: number
  /** Bytes of keys remembered in one pass; a larger dirty part takes several passes. */
  readonly maxKeyBytes: number
  /** How long a tombstone stays after it was first cleaned, so that slow readers see it; Kafka's delete.retention.ms. */
  readonly tombstoneGraceMs: number
}

export interface EmbeddedLogOptions {
  /** What the log is called in errors: its directory. */
  readonly name?: string
  /**
   * False (as in Kafka's brokers): a resolved write has reached the operating system and survives the death of the process,
   * also by kill -9; a power cut or a crash of the machine may lose the last seconds, never part of a transaction.
   * True: each commit is also flushed to the device before it resolves.
   */
  readonly fsync?: boolean
  /** A second database for the index; the journal's own if absent. */
  readonly index?: Database
  /** Bytes of recent batches kept in memory for readers that keep up. */
  readonly cacheBytes?: number
  /** Bytes a consumer reads ahead, per partition. */
  readonly prefetchBytes?: number
  /** A member that takes longer to let go of its tasks is expelled. */
  readonly rebalanceTimeoutMs?: number
  /** Pause between two rounds of housekeeping (checkpoint, retention, cleaning); 0: none but on demand. */
  readonly housekeepingMs?: number
  /** Purge when what nothing refers to exceeds this many bytes, and half of the rest. */
  readonly purgeBytes?: number
  /** Reopen the database after this many bytes were read from it, so that its memory-mapped files are let go; 0: never. */
  readonly recycleBytes?: number
  readonly cleaner?: Partial<CleanerOptions>
  /** For record times that are absent, retention, tombstones and the rebalance timeout. */
  readonly clock?: Clock
  /** Failures of the housekeeping, which is tried again. */
  readonly onError?: (error: Error) => void
}

const MiB = 1 << 20

export type Settings = Required<Omit<EmbeddedLogOptions, 'cleaner' | 'index'>> & { readonly cleaner: CleanerOptions }

export function withDefaults({ cleaner, index: _, ...options }: EmbeddedLogOptions): Settings {
  return {
    name: 'memory',
    fsync: false,
    cacheBytes: 8 * MiB,
    prefetchBytes: MiB / 2,
    rebalanceTimeoutMs: 300_000,
    housekeepingMs: 1000,
    purgeBytes: 64 * MiB,
    recycleBytes: 0,
    clock: systemClock,
    onError: () => {},
    ...options,
    cleaner: {
      minDirtyRatio: 0.5,
      minDirtyBytes: MiB,
      busyDirtyRatio: 0.8,
      busyDirtyBytes: 64 * MiB,
      busyBytes: MiB,
      maxKeyBytes: 16 * MiB,
      tombstoneGraceMs: 86_400_000,
      ...cleaner
    }
  }
}
