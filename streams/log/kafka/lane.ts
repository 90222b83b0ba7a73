/**
 * The producer of all tasks of one sub-topology that a member has: what they commit at about the same time goes in one transaction.
 * Each transaction costs five requests and as many writes of the broker, however little it holds.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Transaction, TransactionResult } from '../log.js'
import { ProducerFencedError } from '../log.js'
import type { Connection } from './connection.js'
import type { MemberIdentity } from './group-offsets.js'
import { type KafkaProducer, openProducer, StaleMemberError } from './producer.js'
import type { Router } from './router.js'

/** Transactions begin no closer to each other: more of them would leave less time for what they hold. */
const LEAST_MS = 50
/** Before a transaction is written anew in the name of the member that the group knows now. */
const STALE_MS = 20

/** In whose name a lane commits. */
export interface LaneMember {
  /** Undefined: it is no member now. */
  readonly identity: MemberIdentity | undefined
  /** Changes when the membership was lost: what was to be committed before must not be any more. */
  readonly term: number
}

interface Job {
  readonly term: number
  readonly transaction: Transaction
  resolve(result: TransactionResult): void
  reject(error: unknown): void
}

export class Lane {
  #producer: Promise<KafkaProducer> | undefined
  #queue: Job[] = []
  #running: Promise<void> | undefined
  #began = 0

  /** @param connection of this lane alone: a broker answers the requests of a connection one after the other */
  constructor(
    private readonly transactionalId: string,
    private readonly connection: Connection,
    private readonly router: Router,
    private readonly member: LaneMember
  ) {}

  /** Resolves when the producer is open: whatever it did not finish in an earlier life is undone. @throws LogError */
  async ready(): Promise<void> {
    await this.#opened()
  }

  /** @param term of the member when the task was opened. @throws as TransactionalProducer says */
  commit(transaction: Transaction, term: number): Promise<TransactionResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ transaction, term, resolve, reject })
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined
      })
    })
  }

  async close(): Promise<void> {
    await this.#running
    await this.connection.close()
  }

  /** One transaction at a time. */
  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      await sleep(Math.max(0, this.#began + LEAST_MS - performance.now()))
      this.#began = performance.now()
      const jobs = this.#queue.splice(0)
      const { term } = this.member
      for (const job of jobs) if (job.term !== term) job.reject(this.#fenced())
      const current = jobs.filter(job => job.term === term)
      if (current.length === 0) continue
      try {
        const result = await this.#commit(together(current), term)
        for (const job of current) job.resolve(result)
      } catch (error) {
        for (const job of current) job.reject(error)
      }
    }
  }

  async #commit(transaction: Transaction, term: number): Promise<TransactionResult> {
    for (;;) {
      const producer = await this.#opened()
      const { identity } = this.member
      if (identity === undefined || this.member.term !== term) throw this.#fenced()
      try {
        return await producer.commit(transaction, identity)
      } catch (error) {
        if (producer.failed) this.#producer = undefined
        if (!(error instanceof StaleMemberError)) throw error
      }
      // The group has agreed anew, and this member does not know it yet; or it is not a member any more, as it will soon hear.
      await sleep(STALE_MS)
    }
  }

  #opened(): Promise<KafkaProducer> {
    this.#producer ??= openProducer(this.connection, this.router, this.transactionalId).catch(error => {
      this.#producer = undefined
      throw error
    })
    return this.#producer
  }

  #fenced(): ProducerFencedError {
    return new ProducerFencedError(`The group has given up this member: nothing of ${this.transactionalId} is committed.`)
  }
}

function together(jobs: readonly Job[]): Transaction {
  const transactions = jobs.map(({ transaction }) => transaction)
  return {
    group: transactions[0]!.group,
    records: transactions.flatMap(({ records }) => records),
    offsets: transactions.flatMap(({ offsets }) => offsets)
  }
}
