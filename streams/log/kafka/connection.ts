import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import Cluster, { type Broker, type PooledConnection, type ProtocolCall } from 'kafkajs/src/cluster/index.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import { LogConfigError, LogError, RetriableLogError, type TopicPartition } from '../log.js'
import { toLogError, typeOf } from './errors.js'
import type { Settings } from './options.js'

/** Pauses between attempts, milliseconds; the last one counts for all further. */
const RETRY_MS = [10, 20, 50, 100, 200, 500, 1_000]
/** A little more than a broker needs to hand over to another. */
const PATIENCE_MS = 6_000
/** A topic that was just created is not known everywhere at once. */
const UNKNOWN_TOPIC_TRIES = 4
const CONNECT_MS = 5_000

/** Places in kafkajs's pool of connections to a broker. */
const REQUESTS = 0
const FETCHES = 1

export type CoordinatorOf = 'group' | 'transaction'

/** Small requests must not wait for the acknowledgement of earlier ones. */
const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connectTcp({ host, port }, onConnect)
  return gathering(socket.setNoDelay(true).setKeepAlive(true, 60_000))
}

/** What is written in one turn of the event loop leaves in one system call: each costs as much as a small request's processing. */
function gathering<S extends Socket>(socket: S): S {
  const write = socket.write
  let gathers = false
  socket.write = ((...chunk: Parameters<S['write']>) => {
    if (!gathers) {
      gathers = true
      socket.cork()
      setImmediate(() => {
        gathers = false
        socket.uncork()
      })
    }
    return write.apply(socket, chunk)
  }) as S['write']
  return socket
}

const silent = { namespace: () => silent, error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }

export const clientConfig = ({ brokers, clientId, ssl, sasl, requestTimeoutMs, ...settings }: Settings) => ({
  brokers: [...brokers],
  clientId,
  socketFactory: settings.socketFactory ?? socketFactory,
  connectionTimeout: CONNECT_MS,
  authenticationTimeout: CONNECT_MS,
  requestTimeout: requestTimeoutMs,
  retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 2 },
  ...(ssl === undefined ? {} : { ssl }),
  ...(sasl === undefined ? {} : { sasl: sasl as never })
})

/**
 * Connections to all brokers: to each one for requests that are answered at once and one for fetches, so what waits at the
 * broker (a member that joins, a fetch for new records) needs a Connection of its own.
 */
export class Connection {
  readonly #cluster: Cluster
  readonly #leaders = new Map<string, readonly number[]>()
  readonly #coordinators = new Map<string, number>()
  #connecting: Promise<void> | undefined
  readonly #opening = new Map<PooledConnection, Promise<unknown>>()
  #closed = false

  constructor(readonly settings: Settings) {
    this.#cluster = new Cluster({ ...clientConfig(settings), logger: silent, allowAutoTopicCreation: false, metadataMaxAge: 300_000 })
  }

  get closed(): boolean {
    return this.#closed
  }

  /** The number of partitions. @throws LogConfigError there is no such topic. */
  async partitions(topic: string): Promise<number> {
    return (await this.#leadersOf(topic)).length
  }

  /** Groups partitions by the broker that leads them. */
  async byLeader<P extends TopicPartition>(partitions: readonly P[]): Promise<Map<Broker, P[]>> {
    const groups = new Map<Broker, P[]>()
    for (const partition of partitions) {
      const broker = await this.leader(partition)
      const group = groups.get(broker)
      if (group === undefined) groups.set(broker, [partition])
      else group.push(partition)
    }
    return groups
  }

  async leader({ topic, partition }: TopicPartition): Promise<Broker> {
    const nodeId = (await this.#leadersOf(topic))[partition]
    if (nodeId === undefined) throw new LogConfigError(`Topic '${topic}' has no partition ${partition}.`)
    return this.#broker(nodeId)
  }

  async anyBroker(): Promise<Broker> {
    await this.#connect()
    return this.#cluster.brokerPool.findConnectedBroker()
  }

  async coordinator(of: CoordinatorOf, id: string): Promise<Broker> {
    const name = `${of} ${id}`
    let nodeId = this.#coordinators.get(name)
    if (nodeId === undefined) {
      const request = { groupId: id, coordinatorType: of === 'group' ? 0 : 1 }
      nodeId = (await (await this.anyBroker()).findGroupCoordinator(request)).coordinator.nodeId
      this.#coordinators.set(name, nodeId)
    }
    return this.#broker(nodeId)
  }

  /** Sends a request that kafkajs has no method for. */
  async send<R>(broker: Broker, call: ProtocolCall<R>): Promise<R> {
    await this.#opened(broker, call.request.apiKey === apiKeys.Fetch ? FETCHES : REQUESTS)
    try {
      return await broker.connectionPool.send(call)
    } catch (error) {
      if (error instanceof Error && error.name === 'KafkaJSConnectionClosedError') await broker.disconnect()
      throw error
    }
  }

  /** Who is in charge may have changed. */
  forget(): void {
    this.#leaders.clear()
    this.#coordinators.clear()
  }

  forgetTopic(topic: string): void {
    this.#leaders.delete(topic)
  }

  /** Repeats a request that has no effect, or the same when repeated. @throws LogError */
  async retrying<T>(doing: string, request: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
    const deadline = Date.now() + patienceMs
    for (let attempt = 0; ; attempt++) {
      if (this.#closed) throw new LogError('The log was closed.')
      try {
        return await request()
      } catch (error) {
        const failure = toLogError(error, doing)
        this.forget()
        const unknownTopic = typeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION' && attempt < UNKNOWN_TOPIC_TRIES
        const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!
        if (Date.now() + wait > deadline || !(failure instanceof RetriableLogError || unknownTopic)) throw failure
        await sleep(wait)
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#cluster.disconnect().catch(() => {})
  }

  async #broker(nodeId: number): Promise<Broker> {
    await this.#connect()
    const broker = await this.#cluster.findBroker({ nodeId })
    await this.#opened(broker, REQUESTS)
    return broker
  }

  /** kafkajs opens a socket for each request that finds none open, and loses all but the last. */
  async #opened({ connectionPool }: Broker, index: number): Promise<void> {
    const socket = connectionPool.pool[index]!
    if (socket.isConnected()) return
    let opening = this.#opening.get(socket)
    if (opening === undefined) {
      opening = socket.connect().finally(() => this.#opening.delete(socket))
      this.#opening.set(socket, opening)
    }
    await opening
  }

  async #leadersOf(topic: string): Promise<readonly number[]> {
    const known = this.#leaders.get(topic)
    if (known !== undefined) return known
    const { topicMetadata } = await (await this.anyBroker()).metadata([topic])
    const leaders: number[] = []
    for (const { partitionId, leader } of topicMetadata[0]!.partitionMetadata) leaders[partitionId] = leader
    if (!leaders.includes(-1)) this.#leaders.set(topic, leaders)
    return leaders
  }

  #connect(): Promise<void> {
    if (this.#closed) throw new LogError('The log was closed.')
    this.#connecting ??= this.#cluster
      .connect()
      .then(() => this.#cluster.refreshMetadata())
      .catch(error => {
        this.#connecting = undefined
        throw error
      })
    return this.#connecting
  }
}
