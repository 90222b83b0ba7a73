/** Where a batch is, and what it covers. */
export interface BatchInfo {
  readonly sequence: number
  readonly first: number
  readonly last: number
  readonly bytes: number
  readonly maxTime: number
  /** The batch itself, as long as it is in the cache. */
  value?: Buffer | undefined
}

/** One partition in memory: its bounds and its newest batches. Batches cover start..end without holes. */
export class Partition {
  /** The first offset that may be read. */
  start = 0
  /** The offset after the last committed record. */
  end = 0
  /** Compacted up to here, once at least. */
  cleaned = 0
  /** Bytes of its batches in the index, and of those that were appended since the last cleaning. */
  bytes = 0
  dirtyBytes = 0
  dropped = false
  /** The newest batches, in order and without holes up to the end: those that are in the cache or not in the index yet. */
  recent: BatchInfo[] = []
  /** Run after records were added. */
  readonly listeners = new Set<() => void>()

  constructor(
    readonly topicId: number,
    readonly topic: string,
    readonly number: number
  ) {}

  append(info: BatchInfo): void {
    this.recent.push(info)
    this.end = Math.max(this.end, info.last + 1)
  }

  advanceStart(offset: number): void {
    this.start = Math.max(this.start, offset)
    this.end = Math.max(this.end, offset)
  }

  setCleaned(offset: number): void {
    this.cleaned = Math.max(this.cleaned, offset)
  }

  /** The position in `recent` of the batch that covers an offset; -1 if it is older. */
  indexOf(offset: number): number {
    const recent = this.recent
    if (recent.length === 0 || offset < recent[0]!.first) return -1
    let low = 0
    let high = recent.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (recent[middle]!.last < offset) low = middle + 1
      else high = middle
    }
    return recent[low]!.last < offset ? -1 : low
  }

  /** Forgets the oldest of the newest batches, as long as they may be forgotten. */
  dropRecent(mayGo: (info: BatchInfo) => boolean): void {
    let keep = 0
    while (keep < this.recent.length && mayGo(this.recent[keep]!)) keep++
    if (keep > 0) this.recent.splice(0, keep)
  }
}
