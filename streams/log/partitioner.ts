/** Chooses partitions exactly as Kafka's Java client does, so that any client puts a key's records into the same one. */

/** Kafka's 32-bit murmur2 (org.apache.kafka.common.utils.Utils), as a signed integer. */
export function murmur2(data: Uint8Array): number {
  const m = 0x5bd1e995
  const length = data.length
  let h = 0x9747b28c ^ length
  const words = length >> 2
  for (let i = 0; i < words; i++) {
    const at = i << 2
    let k = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    h = Math.imul(h, m) ^ Math.imul(k, m)
  }
  const rest = words << 2
  const left = length & 3
  if (left > 2) h ^= data[rest + 2]! << 16
  if (left > 1) h ^= data[rest + 1]! << 8
  if (left > 0) h = Math.imul(h ^ data[rest]!, m)
  h = Math.imul(h ^ (h >>> 13), m)
  return h ^ (h >>> 15)
}

/** The partition of a key: Java's `toPositive(murmur2(key)) % partitions`. */
export const partitionOf = (key: Uint8Array, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions

/** Chooses a partition for each record; those without a key go to the partitions in turn. */
export function partitioner(): (key: Uint8Array | null, partitions: number) => number {
  let turn = 0
  return (key, partitions) => (key === null ? turn++ % partitions : partitionOf(key, partitions))
}
