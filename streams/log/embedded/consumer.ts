/** Reading of one member's partitions: ahead of need, within a bound, without waiting. */
import type { LogRecord } from '../log.js'
import { LogCorruptedError, type LogError, NotAssignedError, OffsetOutOfRangeError } from '../log.js'
import { BatchCursor } from './batch.js'
import type { Partition } from './partition.js'
import { type Chunk, type Reader, recordAt } from './reader.js'

class Slot {
  /** The next offset to hand out; undefined before the first seek. */
  position: number | undefined
  /** The next offset to load. */
  ahead = 0
  chunks: Chunk[] = []
  cursor: BatchCursor | undefined
  bytes = 0
  loading = false
  /** Whether `poll` may hand out records. */
  active = false
  /** The last poll came back empty. */
  starved = false
  failure: LogError | undefined
  /** Counts seeks, so that a load begun before is dropped. */
  generation = 0

  constructor(
    readonly partition: Partition,
    readonly listener: () => void
  ) {}
}

export class Fetcher {
  readonly #slots = new Map<Partition, Slot>()
  readonly #callbacks: (() => void)[] = []
  #announced = false

  constructor(
    readonly reader: Reader,
    readonly prefetchBytes: number
  ) {}

  add(partition: Partition): void {
    const slot = new Slot(partition, () => {
      this.#fill(slot)
      this.#announce(slot)
    })
    this.#slots.set(partition, slot)
    partition.listeners.add(slot.listener)
  }

  activate(partition: Partition): void {
    const slot = this.#slots.get(partition)
    if (!slot) return
    slot.active = true
    slot.starved = true
    this.#announce(slot)
  }

  remove(partition: Partition): void {
    const slot = this.#slots.get(partition)
    if (!slot) return
    slot.generation++
    partition.listeners.delete(slot.listener)
    this.#slots.delete(partition)
  }

  removeAll(): void {
    for (const partition of [...this.#slots.keys()]) this.remove(partition)
  }

  onData(callback: () => void): void {
    this.#callbacks.push(callback)
    for (const slot of this.#slots.values()) this.#announce(slot)
  }

  /** @throws NotAssignedError */
  seek(partition: Partition, offset: number): void {
    const slot = this.#slots.get(partition)
    if (!slot) throw new NotAssignedError(`Partition ${partition.number} of topic '${partition.topic}' is not assigned to this member.`)
    Object.assign(slot, {
      position: offset,
      ahead: offset,
      chunks: [],
      cursor: undefined,
      bytes: 0,
      loading: false,
      failure: undefined,
      starved: true
    })
    slot.generation++
    this.#fill(slot)
    this.#announce(slot)
  }

  position(partition: Partition): number {
    const position = this.#slots.get(partition)?.position
    if (position === undefined)
      throw new NotAssignedError(
        `Partition ${partition.number} of topic '${partition.topic}' has no position: it is not assigned, or seek was not called.`
      )
    return position
  }

  /** @throws LogError why reading can't go on; what is retriable is tried again by the next call. */
  poll(partition: Partition, max: number): LogRecord[] {
    const slot = this.#slots.get(partition)
    if (!slot?.active || slot.position === undefined) return []
    this.#fill(slot)
    if (slot.failure && slot.chunks.length === 0) throw this.#takeFailure(slot)
    const records: LogRecord[] = []
    while (records.length < max) {
      const cursor = this.#next(slot)
      if (!cursor) break
      records.push(recordAt(partition, cursor))
    }
    slot.starved = records.length === 0
    this.#fill(slot)
    return records
  }

  /** A cursor on the next record. */
  #next(slot: Slot): BatchCursor | undefined {
    for (;;) {
      const chunk = slot.chunks[0]
      if (!chunk) return undefined
      const cursor = slot.cursor ?? new BatchCursor(chunk.value)
      slot.cursor = cursor
      while (cursor.next()) {
        if (cursor.offset < slot.position!) continue
        slot.position = cursor.offset + 1
        if (slot.position > chunk.last) this.#finish(slot, chunk)
        return cursor
      }
      this.#finish(slot, chunk)
    }
  }

  #finish(slot: Slot, chunk: Chunk): void {
    slot.chunks.shift()
    slot.cursor = undefined
    slot.bytes -= chunk.value.length
    slot.position = chunk.last + 1
  }

  /** Loads ahead: at once what is in memory, the rest in the background. */
  #fill(slot: Slot): void {
    const { partition } = slot
    while (slot.position !== undefined && !slot.loading && !slot.failure && slot.bytes < this.prefetchBytes) {
      const cached = slot.ahead >= partition.start ? this.reader.cached(partition, slot.ahead) : undefined
      if (cached) this.#take(slot, cached)
      else if (slot.ahead === partition.end) return
      else this.#load(slot)
    }
  }

  #load(slot: Slot): void {
    const { generation } = slot
    slot.loading = true
    const settle = (chunks: readonly Chunk[], failure?: LogError): void => {
      if (slot.generation !== generation) return
      slot.loading = false
      slot.failure = failure
      for (const chunk of chunks) this.#take(slot, chunk)
      this.#fill(slot)
      this.#announce(slot)
    }
    this.reader.load(slot.partition, slot.ahead, this.prefetchBytes - slot.bytes).then(settle, (error: LogError) => settle([], error))
  }

  #take(slot: Slot, chunk: Chunk): void {
    slot.chunks.push(chunk)
    slot.bytes += chunk.value.length
    slot.ahead = chunk.last + 1
  }

  #takeFailure(slot: Slot): LogError {
    const failure = slot.failure!
    const lasting = failure instanceof OffsetOutOfRangeError || failure instanceof LogCorruptedError
    if (!lasting) slot.failure = undefined
    return failure
  }

  #announce(slot: Slot): void {
    if (this.#announced || !slot.active || !slot.starved || (slot.chunks.length === 0 && !slot.failure)) return
    this.#announced = true
    setImmediate(() => {
      this.#announced = false
      for (const callback of this.#callbacks) callback()
    })
  }
}
