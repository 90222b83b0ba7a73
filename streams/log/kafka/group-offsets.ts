/** Offsets of a group inside transactions (KIP-447): versions of the protocol that kafkajs does not have. */
import type { Broker } from 'kafkajs/src/cluster/index.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import protocolErrors from 'kafkajs/src/protocol/error.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import type { OffsetCommit, TopicPartition } from '../log.js'
import type { ProducerIdentity } from './appender.js'
import { byTopic, nameOf } from './by-topic.js'
import type { Connection } from './connection.js'
import { NO_TAGS, sendFlexible } from './flexible.js'
import type { Reader } from './reader.js'

const ANY_LEADER_EPOCH = -1
const UNSTABLE_OFFSET_COMMIT = 88

/** Who commits: a member of the group, which the broker refuses when it is not, or not any more. */
export interface MemberIdentity {
  readonly generation: number
  readonly memberId: string
  readonly instanceId: string | null
}

const NO_MEMBER: MemberIdentity = { generation: -1, memberId: '', instanceId: null }

/** The offsets carry the transactional id as their metadata: whoever takes the partitions over can find who had them. */
export async function txnOffsetCommit(
  connection: Connection,
  broker: Broker,
  { transactionalId, producerId, producerEpoch }: ProducerIdentity,
  group: string,
  offsets: readonly OffsetCommit[],
  { generation, memberId, instanceId }: MemberIdentity = NO_MEMBER
): Promise<void> {
  const body = new Encoder()
  body.writeUVarIntString(transactionalId).writeUVarIntString(group).writeInt64(producerId).writeInt16(producerEpoch)
  body.writeInt32(generation).writeUVarIntString(memberId).writeUVarIntString(instanceId)
  writeTopics(body, offsets, ({ partition, offset }) =>
    body.writeInt32(partition).writeInt64(offset).writeInt32(ANY_LEADER_EPOCH).writeUVarIntString(transactionalId).writeUVarInt(NO_TAGS)
  )
  body.writeUVarInt(NO_TAGS)
  await sendFlexible(connection, broker, { key: apiKeys.TxnOffsetCommit, name: 'TxnOffsetCommit', version: 3 }, body, input => {
    for (const [, code] of readTopics(input, () => input.int16())) if (code !== 0) throw protocolErrors.createErrorFromCode(code)
  })
}

export interface StableOffset {
  /** Undefined: none was committed. */
  readonly offset: number | undefined
  readonly metadata: string
  /** A transaction that commits another is undecided. */
  readonly pending: boolean
}

/** @param stable whether the broker tells of undecided transactions instead of what was committed before */
export async function fetchOffsets(
  connection: Connection,
  group: string,
  partitions: readonly TopicPartition[],
  stable: boolean
): Promise<StableOffset[]> {
  const body = new Encoder().writeUVarIntString(group)
  writeTopics(body, partitions, ({ partition }) => body.writeInt32(partition))
  body.writeInt8(stable ? 1 : 0).writeUVarInt(NO_TAGS)
  const broker = await connection.coordinator('group', group)
  return sendFlexible(connection, broker, { key: apiKeys.OffsetFetch, name: 'OffsetFetch', version: 7 }, body, input => {
    const found = new Map<string, StableOffset>()
    const entries = readTopics(input, () => {
      const offset = Number(input.int64())
      input.int32()
      return { offset, metadata: input.compactString(), code: input.int16() }
    })
    for (const [name, { offset, metadata, code }] of entries) {
      if (code !== 0 && code !== UNSTABLE_OFFSET_COMMIT) throw protocolErrors.createErrorFromCode(code)
      found.set(name, { offset: offset < 0 ? undefined : offset, metadata, pending: code !== 0 })
    }
    const code = input.int16()
    if (code !== 0) throw protocolErrors.createErrorFromCode(code)
    return partitions.map(partition => found.get(nameOf(partition))!)
  })
}

function writeTopics<P extends TopicPartition>(body: Encoder, partitions: readonly P[], write: (partition: P) => void): void {
  const topics = byTopic(partitions, partition => partition)
  body.writeUVarInt(topics.length + 1)
  for (const { topic, partitions: own } of topics) {
    body.writeUVarIntString(topic).writeUVarInt(own.length + 1)
    for (const partition of own) write(partition)
    body.writeUVarInt(NO_TAGS)
  }
}

function* readTopics<T>(input: Reader, read: () => T): Iterable<[string, T]> {
  for (const _ of input.compactArray()) {
    const topic = input.compactString()
    for (const __ of input.compactArray()) {
      const name = nameOf({ topic, partition: input.int32() })
      yield [name, read()]
      input.tags()
    }
    input.tags()
  }
}
