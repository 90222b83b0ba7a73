import type { NewRecord, OffsetCommit } from '../log.js'
import { Appender, type Placed } from './appender.js'
import { nameOf } from './by-topic.js'
import type { Connection } from './connection.js'
import { toLogError } from './errors.js'
import { batchesOf, type Routed, type Router } from './router.js'

interface Job {
  readonly records: readonly NewRecord[]
  resolve(ends: OffsetCommit[]): void
  reject(error: unknown): void
}

/**
 * Sends outside of transactions, idempotently. One round is under way at a time; what is sent meanwhile goes together into the next.
 */
export class Sender {
  #queue: Job[] = []
  #running: Promise<void> | undefined
  #appender: Appender | undefined

  constructor(
    private readonly connection: Connection,
    private readonly router: Router
  ) {}

  send(records: readonly NewRecord[]): Promise<OffsetCommit[]> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, resolve, reject })
      this.#running ??= Promise.resolve().then(() => this.#run())
    })
  }

  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    // Nobody repeats what is sent here: finding its place takes part in the time for its delivery.
    const { deliveryTimeoutMs } = this.connection.settings
    while (this.#queue.length > 0) {
      const routed: { job: Job; records: Routed[] }[] = []
      for (const job of this.#queue.splice(0)) {
        try {
          routed.push({ job, records: await this.router.route(job.records, deliveryTimeoutMs) })
        } catch (error) {
          job.reject(error)
        }
      }
      try {
        this.#appender ??= await this.#open()
        const placed = await this.#appender.append(batchesOf(routed.flatMap(({ records }) => records)))
        const before = new Map<string, number>()
        for (const { job, records } of routed) job.resolve(endsOf(records, placed, before))
      } catch (error) {
        this.#appender = undefined
        for (const { job } of routed) job.reject(toLogError(error, 'send records'))
      }
    }
    this.#running = undefined
  }

  #open(): Promise<Appender> {
    const { transactionTimeoutMs: transactionTimeout, deliveryTimeoutMs } = this.connection.settings
    const open = async () => {
      const broker = await this.connection.anyBroker()
      const identity = await broker.initProducerId({ transactionalId: null, transactionTimeout })
      return new Appender(this.connection, { transactionalId: null, ...identity })
    }
    return this.connection.retrying('open a producer', open, deliveryTimeoutMs)
  }
}

/** Where each partition ended after a job's own records. @param before records of earlier jobs, by partition; counted on */
function endsOf(records: readonly Routed[], placed: ReadonlyMap<string, readonly Placed[]>, before: Map<string, number>): OffsetCommit[] {
  const own = new Map<string, Routed>()
  for (const record of records) {
    const name = nameOf(record)
    before.set(name, (before.get(name) ?? 0) + 1)
    own.set(name, record)
  }
  return [...own].map(([name, { topic, partition }]) => {
    let left = before.get(name)!
    const batch = placed.get(name)!.find(({ count }) => {
      if (left <= count) return true
      left -= count
      return false
    })!
    return { topic, partition, offset: batch.offset + left }
  })
}
