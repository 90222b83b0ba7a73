import type { NewRecord } from '../log.js'
import { LogConfigError } from '../log.js'
import { partitioner } from '../partitioner.js'
import { recordBound } from './batch.js'
import type { Catalogue, Topic } from './catalogue.js'
import type { Partition } from './partition.js'

/** What one call writes to one partition. */
export interface Routed {
  readonly partition: Partition
  readonly records: NewRecord[]
  /** The time of records that have none. */
  readonly now: number
  /** What they take in batches, at most. */
  bytes: number
}

/** Beyond this, differences of times would not be exact in a batch; it is the year 144683. */
const MAX_TIME = 2 ** 52

/** Kafka's message.timestamp.after.max.ms: one clock that runs ahead would otherwise end all that stream time ends. */
const MAX_AHEAD_MS = 3_600_000

/** Gives each record its partition. */
export class Router {
  readonly #partition = partitioner()

  constructor(
    readonly catalogue: Catalogue,
    readonly now: () => number
  ) {}

  /** @throws LogConfigError unknown topic or partition, or a time that is none. */
  route(records: readonly NewRecord[]): Routed[] {
    const now = this.now()
    const routed = new Map<Partition, Routed>()
    let topic: Topic | undefined
    let last: Routed | undefined
    for (const record of records) {
      if (topic?.spec.name !== record.topic) topic = this.catalogue.topic(record.topic)
      checkTime(record)
      const number = record.partition ?? this.#partition(record.key, topic.partitions.length)
      const partition = topic.partitions[number] ?? this.catalogue.partition({ topic: record.topic, partition: number })
      if (last?.partition !== partition) {
        last = routed.get(partition) ?? { partition, records: [], now, bytes: 0 }
        routed.set(partition, last)
      }
      last.records.push(record)
      last.bytes += recordBound(record)
    }
    return [...routed.values()]
  }
}

/** For producers outside of the application: what that writes bears the times of what it read. @throws LogConfigError */
export function checkNotAhead(records: readonly NewRecord[], now: number): void {
  const ahead = records.find(({ timestamp }) => timestamp !== undefined && timestamp > now + MAX_AHEAD_MS)
  if (ahead === undefined) return
  const time = new Date(ahead.timestamp!).toISOString()
  throw new LogConfigError(
    `A record for topic '${ahead.topic}' has the time ${time}, more than an hour ahead: check the clock it came from.`
  )
}

function checkTime({ topic, timestamp }: NewRecord): void {
  if (timestamp === undefined || (timestamp >= 0 && timestamp <= MAX_TIME && Math.floor(timestamp) === timestamp)) return
  throw new LogConfigError(`A record for topic '${topic}' has the time ${timestamp}: give whole milliseconds since the epoch.`)
}
