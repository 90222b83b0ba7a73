/** Follows the compacted output topics into the view, read-committed, each partition from where the view stands. */
import { setMaxListeners } from 'node:events'
import type { Codec } from '../schemas/codec.js'
import { type View, type ViewSpace, viewSpaces } from '../state/view/view.js'
import type { Log, LogRecord, TopicPartition } from '../streams/log/log.js'
import { Follower } from './mirror/follower.js'
import { Turns } from './mirror/turns.js'

export type MirroredRecords = (records: readonly LogRecord[], startedAt: number) => void

export interface MirrorOptions {
  readonly log: Pick<Log, 'fetch' | 'endOffset' | 'beginningOffset' | 'onAppend'>
  readonly codec: Pick<Codec, 'isCurrent' | 'resolve' | 'decode' | 'encodeBare'>
  readonly view: View
  readonly partitions: number
  /** Whether this process copies a partition now; asked again and again. Absent: all, always. */
  readonly follows?: (topic: ViewSpace, partition: number) => boolean
  /** For who follows records: they are in the view since now; `startedAt`, milliseconds since the epoch, is when they were read. */
  readonly onMirrored?: MirroredRecords | undefined
  /** Takes sentences for the log. */
  readonly onNotice: (sentence: string) => void
  /** The view is asked again where it stands after so long, in case it lost what it had. Default 5000 ms. */
  readonly checkMs?: number
  /** Waits between attempts; the last one counts for all further. */
  readonly retryMs?: readonly number[]
}

export interface Mirror {
  /** Records that are committed and not yet in the view. */
  lag(): Promise<(TopicPartition & { records: number })[]>
  /** Of each topic that is copied here: milliseconds since the view was last known to have all of it. */
  ages(): Map<ViewSpace, number>
  /** Whether nothing is committed that the view does not have. */
  caughtUp(): Promise<boolean>
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>
}

const CHECK_MS = 5_000
const RETRY_MS = [100, 500, 2_000, 5_000]

/** Starts following; returns at once. What fails is tried again for ever, and told. */
export function startMirror(options: MirrorOptions): Mirror {
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const check = (topic?: string) => {
    for (const follower of followers) if (topic === undefined || follower.topic === topic) follower.check()
  }
  const parts = { ...options, retryMs: options.retryMs ?? RETRY_MS, turns: new Turns(), signal: stop.signal, cleared: check }
  const followers: readonly Follower[] = viewSpaces.flatMap(topic =>
    Array.from({ length: options.partitions }, (_, partition) => new Follower(parts, topic, partition))
  )
  const unsubscribe = options.log.onAppend(viewSpaces, (topic, partition) => {
    for (const follower of followers) if (follower.copies(topic, partition)) follower.wake()
  })
  const timer = setInterval(() => check(), options.checkMs ?? CHECK_MS).unref()
  for (const follower of followers) follower.wake()
  const lag = () => Promise.all(followers.map(follower => follower.lag()))
  return {
    lag,
    ages: () => {
      const ages = new Map<ViewSpace, number>()
      for (const { topic, age } of followers) if (age !== undefined) ages.set(topic, Math.max(age, ages.get(topic) ?? 0))
      return ages
    },
    caughtUp: async () => (await lag()).every(({ records }) => records === 0),
    close: async () => {
      unsubscribe()
      clearInterval(timer)
      stop.abort()
      await Promise.all(followers.map(follower => follower.ended()))
    }
  }
}
