import { setTimeout as sleep } from 'node:timers/promises'
import { UndecodableError } from '../../schemas/codec.js'
import type { ViewEntry, ViewSpace } from '../../state/view/view.js'
import { type LogRecord, OffsetOutOfRangeError, type TopicPartition } from '../../streams/log/log.js'
import type { MirrorOptions } from '../mirror.js'
import type { Turns } from './turns.js'

const FETCH_BYTES = 256 * 1024
const HEADER_BYTES = 5

interface Parts extends MirrorOptions {
  readonly retryMs: readonly number[]
  readonly turns: Turns
  readonly signal: AbortSignal
  /** The view has nothing of the topic any more. */
  readonly cleared: (topic: ViewSpace) => void
}

/** Copies one partition of a topic into the view. */
export class Follower {
  readonly #partition: TopicPartition & { readonly topic: ViewSpace }
  #running: Promise<void> | undefined
  #again = false
  /** Where the view stands, as far as is known; it is asked where that is not known. */
  #position: number | undefined
  #failures = 0
  /** When the view had all that was committed, or when this began; undefined: it is not copied here. */
  #caughtUpAt: number | undefined

  constructor(
    private readonly parts: Parts,
    readonly topic: ViewSpace,
    partition: number
  ) {
    this.#partition = { topic, partition }
  }

  /** Whether it copies this partition, or some of the topic's. */
  copies(topic: string, partition?: number): boolean {
    return topic === this.topic && (partition === undefined || partition === this.#partition.partition)
  }

  /** There may be something to copy. */
  wake(): void {
    if (this.parts.follows?.(this.topic, this.#partition.partition) === false) {
      this.#caughtUpAt = undefined
      return
    }
    this.#caughtUpAt ??= Date.now()
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      if (this.#again && !this.parts.signal.aborted) this.wake()
    })
  }

  /** Milliseconds since the view was last known to have all that was committed; undefined: it is not copied here. */
  get age(): number | undefined {
    return this.#caughtUpAt === undefined ? undefined : Date.now() - this.#caughtUpAt
  }

  /** The view may have lost what it had: asks it where it stands. */
  check(): void {
    this.#position = undefined
    this.wake()
  }

  async lag(): Promise<TopicPartition & { records: number }> {
    const { log, view } = this.parts
    const { topic, partition } = this.#partition
    const [position, begin, end] = await Promise.all([
      view.position(topic, partition),
      log.beginningOffset(this.#partition),
      log.endOffset(this.#partition)
    ])
    return { topic, partition, records: end - (position === undefined || position > end ? begin : position) }
  }

  async ended(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal, turns, retryMs } = this.parts
    while (this.#again && !signal.aborted) {
      this.#again = false
      try {
        do await turns.next()
        while (!signal.aborted && (await this.#step()))
        if (this.#failures > 0) this.#notice('is followed again')
        this.#failures = 0
      } catch (error) {
        if (signal.aborted) return
        this.#again = true
        this.#position = undefined
        const wait = retryMs[Math.min(this.#failures++, retryMs.length - 1)]!
        if (this.#failures <= retryMs.length) this.#notice(`can't be followed (${reason(error)}); the next attempt is in ${wait} ms`)
        await sleep(wait, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  /** Applies one batch. False: nothing is left. */
  async #step(): Promise<boolean> {
    const { log, view } = this.parts
    const { topic, partition } = this.#partition
    const known = this.#position ?? (await view.position(topic, partition))
    if (known === undefined && (await log.endOffset(this.#partition)) === 0) {
      this.#caughtUpAt = Date.now()
      return false
    }
    try {
      const startedAt = Date.now()
      const from = known ?? (await log.beginningOffset(this.#partition))
      const { records, nextOffset, more = true } = await log.fetch(this.#partition, from, FETCH_BYTES)
      if (nextOffset === from) {
        this.#position = known
        this.#caughtUpAt = Date.now()
        return false
      }
      const entries = await this.#entriesOf(records)
      if (this.parts.signal.aborted) return false
      const applied = await view.apply({ topic, partition, from: known ?? 0, to: nextOffset, entries })
      this.#position = applied ? nextOffset : undefined
      if (applied) this.parts.onMirrored?.(records, startedAt)
      if (!applied || more) return true
      this.#caughtUpAt = Date.now()
      return false
    } catch (error) {
      if (known === undefined || !(error instanceof OffsetOutOfRangeError)) throw error
      return this.#restart(reason(error))
    }
  }

  /** The topic is not the one that the view was filled from, or it lost records: from the beginning. */
  async #restart(why: string): Promise<boolean> {
    this.#notice(`is copied anew: ${why}`)
    await this.parts.view.clear(this.topic)
    this.parts.cleared(this.topic)
    return true
  }

  /** The last value of each key. */
  async #entriesOf(records: readonly LogRecord[]): Promise<ViewEntry[]> {
    const last = new Map<string, LogRecord>()
    for (const record of records) {
      if (record.key === null) this.#notice(`has a record without a key at offset ${record.offset}, which is left out`)
      else last.set(record.key.toString(), record)
    }
    const entries: ViewEntry[] = []
    for (const [key, record] of last) {
      const value = record.value === null ? null : await this.#bare(record, record.value)
      if (value !== undefined) entries.push({ key, value })
    }
    return entries
  }

  /** As a rule the header goes and the rest stays; what another schema wrote is written anew in ours. */
  #bare(record: LogRecord, value: Buffer): Buffer | Promise<Buffer | undefined> {
    const isOurs = value.length >= HEADER_BYTES && this.parts.codec.isCurrent(this.topic, value)
    return isOurs ? value.subarray(HEADER_BYTES) : this.#converted(record, value)
  }

  async #converted({ offset }: LogRecord, value: Buffer): Promise<Buffer | undefined> {
    const { codec } = this.parts
    try {
      if (value.length >= HEADER_BYTES && value[0] === 0) await codec.resolve(value.readUInt32BE(1))
      return codec.encodeBare(this.topic, codec.decode(this.topic, value))
    } catch (error) {
      if (!(error instanceof UndecodableError)) throw error
      this.#notice(`has a value at offset ${offset} that can't be read, and the view keeps what it had under that key: ${error.message}`)
      return undefined
    }
  }

  #notice(what: string): void {
    this.parts.onNotice(`${this.#partition.topic}-${this.#partition.partition} ${what}.`.replace('..', '.'))
  }
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
