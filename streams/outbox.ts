import type { LogRecord, NewRecord, TaskId } from './log/log.js'
import type { StoreEntry } from './stores/managed-store.js'
import type { TaskOptions } from './task.js'
import { changelogTopic } from './topology.js'
import { TaskTraces } from './tracer.js'

/** What happened in a commit, by name: for who observes. */
export interface CommitCounts {
  /** By reason code. */
  readonly deadLetters: ReadonlyMap<string, number>
  /** What processors count with `context.count`. */
  readonly counted: ReadonlyMap<string, number>
}

/** What a task sends in the commit being filled, and what there was to count in it. */
export class Outbox {
  #records: NewRecord[] = []
  readonly #deadLetters = new Map<string, number>()
  readonly #counted = new Map<string, number>()
  /** Undefined: nothing is traced. */
  readonly traces: TaskTraces | undefined

  constructor(
    private readonly id: TaskId,
    private readonly options: TaskOptions
  ) {
    this.traces = options.tracer && new TaskTraces(options.tracer, id)
  }

  /** `partition`: the key's, where it is undefined. */
  send(processor: string, topic: string, key: string, value: Buffer | null, timestamp: number, partition?: number): void {
    const record = { topic, key: Buffer.from(key), value, timestamp }
    const headers = this.traces?.headers(processor)
    const traced = headers === undefined ? record : { ...record, headers }
    this.#records.push(partition === undefined ? traced : { ...traced, partition })
  }

  deadLetter(raw: LogRecord, code: string, reason: string, processor: string): void {
    const { topic, partition, offset, timestamp, key, value } = raw
    const letter = { code, reason, topic, partition, offset, record_time: timestamp, key, value, processor }
    const letters = this.options.topology.deadLetters
    this.send(processor, letters, `${topic}-${partition}-${offset}`, this.options.codec.encode(letters, letter), timestamp)
    increment(this.#deadLetters, code)
  }

  count(what: string): void {
    increment(this.#counted, what)
  }

  /** What was sent since; it is not kept. */
  take(): NewRecord[] {
    const records = this.#records
    this.#records = []
    return records
  }

  /** The changes of a store, as records of its changelog: not a part of any trace. */
  changelog(space: string, entries: readonly StoreEntry[], timestamp: number): NewRecord[] {
    const topic = changelogTopic(this.options.applicationId, space)
    return entries.map(([key, value]) => ({
      topic,
      partition: this.id.partition,
      key: Buffer.from(key),
      value: value === null ? null : asBuffer(value),
      timestamp
    }))
  }

  /** Of the commit that ends; what is counted from now on is the next one's. */
  takeCounts(): CommitCounts {
    const counts = { deadLetters: new Map(this.#deadLetters), counted: new Map(this.#counted) }
    this.#deadLetters.clear()
    this.#counted.clear()
    return counts
  }
}

const increment = (counts: Map<string, number>, what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1)
const asBuffer = (bytes: Uint8Array) => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
