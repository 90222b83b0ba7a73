import type { Broker, ProtocolCall } from 'kafkajs/src/cluster/index.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import protocolErrors from 'kafkajs/src/protocol/error.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import type { TopicPartition } from '../log.js'
import type { AbortedTransaction } from './batch-reader.js'
import type { Connection } from './connection.js'
import { Reader } from './reader.js'

const VERSION = 11
const READ_COMMITTED = 1
const NO_SESSION = -1

export interface FetchFrom extends TopicPartition {
  readonly offset: number
  readonly maxBytes: number
}

export interface FetchBounds {
  /** Wait so long for something to arrive, milliseconds. */
  readonly maxWaitMs: number
  readonly maxBytes: number
}

export interface FetchedPartition extends TopicPartition {
  readonly error: Error | undefined
  /** The end for read-committed readers: all below is decided. What is in `bytes` ends there. */
  readonly lastStableOffset: number
  readonly aborted: readonly AbortedTransaction[]
  readonly bytes: Buffer
}

/** One fetch from one broker, read-committed; the batches are left as they came. */
export function fetchFrom(
  connection: Connection,
  broker: Broker,
  from: readonly FetchFrom[],
  bounds: FetchBounds
): Promise<FetchedPartition[]> {
  const call: ProtocolCall<FetchedPartition[]> = {
    request: { apiKey: apiKeys.Fetch, apiVersion: VERSION, apiName: 'Fetch', encode: async () => encode(from, bounds) },
    response: { decode: async payload => decode(payload), parse: async data => (data as { partitions: FetchedPartition[] }).partitions },
    requestTimeout: bounds.maxWaitMs + connection.settings.requestTimeoutMs
  }
  return connection.send(broker, call)
}

function encode(from: readonly FetchFrom[], { maxWaitMs, maxBytes }: FetchBounds): Encoder {
  const out = new Encoder(64 + 64 * from.length)
    .writeInt32(-1)
    .writeInt32(maxWaitMs)
    .writeInt32(1)
    .writeInt32(maxBytes)
    .writeInt8(READ_COMMITTED)
    .writeInt32(0)
    .writeInt32(NO_SESSION)
    .writeInt32(from.length)
  for (const { topic, partition, offset, maxBytes: partitionBytes } of from)
    out.writeString(topic).writeInt32(1).writeInt32(partition).writeInt32(-1).writeInt64(offset).writeInt64(-1).writeInt32(partitionBytes)
  return out.writeInt32(0).writeString('')
}

function decode(payload: Buffer): { clientSideThrottleTime: number; partitions: FetchedPartition[] } {
  const input = new Reader(payload)
  const clientSideThrottleTime = input.int32()
  const failure = errorOf(input.int16())
  if (failure !== undefined) throw failure
  input.int32()
  const partitions: FetchedPartition[] = []
  for (let topics = input.int32(); topics > 0; topics--) {
    const topic = input.string()
    for (let count = input.int32(); count > 0; count--) partitions.push(decodePartition(topic, input))
  }
  return { clientSideThrottleTime, partitions }
}

function decodePartition(topic: string, input: Reader): FetchedPartition {
  const partition = input.int32()
  const error = errorOf(input.int16())
  input.int64()
  const lastStableOffset = Number(input.int64())
  input.int64()
  const aborted: AbortedTransaction[] = []
  for (let count = input.int32(); count > 0; count--) aborted.push({ producerId: input.int64(), firstOffset: Number(input.int64()) })
  input.int32()
  return { topic, partition, error, lastStableOffset, aborted, bytes: input.bytes() }
}

const errorOf = (code: number): Error | undefined => (code === 0 ? undefined : protocolErrors.createErrorFromCode(code))
