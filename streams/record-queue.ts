import type { Consumer, LogRecord } from './log/log.js'

/** Taken from the consumer at a time. */
const POLL = 500

/** One task's input: of its topics' first records, the one with the least record time comes first. */
export class RecordQueue {
  /** Per topic, last record first: taking one off the end costs nothing. */
  #heads: LogRecord[][]

  constructor(
    private readonly topics: readonly string[],
    private readonly partition: number
  ) {
    this.#heads = topics.map(() => [])
  }

  /** Undefined: nothing has arrived. The record stays until it is taken. */
  next(consumer: Consumer): LogRecord | undefined {
    let best: LogRecord | undefined
    for (let i = 0; i < this.topics.length; i++) {
      let records = this.#heads[i]!
      if (records.length === 0) {
        records = consumer.poll({ topic: this.topics[i]!, partition: this.partition }, POLL).reverse()
        this.#heads[i] = records
      }
      const head = records.at(-1)
      if (head !== undefined && (best === undefined || head.timestamp < best.timestamp)) best = head
    }
    return best
  }

  take(record: LogRecord): void {
    this.#heads[this.topics.indexOf(record.topic)]!.pop()
  }

  /** Forgets what was polled: the consumer was told to go elsewhere. */
  clear(): void {
    this.#heads = this.topics.map(() => [])
  }
}
