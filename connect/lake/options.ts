import type { Codec } from '../../schemas/codec.js'
import type { Registry } from '../../schemas/registry.js'
import type { Log } from '../../streams/log/log.js'
import type { Objects } from '../objects/objects.js'

/** When a file is complete: whichever comes first. The hour's end is the fourth. */
export interface Rotation {
  readonly rows: number
  /** Of the records' values. */
  readonly bytes: number
  /** Since the first record that is not in the lake was seen, milliseconds. */
  readonly ageMs: number
}

export interface LakeOptions {
  /** The consumer group, and the first part of transactional ids: whose committed offsets say how far the lake reaches. */
  readonly group: string
  readonly log: Log
  readonly codec: Pick<Codec, 'encode' | 'decode'>
  readonly registry: Registry
  readonly objects: Objects
  readonly rotation: Rotation
  /** Takes sentences for the log. */
  readonly onNotice: (sentence: string) => void
  /** Waits between attempts; the last one counts for all further. */
  readonly retryMs?: readonly number[]
  /** Files of an hour are merged when it has been over for so long; default 15 minutes. */
  readonly settleMs?: number
  /** Merged files' parts are deleted after so long; default an hour. */
  readonly graceMs?: number
  readonly now?: () => number
}

export const RETRY_MS = [200, 1_000, 5_000, 15_000] as const
export const SETTLE_MS = 15 * 60_000
export const GRACE_MS = 3_600_000
