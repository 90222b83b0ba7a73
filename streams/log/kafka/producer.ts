/**
 * One transactional id: begin, produce, offsets, end. kafkajs's own producer repeats EndTxn when its reply is lost; a late
 * first one may then end a later transaction (KIP-890). Here EndTxn is sent once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from 'kafkajs/src/cluster/index.js'
import type { OffsetCommit, Transaction, TransactionalProducer, TransactionResult } from '../log.js'
import { LogConfigError, LogError, OutcomeUnknownError, ProducerFencedError } from '../log.js'
import { Appender, type ProducerIdentity } from './appender.js'
import { byTopic, nameOf } from './by-topic.js'
import type { Connection } from './connection.js'
import { toLogError, typeOf } from './errors.js'
import { type MemberIdentity, txnOffsetCommit } from './group-offsets.js'
import { batchesOf, type Route, type Router } from './router.js'

/** The markers of the transaction before are still being written. */
const CONCURRENT_MS = 10
const CONCURRENT_TRIES = 1_000

/** The group does not take offsets in the name of this member, at least not of the generation it knows: the transaction was aborted. */
const STALE = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID', 'REBALANCE_IN_PROGRESS'])
export class StaleMemberError extends LogError {}

type Identity = ProducerIdentity & { readonly transactionalId: string }

/**
 * Opens a producer. When this resolves, every earlier one of the id is fenced, what it left open is aborted, and what it had
 * committed is visible: its markers are written, in the topics and in the group's offsets.
 */
export async function openProducer(connection: Connection, router: Router, transactionalId: string): Promise<KafkaProducer> {
  const transactionTimeout = connection.settings.transactionTimeoutMs
  const identity = await connection.retrying(`open the transactional producer ${transactionalId}`, async () => {
    const broker = await connection.coordinator('transaction', transactionalId)
    return whileConcurrent(() => broker.initProducerId({ transactionalId, transactionTimeout }))
  })
  return new KafkaProducer(connection, router, { transactionalId, ...identity })
}

export class KafkaProducer implements TransactionalProducer {
  readonly #appender: Appender
  #failure: LogError | undefined

  constructor(
    private readonly connection: Connection,
    private readonly router: Router,
    private readonly identity: Identity
  ) {
    this.#appender = new Appender(connection, identity)
  }

  /** It writes nothing any more. */
  get failed(): boolean {
    return this.#failure !== undefined
  }

  /** @param member in whose name the offsets are committed. @throws StaleMemberError nothing was written; this producer can go on. */
  async commit(transaction: Transaction, member?: MemberIdentity): Promise<TransactionResult> {
    if (this.#failure !== undefined) throw this.#failure
    const routes = batchesOf(await this.router.route(transaction.records))
    if (routes.length === 0 && transaction.offsets.length === 0) return { ends: [] }
    try {
      return await this.#commit(transaction, routes, member)
    } catch (error) {
      throw error instanceof StaleMemberError ? error : this.#fail(error)
    }
  }

  async close(): Promise<void> {
    this.#failure ??= new LogError(`The producer '${this.identity.transactionalId}' was closed.`)
  }

  async #commit({ group, offsets }: Transaction, routes: readonly Route[], member?: MemberIdentity): Promise<TransactionResult> {
    const { connection, identity } = this
    const coordinator = await connection.coordinator('transaction', identity.transactionalId)
    const topics = byTopic(routes, ({ partition }) => partition)
    // On one connection: the second begins when the first is answered.
    await Promise.all([
      routes.length > 0 && whileConcurrent(() => coordinator.addPartitionsToTxn({ ...identity, topics })),
      offsets.length > 0 && whileConcurrent(() => coordinator.addOffsetsToTxn({ ...identity, groupId: group }))
    ])
    const broker = await connection.coordinator('group', group)
    const [produced, committed] = await Promise.allSettled([
      this.#append(routes),
      offsets.length > 0 ? txnOffsetCommit(connection, broker, identity, group, offsets, member) : undefined
    ])
    if (produced.status === 'rejected') throw produced.reason
    if (committed.status === 'fulfilled') await this.#end(coordinator, true)
    else {
      if (!STALE.has(typeOf(committed.reason) ?? '')) throw committed.reason
      await this.#end(coordinator, false)
      throw new StaleMemberError(`The transaction of ${identity.transactionalId} was aborted.`, { cause: committed.reason })
    }
    return { ends: produced.value }
  }

  async #end(coordinator: Broker, transactionResult: boolean): Promise<void> {
    const { identity } = this
    try {
      await coordinator.endTxn({ ...identity, transactionResult })
    } catch (error) {
      // Only a reply that says so means that nothing was written.
      if (toLogError(error, 'commit') instanceof ProducerFencedError) throw error
      throw new OutcomeUnknownError(
        `It is not known whether the transaction of ${identity.transactionalId} was committed: ${(error as Error).message}.`,
        { cause: error }
      )
    }
  }

  /** @returns the offset after the last record of each partition: the marker of this transaction, or more, follows. */
  async #append(routes: readonly Route[]): Promise<OffsetCommit[]> {
    const placed = await this.#appender.append(routes)
    return routes.map(({ topic, partition }) => {
      const last = placed.get(nameOf({ topic, partition }))!.at(-1)!
      return { topic, partition, offset: last.offset + last.count }
    })
  }

  /** After a failure this producer writes nothing any more: the next one of its id aborts what it left open. */
  #fail(error: unknown): LogError {
    const { transactionalId } = this.identity
    this.connection.forget()
    const failure = toLogError(error, `commit the transaction of ${transactionalId}`)
    if (failure instanceof ProducerFencedError || failure instanceof OutcomeUnknownError || failure instanceof LogConfigError)
      this.#failure = failure
    else if (typeOf(error) === 'MESSAGE_TOO_LARGE' || typeOf(error) === 'RECORD_LIST_TOO_LARGE')
      this.#failure = new LogConfigError(
        `${failure.message} A record is larger than the topic's max.message.bytes allows: raise it, or remove the setting.`
      )
    else this.#failure = new OutcomeUnknownError(`${failure.message} The transaction of ${transactionalId} is given up.`, { cause: error })
    return this.#failure
  }
}

async function whileConcurrent<T>(request: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await request()
    } catch (error) {
      if (typeOf(error) !== 'CONCURRENT_TRANSACTIONS' || attempt >= CONCURRENT_TRIES) throw error
      await sleep(CONCURRENT_MS)
    }
  }
}
