/**
 * The parts of kafkajs 2.2.4 that its public interface does not offer: connections and the protocol's requests. See
 * docs/adr: its runner can neither pull, nor read from an offset without a group, nor revoke a part of the tasks.
 */
declare module 'kafkajs/src/cluster/index.js' {
  import type { KafkaConfig } from 'kafkajs'

  /** One request and how its reply is read. */
  interface ProtocolCall<R> {
    readonly request: { readonly apiKey: number; readonly apiVersion: number; readonly apiName: string; encode(): Promise<unknown> }
    readonly response: { decode(payload: Buffer): Promise<{ clientSideThrottleTime?: number }>; parse(data: unknown): Promise<R> }
    readonly requestTimeout?: number
  }
  interface Versions {
    readonly versions: readonly string[]
  }
  interface PartitionErrors {
    partition: number
    errorCode: number
  }
  type ByTopic<P> = { topic: string; partitions: P[] }[]
  interface TransactionOf {
    transactionalId: string
    producerId: string
    producerEpoch: number
  }

  export interface PooledConnection {
    isConnected(): boolean
    connect(): Promise<unknown>
  }

  export interface Broker {
    readonly connectionPool: { readonly pool: readonly PooledConnection[]; send<R>(call: ProtocolCall<R>): Promise<R> }
    lookupRequest<A, R>(apiKey: number, versions: Versions): (argument: A) => ProtocolCall<R>
    disconnect(): Promise<void>
    findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<{ coordinator: { nodeId: number } }>
    metadata(topics: readonly string[]): Promise<{
      topicMetadata: { topic: string; partitionMetadata: { partitionId: number; leader: number }[] }[]
    }>
    listOffsets(request: {
      replicaId: number
      isolationLevel: number
      topics: ByTopic<{ partition: number; timestamp: number }>
    }): Promise<{ responses: ByTopic<{ partition: number; offset: string }> }>
    offsetCommit(request: {
      groupId: string
      groupGenerationId: number
      memberId: string
      retentionTime: number
      topics: ByTopic<{ partition: number; offset: string; metadata: null }>
    }): Promise<unknown>
    offsetFetch(request: {
      groupId: string
      topics: ByTopic<{ partition: number }>
    }): Promise<{ responses: ByTopic<{ partition: number; offset: string }> }>
    deleteRecords(request: { topics: ByTopic<{ partition: number; offset: string }> }): Promise<unknown>
    describeGroups(request: { groupIds: string[] }): Promise<{
      groups: { state: string; members: { memberId: string; clientId: string; clientHost: string }[] }[]
    }>
    initProducerId(request: {
      transactionalId: string | null
      transactionTimeout: number
    }): Promise<{ producerId: string; producerEpoch: number }>
    addPartitionsToTxn(request: TransactionOf & { topics: { topic: string; partitions: number[] }[] }): Promise<unknown>
    addOffsetsToTxn(request: TransactionOf & { groupId: string }): Promise<unknown>
    endTxn(request: TransactionOf & { transactionResult: boolean }): Promise<unknown>
  }

  interface Logger {
    namespace(): Logger
    error(): void
    warn(): void
    info(): void
    debug(): void
  }

  export default class Cluster {
    constructor(options: KafkaConfig & { logger: Logger; allowAutoTopicCreation: boolean; metadataMaxAge: number })
    readonly brokerPool: { findConnectedBroker(): Promise<Broker> }
    connect(): Promise<void>
    disconnect(): Promise<void>
    refreshMetadata(): Promise<void>
    findBroker(node: { nodeId: number }): Promise<Broker>
  }
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    constructor(initialSize?: number)
    writeInt8(value: number): this
    writeInt16(value: number): this
    writeInt32(value: number): this
    writeInt64(value: number | string): this
    writeString(value: string | null): this
    writeUVarInt(value: number): this
    writeUVarIntString(value: string | null): this
    writeEncoder(encoder: Encoder): this
    /** Bytes as they are, without their length. */
    writeBufferInternal(buffer: Buffer): void
  }
}

declare module 'kafkajs/src/protocol/error.js' {
  import type { KafkaJSProtocolError } from 'kafkajs'

  const errors: { createErrorFromCode(code: number): KafkaJSProtocolError }
  export default errors
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  const protocol: { requests: Record<'JoinGroup' | 'SyncGroup' | 'Heartbeat' | 'LeaveGroup', { readonly versions: readonly string[] }> }
  export default protocol
}

declare module 'kafkajs/src/protocol/requests/apiKeys.js' {
  const apiKeys: Record<
    'JoinGroup' | 'SyncGroup' | 'Heartbeat' | 'LeaveGroup' | 'Produce' | 'Fetch' | 'OffsetFetch' | 'TxnOffsetCommit' | 'Metadata',
    number
  >
  export default apiKeys
}
