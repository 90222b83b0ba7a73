import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type MemberTask, ProducerFencedError, RetriableLogError, type Transaction, type TransactionalProducer } from '../log.js'
import { Connection } from './connection.js'
import { fetchOffsets } from './group-offsets.js'
import { Lane, type LaneMember } from './lane.js'
import { END, HIGH_WATERMARK, type Offsets } from './offsets.js'
import { openProducer } from './producer.js'
import type { Router } from './router.js'

const LOOK_MS = 10
/** What is undecided for so long was left by somebody who will not end it. */
const ABANDONED_MS = 500
const PATIENCE_MS = 5_000

/** The producers of a member: one for each sub-topology. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>()
  readonly #instance: string

  /** @param connection for what is asked before a task begins */
  constructor(
    private readonly group: string,
    private readonly connection: Connection,
    private readonly router: Router,
    private readonly offsets: Offsets,
    private readonly member: LaneMember
  ) {
    this.#instance = connection.settings.instanceId ?? randomUUID()
  }

  /**
   * The membership fences: the broker refuses offsets in the name of a member that is none, or of an earlier generation. What an earlier
   * owner of the task has under way is waited for.
   */
  async open(of: MemberTask): Promise<TransactionalProducer> {
    const { term } = this.member
    const id = this.#idOf(of.task.unit)
    let lane = this.#lanes.get(id)
    if (lane === undefined) {
      lane = new Lane(id, new Connection(this.connection.settings), this.router, this.member)
      this.#lanes.set(id, lane)
    }
    await lane.ready()
    await this.#decided(of, id)
    return new LaneProducer(lane, term)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map(lane => lane.close()))
  }

  #idOf(unit: string): string {
    return `${this.group}-${unit}-${this.#instance}`
  }

  /** Resolves when no transaction is undecided in what the task alone writes and commits. */
  async #decided(of: MemberTask, ownId: string): Promise<void> {
    const started = Date.now()
    let looks = 0
    while (await this.#isUndecided(of)) {
      const waited = Date.now() - started
      if (waited > PATIENCE_MS)
        throw new RetriableLogError(`A transaction of an earlier owner of ${of.task.unit}-${of.task.partition} is not decided.`)
      if (waited > ABANDONED_MS) await this.#abort(of, ownId)
      await sleep(LOOK_MS * ++looks)
    }
  }

  async #isUndecided({ inputs, own }: MemberTask): Promise<boolean> {
    const stable = await this.connection.retrying('read offsets', () => fetchOffsets(this.connection, this.group, inputs, true))
    if (stable.some(({ pending }) => pending)) return true
    const [decided, written] = await Promise.all(
      [END, HIGH_WATERMARK].map(end => Promise.all(own.map(partition => this.offsets.at(partition, end))))
    )
    return written!.some((end, i) => end !== decided![i])
  }

  /** Whoever committed the task's offsets last is fenced, which aborts what they left. */
  async #abort({ inputs }: MemberTask, ownId: string): Promise<void> {
    const last = await this.connection.retrying('read offsets', () => fetchOffsets(this.connection, this.group, inputs, false))
    const owners = new Set(last.map(({ metadata }) => metadata).filter(id => id.startsWith(`${this.group}-`) && id !== ownId))
    await Promise.all([...owners].map(id => openProducer(this.connection, this.router, id)))
  }
}

/** One task's share of a lane. */
class LaneProducer implements TransactionalProducer {
  #closed = false

  constructor(
    private readonly lane: Lane,
    private readonly term: number
  ) {}

  async commit(transaction: Transaction) {
    if (this.#closed) throw new ProducerFencedError('The producer was closed.')
    if (transaction.offsets.length === 0) throw new TypeError('A commit in the name of a member holds offsets: by them it is fenced.')
    return this.lane.commit(transaction, this.term)
  }

  async close(): Promise<void> {
    this.#closed = true
  }
}
