import type { KafkaConfig } from 'kafkajs'

export interface KafkaLogOptions {
  /** `host:port` of at least one broker. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly ssl?: NonNullable<KafkaConfig['ssl']>
  readonly sasl?: { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string }
  readonly compression?: Compression
  /**
   * Names this member of its groups across restarts: one that comes back is recognised and gets its tasks back at once,
   * without waiting until its former self is given up.
   */
  readonly instanceId?: string
  /** Of topics that are created. Default: the broker's. */
  readonly replicationFactor?: number
  /** Warm copies of each task's state, on other members. */
  readonly standbyReplicas?: number
  /** A member that is not heard of for so long is given up, milliseconds. Brokers accept 6,000 and more by default. */
  readonly sessionTimeoutMs?: number
  readonly heartbeatMs?: number
  /** A transaction that is left open (its process died) is aborted by the broker after so long, milliseconds. */
  readonly transactionTimeoutMs?: number
  readonly requestTimeoutMs?: number
  /** Records that can't be written are tried again for so long, milliseconds. */
  readonly deliveryTimeoutMs?: number
  /** Read ahead of need, of each assigned partition, bytes. */
  readonly prefetchBytes?: number
  /** Opens connections; for tests. */
  readonly socketFactory?: NonNullable<KafkaConfig['socketFactory']>
  /** Takes sentences about what is tried again. */
  readonly onNotice?: (sentence: string) => void
}

export type Compression = 'none' | 'gzip'

export type Settings = Required<Omit<KafkaLogOptions, Optional>> & Pick<KafkaLogOptions, Optional>

type Optional = 'ssl' | 'sasl' | 'instanceId' | 'replicationFactor' | 'socketFactory'

export const withDefaults = (options: KafkaLogOptions): Settings => ({
  compression: 'none',
  standbyReplicas: 0,
  sessionTimeoutMs: 10_000,
  heartbeatMs: 500,
  // As in Kafka Streams (KIP-447): who takes a task over waits so long for what its owner left open before its first commit.
  transactionTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  deliveryTimeoutMs: 30_000,
  prefetchBytes: 1024 * 1024,
  onNotice: () => {},
  ...options
})
