import type { NewRecord } from '../log.js'
import { LogConfigError } from '../log.js'
import { partitioner } from '../partitioner.js'
import type { Catalogue, Topic } from './catalogue.js'
import type { RoutedRecord } from './write-group.js'

/** Beyond this, differences of times would not be exact in a batch; it is the year 144683. */
const MAX_TIME = 2 ** 52

/** Gives each record its partition and its time. */
export class Router {
  readonly #partition = partitioner()

  constructor(
    readonly catalogue: Catalogue,
    readonly now: () => number
  ) {}

  /** @throws LogConfigError unknown topic or partition, or a time that is none. */
  route(records: readonly NewRecord[]): RoutedRecord[] {
    const now = this.now()
    let topic: Topic | undefined
    return records.map(record => {
      if (topic?.spec.name !== record.topic) topic = this.catalogue.topic(record.topic)
      const timestamp = record.timestamp ?? now
      if (!Number.isInteger(timestamp) || timestamp < 0 || timestamp > MAX_TIME) {
        throw new LogConfigError(`A record for topic '${record.topic}' has the time ${timestamp}: give whole milliseconds since the epoch.`)
      }
      const number = record.partition ?? this.#partition(record.key, topic.partitions.length)
      const partition = topic.partitions[number] ?? this.catalogue.partition({ topic: record.topic, partition: number })
      return { partition, timestamp, record }
    })
  }
}
