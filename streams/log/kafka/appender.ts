import type { NewRecord, OffsetCommit, TopicPartition } from '../log.js'
import { writeBatch } from './batch-writer.js'
import { nameOf } from './by-topic.js'
import type { Connection } from './connection.js'
import { type BatchFor, produce } from './produce.js'
import type { Route } from './router.js'

export interface ProducerIdentity {
  /** Null outside of transactions. */
  readonly transactionalId: string | null
  readonly producerId: string
  readonly producerEpoch: number
}

/** Where a batch went: the first offset, and how many records it has. */
export interface Placed {
  readonly offset: number
  readonly count: number
}

/**
 * Appends as one producer. Batches are numbered, so that one that is sent again (its leader moved, its reply was lost) is written
 * once and in its place. After a failure the numbers can't be known: open another producer.
 */
export class Appender {
  readonly #sequences = new Map<string, number>()

  constructor(
    private readonly connection: Connection,
    private readonly identity: ProducerIdentity
  ) {}

  /** @returns by `nameOf` the partition: where its batches went, in order. @throws LogError */
  async append(routes: readonly Route[]): Promise<Map<string, Placed[]>> {
    const placed = new Map<string, Placed[]>(routes.map(route => [nameOf(route), []]))
    const now = Date.now()
    for (let round = 0; routes.some(({ batches }) => round < batches.length); round++) {
      const own = routes.filter(({ batches }) => round < batches.length)
      const batches = own.map(route => this.#batch(route, route.batches[round]!, now))
      for (const { offset, ...at } of await this.#produce(batches)) {
        const count = own.find(route => nameOf(route) === nameOf(at))!.batches[round]!.length
        placed.get(nameOf(at))!.push({ offset, count })
      }
    }
    return placed
  }

  #batch({ topic, partition }: TopicPartition, records: readonly NewRecord[], now: number): BatchFor {
    const { transactionalId, producerId, producerEpoch: epoch } = this.identity
    const name = nameOf({ topic, partition })
    const sequence = this.#sequences.get(name) ?? 0
    this.#sequences.set(name, (sequence + records.length) % 2 ** 31)
    const { compression } = this.connection.settings
    const producer = { producerId: BigInt(producerId), epoch, sequence, transactional: transactionalId !== null, compression }
    return { topic, partition, batch: writeBatch(records, producer, now) }
  }

  #produce(batches: readonly BatchFor[]): Promise<OffsetCommit[]> {
    let left = batches
    const done: OffsetCommit[] = []
    const step = async () => {
      const leaders = await this.connection.byLeader(left)
      const replies = [...leaders].map(([broker, own]) => produce(this.connection, broker, this.identity.transactionalId, own))
      for (const reply of await Promise.allSettled(replies)) {
        if (reply.status === 'rejected') continue
        const fine = reply.value.filter(({ error }) => error === undefined)
        done.push(...fine)
        const names = new Set(fine.map(nameOf))
        left = left.filter(batch => !names.has(nameOf(batch)))
      }
      for (const reply of await Promise.all(replies)) for (const { error } of reply) if (error !== undefined) throw error
      return done
    }
    return this.connection.retrying('write records', step, this.connection.settings.deliveryTimeoutMs)
  }
}
