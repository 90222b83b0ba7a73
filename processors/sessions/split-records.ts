/** A record is sent when it has about this many bytes: it must stay below 512 KiB, whatever its last entry was. */
export const RECORD_BYTES = 384 * 1024
/** About how many bytes an entry of `plays` takes. */
export const PLAYS_BYTES = 32

export type Send<V> = (partition: number, value: V) => void
/** The partition of the track or artist with an id of `Names`. */
export type PartitionOf = (id: number) => number

/** Splits tracks, artists or rows by partition. */
export function byPartition(items: Iterable<number>, partitions: number, partitionOf: PartitionOf): number[][] {
  const split: number[][] = Array.from({ length: partitions }, () => [])
  for (const item of items) split[partitionOf(item)]!.push(item)
  return split
}

/** The rows of a table of that size. */
export function* rows(size: number): Iterable<number> {
  for (let row = 0; row < size; row++) yield row
}
