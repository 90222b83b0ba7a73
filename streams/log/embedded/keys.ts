/**
 * Keys of the two databases. Integers are big-endian, so that keys order as numbers do.
 * Journal: `F` format; `d` + sequence: an entry. `F` sorts before `d`: see journal.ts on why that matters.
 * Index: `b` + topic id + partition + last offset: where a batch is; `s` + sequence: a live entry of metadata;
 * `g` + sequence: an entry that nothing refers to any more; `m`: the checkpoint. No key is in both: one database can hold all.
 */
export const FORMAT_KEY = Buffer.from('F')
export const CHECKPOINT_KEY = Buffer.from('m')
export const MAX_OFFSET = 2 ** 48 - 1

export type SequencePrefix = 'd' | 's' | 'g'

export function sequenceKey(prefix: SequencePrefix, sequence: number): Buffer {
  const key = Buffer.allocUnsafe(7)
  key[0] = prefix.charCodeAt(0)
  key.writeUIntBE(sequence, 1, 6)
  return key
}

export const sequenceOf = (key: Buffer): number => key.readUIntBE(1, 6)

export function batchKey(topicId: number, partition: number, lastOffset: number): Buffer {
  const key = Buffer.allocUnsafe(15)
  key[0] = 0x62
  key.writeUInt32BE(topicId, 1)
  key.writeUInt32BE(partition, 5)
  key.writeUIntBE(lastOffset, 9, 6)
  return key
}

export const lastOffsetOf = (key: Buffer): number => key.readUIntBE(9, 6)
