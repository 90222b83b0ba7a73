/** Follows the compacted output topics into the view, read-committed, each partition from where the view stands. */
import { setTimeout as sleep } from 'node:timers/promises'
import { catalogue } from '../schemas/catalogue.js'
import type { Codec } from '../schemas/codec.js'
import type { View, ViewEntry, ViewSpace } from '../state/view/view.js'
import { type Log, type LogRecord, OffsetOutOfRangeError, type TopicPartition } from '../streams/log/log.js'

export interface MirrorOptions {
  readonly log: Log
  readonly codec: Codec
  readonly view: View
  readonly partitions: number
  /** Takes sentences for the log. */
  readonly onNotice: (sentence: string) => void
}

export interface Mirror {
  /** Records that are committed and not yet in the view. */
  lag(): Promise<(TopicPartition & { records: number })[]>
  close(): Promise<void>
}

const FETCH_BYTES = 512 * 1024
const RETRY_MS = [100, 500, 2_000, 5_000]
const HEADER_BYTES = 5

const mirrored = Object.values(catalogue)
  .filter(entry => entry.cleanup === 'compact')
  .map(entry => entry.name as ViewSpace)

/** Starts following; returns at once. */
export function startMirror(options: MirrorOptions): Mirror {
  const followers = mirrored.flatMap(topic =>
    Array.from({ length: options.partitions }, (_, partition) => new Follower(options, topic, partition))
  )
  const stop = options.log.onAppend(mirrored, topic => {
    for (const follower of followers) if (follower.topic === topic) follower.wake()
  })
  for (const follower of followers) follower.wake()
  return {
    lag: () => Promise.all(followers.map(follower => follower.lag())),
    close: async () => {
      stop()
      await Promise.all(followers.map(follower => follower.close()))
    }
  }
}

class Follower {
  #running: Promise<void> | undefined
  #again = false
  #closed = false

  constructor(
    private readonly options: MirrorOptions,
    readonly topic: ViewSpace,
    private readonly partition: number
  ) {}

  wake(): void {
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      if (this.#again && !this.#closed) this.wake()
    })
  }

  async lag(): Promise<TopicPartition & { records: number }> {
    const { topic, partition } = this
    const position = (await this.options.view.position(topic, partition)) ?? (await this.options.log.beginningOffset({ topic, partition }))
    return { topic, partition, records: Math.max(0, (await this.options.log.endOffset({ topic, partition })) - position) }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #run(): Promise<void> {
    for (let failures = 0; this.#again && !this.#closed; ) {
      this.#again = false
      try {
        while (!this.#closed && (await this.#step())) failures = 0
      } catch (error) {
        this.#again = true
        const wait = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]!
        this.options.onNotice(
          `The view can't follow ${this.topic}-${this.partition} (${error instanceof Error ? error.message : error}); trying again in ${wait} ms.`
        )
        await sleep(wait)
      }
    }
  }

  /** One batch; false: nothing is left. */
  async #step(): Promise<boolean> {
    const { log, view } = this.options
    const { topic, partition } = this
    const from = (await view.position(topic, partition)) ?? 0
    const end = await log.endOffset({ topic, partition })
    if (from === end) return false
    try {
      if (from > end) throw new OffsetOutOfRangeError(`the view stands at ${from}, the topic ends at ${end}`)
      const { records, nextOffset } = await log.fetch({ topic, partition }, from, FETCH_BYTES)
      const entries = await this.#entriesOf(records)
      await view.apply({ topic, partition, from, to: nextOffset, entries })
      return nextOffset > from
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error
      this.options.onNotice(`The view and ${topic}-${partition} are not of one history (${error.message}): the view is filled anew.`)
      await view.clear()
      return true
    }
  }

  /** The last value of each key. */
  async #entriesOf(records: readonly LogRecord[]): Promise<ViewEntry[]> {
    const last = new Map<string, LogRecord>()
    for (const record of records) last.set(record.key!.toString(), record)
    const entries: ViewEntry[] = []
    for (const [key, { value }] of last) entries.push({ space: this.topic, key, value: value === null ? null : await this.#bare(value) })
    return entries
  }

  /** Values of an older schema are written anew in ours; as a rule the header goes and the rest stays. */
  async #bare(value: Buffer): Promise<Buffer> {
    const { codec } = this.options
    if (codec.isCurrent(this.topic, value)) return value.subarray(HEADER_BYTES)
    await codec.resolve(value.readUInt32BE(1))
    return codec.encodeBare(this.topic, codec.decode(this.topic, value))
  }
}
