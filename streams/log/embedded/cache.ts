import type { BatchInfo, Partition } from './partition.js'

/** Beside the bytes of a batch, what it costs to keep it. */
const ENTRY_COST = 256

/** Keeps the newest batches of all partitions in memory, first in first out, so that readers that keep up never read the disk. */
export class TailCache {
  #entries: { partition: Partition; info: BatchInfo }[] = []
  #oldest = 0
  #bytes = 0

  constructor(
    readonly limit: number,
    /** Whether the index has a batch, so that it may be forgotten. */
    readonly isIndexed: (info: BatchInfo) => boolean
  ) {}

  add(partition: Partition, info: BatchInfo, value: Buffer): void {
    info.value = value
    this.#entries.push({ partition, info })
    this.#bytes += info.bytes + ENTRY_COST
    while (this.#bytes > this.limit) this.#evict()
  }

  #evict(): void {
    const { partition, info } = this.#entries[this.#oldest++]!
    this.#bytes -= info.bytes + ENTRY_COST
    info.value = undefined
    this.forget(partition)
    if (this.#oldest > 1024 && 2 * this.#oldest > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#oldest)
      this.#oldest = 0
    }
  }

  /** Drops what is neither cached nor needed from a partition's newest batches. */
  forget(partition: Partition): void {
    partition.dropRecent(info => info.value === undefined && this.isIndexed(info))
  }
}
