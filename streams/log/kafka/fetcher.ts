/** Reads a member's partitions ahead of need, within a bound, so that `poll` never waits. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from 'kafkajs/src/cluster/index.js'
import type { LogRecord, TopicPartition } from '../log.js'
import { type LogError, NotAssignedError, OffsetOutOfRangeError, RetriableLogError } from '../log.js'
import { type Batch, committedBatches, type RecordCursor } from './batch-reader.js'
import { nameOf } from './by-topic.js'
import type { Connection } from './connection.js'
import { toLogError } from './errors.js'
import { type FetchedPartition, fetchFrom } from './fetch.js'

/** A partition that wants records again waits no longer than this behind a fetch for others. */
const MAX_WAIT_MS = 100
const REPLY_BYTES = 16 * 1024 * 1024
const BACK_OFF_MS = 100

class Slot {
  /** The next offset to hand out; undefined before the first seek. */
  position: number | undefined
  /** The next offset to fetch. */
  ahead = 0
  batches: Batch[] = []
  cursor: RecordCursor | undefined
  bytes = 0
  /** Whether `poll` may hand out records. */
  active = false
  starved = false
  failure: LogError | undefined
  /** Counts seeks, so that a reply to what was asked before is dropped. */
  generation = 0

  constructor(readonly at: TopicPartition) {}
}

export class Fetcher {
  readonly #slots = new Map<string, Slot>()
  readonly #fetching = new Set<Broker>()
  readonly #callbacks: (() => void)[] = []
  #wake: (() => void) | undefined
  #announced = false
  #closed = false
  readonly #running: Promise<void>

  constructor(private readonly connection: Connection) {
    this.#running = this.#run()
  }

  add(partition: TopicPartition): void {
    this.#slots.set(nameOf(partition), new Slot(partition))
  }

  activate(partition: TopicPartition): void {
    const slot = this.#slots.get(nameOf(partition))
    if (slot === undefined) return
    slot.active = true
    slot.starved = true
    this.#announce(slot)
  }

  remove(partition: TopicPartition): void {
    const slot = this.#slots.get(nameOf(partition))
    if (slot !== undefined) slot.generation++
    this.#slots.delete(nameOf(partition))
  }

  onData(callback: () => void): void {
    this.#callbacks.push(callback)
    for (const slot of this.#slots.values()) this.#announce(slot)
  }

  /** @throws NotAssignedError */
  seek(partition: TopicPartition, offset: number): void {
    const slot = this.#slots.get(nameOf(partition))
    if (slot === undefined)
      throw new NotAssignedError(`Partition ${partition.partition} of topic '${partition.topic}' is not assigned to this member.`)
    Object.assign(slot, { position: offset, ahead: offset, batches: [], cursor: undefined, bytes: 0, failure: undefined, starved: true })
    slot.generation++
    this.#wake?.()
  }

  position(partition: TopicPartition): number {
    const position = this.#slots.get(nameOf(partition))?.position
    if (position !== undefined) return position
    throw new NotAssignedError(
      `Partition ${partition.partition} of topic '${partition.topic}' has no position: it is not assigned, or seek was not called.`
    )
  }

  /** @throws LogError why reading can't go on, until the next seek. */
  poll(partition: TopicPartition, max: number): LogRecord[] {
    const slot = this.#slots.get(nameOf(partition))
    if (slot === undefined || !slot.active || slot.position === undefined) return []
    const records: LogRecord[] = []
    while (records.length < max) {
      const record = next(slot)
      if (record === undefined) break
      records.push(record)
    }
    if (records.length === 0 && slot.failure !== undefined) throw slot.failure
    slot.starved = records.length === 0
    this.#wake?.()
    return records
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#slots.clear()
    this.#wake?.()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const woken = new Promise<void>(resolve => {
        this.#wake = resolve
      })
      await this.#fetch()
      await woken
      // What is polled and drained in one turn goes in one fetch.
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /** Starts a fetch from each broker that has something to fetch and no fetch under way. */
  async #fetch(): Promise<void> {
    const { prefetchBytes } = this.connection.settings
    const hungry = [...this.#slots.values()].filter(
      slot => slot.position !== undefined && slot.failure === undefined && slot.bytes < prefetchBytes
    )
    if (hungry.length === 0) return
    try {
      const slots = new Map(hungry.map(slot => [nameOf(slot.at), slot]))
      for (const [broker, own] of await this.connection.byLeader(hungry.map(({ at }) => at))) {
        if (this.#fetching.has(broker)) continue
        this.#fetching.add(broker)
        void this.#fetchFrom(
          broker,
          own.map(at => slots.get(nameOf(at))!)
        ).finally(() => {
          this.#fetching.delete(broker)
          this.#wake?.()
        })
      }
    } catch (error) {
      await this.#failed(hungry, error)
      this.#wake?.()
    }
  }

  async #fetchFrom(broker: Broker, slots: readonly Slot[]): Promise<void> {
    const generations = slots.map(({ generation }) => generation)
    const maxBytes = this.connection.settings.prefetchBytes
    try {
      const from = slots.map(({ at, ahead }) => ({ ...at, offset: ahead, maxBytes }))
      const fetched = await fetchFrom(this.connection, broker, from, { maxWaitMs: MAX_WAIT_MS, maxBytes: REPLY_BYTES })
      const replies = new Map(fetched.map(reply => [nameOf(reply), reply]))
      const empty = fetched.every(({ bytes }) => bytes.length === 0)
      for (const [i, slot] of slots.entries()) {
        const reply = replies.get(nameOf(slot.at))
        if (reply !== undefined && slot.generation === generations[i]) await this.#take(slot, reply, empty)
      }
    } catch (error) {
      await this.#failed(slots, error)
    }
  }

  async #take(slot: Slot, { error, bytes, aborted, lastStableOffset }: FetchedPartition, empty: boolean): Promise<void> {
    if (error !== undefined) return this.#failed([slot], error)
    for (const { batch, visible } of committedBatches(bytes, aborted)) {
      if (batch.lastOffset < slot.ahead) continue
      slot.ahead = batch.lastOffset + 1
      if (!visible) continue
      slot.batches.push(batch)
      slot.bytes += batch.bytes.length
    }
    // Nothing is left between: what was there was compacted away.
    if (empty && lastStableOffset > slot.ahead) slot.ahead = lastStableOffset
    if (slot.batches.length === 0) slot.position = slot.ahead
    this.#announce(slot)
  }

  async #failed(slots: readonly Slot[], error: unknown): Promise<void> {
    const failure = toLogError(error, `fetch from ${slots.map(({ at }) => nameOf(at)).join(', ')}`)
    if (this.#closed) return
    if (failure instanceof OffsetOutOfRangeError) {
      for (const slot of slots) {
        slot.failure = failure
        this.#announce(slot)
      }
      return
    }
    this.connection.forget()
    if (!(failure instanceof RetriableLogError)) this.connection.settings.onNotice(`${failure.message} Trying again.`)
    await sleep(BACK_OFF_MS)
  }

  #announce(slot: Slot): void {
    if (this.#announced || !slot.active || !slot.starved || (slot.batches.length === 0 && slot.failure === undefined)) return
    this.#announced = true
    setImmediate(() => {
      this.#announced = false
      if (!this.#closed) for (const callback of this.#callbacks) callback()
    })
  }
}

function next(slot: Slot): LogRecord | undefined {
  for (let batch = slot.batches[0]; batch !== undefined; batch = slot.batches[0]) {
    slot.cursor ??= batch.records(slot.at)
    for (let record = slot.cursor.next(); record !== undefined; record = slot.cursor.next()) {
      if (record.offset < slot.position!) continue
      slot.position = record.offset + 1
      return record
    }
    slot.batches.shift()
    slot.cursor = undefined
    slot.bytes -= batch.bytes.length
    slot.position = slot.batches.length === 0 ? slot.ahead : batch.lastOffset + 1
  }
  return undefined
}
