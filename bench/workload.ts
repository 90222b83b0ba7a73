import { readConfig } from '../config.js'
import type { Codec } from '../schemas/codec.js'
import { fromJson } from '../schemas/json.js'
import type { Log, NewRecord } from '../streams/log/log.js'
import { openBase } from '../tools/embedded.js'
import { type ReferenceEvent, referenceEvents } from './reference.js'

const BATCH = 1_000

/** A data directory, and how many events of the workload it has. */
export interface Prepared {
  readonly directory: string
  events: number
}

/** The reference workload as records: `next` of them at a time. */
export class Workload {
  readonly #events: Iterator<ReferenceEvent>

  /** The first `skip` events were produced before. */
  constructor(
    private readonly log: Log,
    private readonly codec: Codec,
    events: number,
    skip = 0
  ) {
    this.#events = referenceEvents({ events: events + skip })[Symbol.iterator]()
    for (let i = 0; i < skip; i++) this.#events.next()
  }

  async produce(count: number): Promise<void> {
    for (let left = count; left > 0; left -= BATCH) {
      const records: NewRecord[] = []
      for (let i = 0; i < Math.min(BATCH, left); i++) {
        const { value: event, done } = this.#events.next()
        if (done) break
        records.push(this.#record(event))
      }
      await this.log.send(records)
    }
  }

  #record({ topic, key, event }: ReferenceEvent): NewRecord {
    const value = event === null ? Buffer.from('not Avro') : this.codec.encode(topic, fromJson(topic, event))
    return { topic, key: Buffer.from(key), value }
  }
}

/** Appends the next events to the log of a directory that no process has open. */
export async function produceInto(prepared: Prepared, count: number): Promise<void> {
  const base = await openBase({ ...readConfig(process.env), dataDir: prepared.directory }, { purpose: 'bench' })
  await new Workload(base.log, base.codec, count, prepared.events).produce(count)
  prepared.events += count
  await base.close()
}
