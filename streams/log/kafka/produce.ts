import type { Broker, ProtocolCall } from 'kafkajs/src/cluster/index.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import protocolErrors from 'kafkajs/src/protocol/error.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import type { OffsetCommit, TopicPartition } from '../log.js'
import { byTopic } from './by-topic.js'
import type { Connection } from './connection.js'
import { Reader } from './reader.js'

const VERSION = 7
const ALL_IN_SYNC_REPLICAS = -1

export interface BatchFor extends TopicPartition {
  readonly batch: Buffer
}

/** The first offset that each batch got. */
export interface Produced extends OffsetCommit {
  readonly error: Error | undefined
}

/** Sends at most one batch for each partition to the broker that leads them; resolves when they are replicated. */
export function produce(
  connection: Connection,
  broker: Broker,
  transactionalId: string | null,
  batches: readonly BatchFor[]
): Promise<Produced[]> {
  const { requestTimeoutMs } = connection.settings
  const call: ProtocolCall<Produced[]> = {
    request: {
      apiKey: apiKeys.Produce,
      apiVersion: VERSION,
      apiName: 'Produce',
      encode: async () => encode(transactionalId, requestTimeoutMs, batches)
    },
    response: { decode: async payload => decode(payload), parse: async data => (data as { produced: Produced[] }).produced }
  }
  return connection.send(broker, call)
}

function encode(transactionalId: string | null, timeoutMs: number, batches: readonly BatchFor[]): Encoder {
  const topics = byTopic(batches, batch => batch)
  const bytes = batches.reduce((sum, { topic, batch }) => sum + topic.length * 3 + 32 + batch.length, 64)
  const out = new Encoder(bytes)
    .writeString(transactionalId)
    .writeInt16(ALL_IN_SYNC_REPLICAS)
    .writeInt32(timeoutMs)
    .writeInt32(topics.length)
  for (const { topic, partitions } of topics) {
    out.writeString(topic).writeInt32(partitions.length)
    for (const { partition, batch } of partitions) out.writeInt32(partition).writeInt32(batch.length).writeBufferInternal(batch)
  }
  return out
}

function decode(payload: Buffer): { clientSideThrottleTime: number; produced: Produced[] } {
  const input = new Reader(payload)
  const produced: Produced[] = []
  for (let topics = input.int32(); topics > 0; topics--) {
    const topic = input.string()
    for (let partitions = input.int32(); partitions > 0; partitions--) {
      const partition = input.int32()
      const code = input.int16()
      produced.push({
        topic,
        partition,
        offset: Number(input.int64()),
        error: code === 0 ? undefined : protocolErrors.createErrorFromCode(code)
      })
      input.int64()
      input.int64()
    }
  }
  return { clientSideThrottleTime: input.int32(), produced }
}
