/** How batches are written into the index: sequence, first offset, bytes, greatest time. */
import { batchKey, lastOffsetOf } from './keys.js'
import type { BatchInfo, Partition } from './partition.js'

export type Operation = { type: 'put'; key: Buffer; value: Buffer } | { type: 'del'; key: Buffer }

const ENTRY_BYTES = 24

export function putBatch(partition: Partition, info: BatchInfo): Operation {
  const value = Buffer.allocUnsafe(ENTRY_BYTES)
  value.writeUIntBE(info.sequence, 0, 6)
  value.writeUIntBE(info.first, 6, 6)
  value.writeUInt32BE(info.bytes, 12)
  value.writeDoubleBE(info.maxTime, 16)
  return { type: 'put', key: batchKey(partition.topicId, partition.number, info.last), value }
}

export function readBatch(key: Buffer, value: Buffer): BatchInfo {
  return {
    sequence: value.readUIntBE(0, 6),
    first: value.readUIntBE(6, 6),
    last: lastOffsetOf(key),
    bytes: value.readUInt32BE(12),
    maxTime: value.readDoubleBE(16)
  }
}

export const putSize = (key: Buffer, bytes: number): Operation => {
  const value = Buffer.allocUnsafe(4)
  value.writeUInt32BE(bytes)
  return { type: 'put', key, value }
}
