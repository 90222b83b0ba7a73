/** The log's state in memory, as the fold of its journal. */

import { type BatchHead, isWhole, KIND_RECORDS, kindOf, readHead } from './batch.js'
import { BatchIndex } from './batch-index.js'
import { Catalogue, type Delta, decodeDelta, KIND_DELTA, KIND_SNAPSHOT } from './catalogue.js'
import { restoreCheckpoint } from './checkpoint.js'
import { corrupted } from './errors.js'
import { Journal } from './journal.js'
import type { Database, Settings } from './options.js'
import type { Partition } from './partition.js'

/** While entries are read again, write them into the index after so many. */
const REPLAY_SLICE = 5000

export class State {
  readonly catalogue = new Catalogue()
  readonly journal: Journal
  readonly index: BatchIndex
  /** Bytes appended since the log was opened. */
  appendedBytes = 0
  /** Changes of metadata since the last snapshot, or the start. */
  deltas = 0
  #holes: { partition: Partition; offset: number }[] = []

  constructor(
    journal: Database,
    index: Database,
    readonly settings: Settings
  ) {
    this.journal = new Journal(journal, settings.name, settings.fsync, settings.recycleBytes)
    this.index = new BatchIndex(index, this.journal, this.catalogue, settings.cacheBytes)
  }

  /** Opens the databases and reads what the last checkpoint does not hold; rebuilds the index where it can't be trusted. */
  async open(): Promise<void> {
    await this.journal.open()
    await this.index.db.open()
    const checkpoint = await this.index.load()
    if (checkpoint) restoreCheckpoint(this.catalogue, checkpoint)
    else await this.#beginAnew()
    await this.replay(checkpoint?.sequence ?? 0)
    if (checkpoint) return
    await this.index.checkpoint()
    for (const partition of this.catalogue.partitions()) partition.dropRecent(() => true)
  }

  /** Without an index: which topics there are is needed first, as a snapshot of the metadata may come after their batches. */
  async #beginAnew(): Promise<void> {
    await this.index.clear()
    await this.journal.scan(0, (_, value) => {
      if (kindOf(value) === KIND_RECORDS || !isWhole(value)) return undefined
      const { nextTopicId = 0, topics = [], dropped = [] } = decodeDelta(value)
      this.catalogue.apply({ nextTopicId, topics, dropped })
      return undefined
    })
  }

  /** Applies the entries from a sequence number on. Returns how many there were. */
  async replay(from: number): Promise<number> {
    let count = 0
    await this.journal.scan(from, (sequence, value) => {
      if (!isWhole(value)) throw corrupted(this.settings.name, `entry ${sequence} of the journal has a wrong checksum`)
      this.journal.next = sequence + 1
      this.apply(sequence, value)
      const cleaned = kindOf(value) === KIND_RECORDS && readHead(value).cleaned
      return ++count % REPLAY_SLICE === 0 || cleaned ? this.index.checkpoint() : undefined
    })
    await this.#checkHoles()
    return count
  }

  /** Takes over one durable entry of the journal: from now on it is visible. Returns the partition that records were added to. */
  apply(sequence: number, value: Buffer, decoded?: Delta): Partition | undefined {
    const bytes = value.length
    const kind = kindOf(value)
    if (kind === KIND_RECORDS) return this.#applyRecords(sequence, value, readHead(value))
    if (kind !== KIND_DELTA && kind !== KIND_SNAPSHOT)
      throw corrupted(this.settings.name, `entry ${sequence} of the journal is of an unknown kind`)
    this.catalogue.apply(decoded ?? decodeDelta(value))
    this.deltas = kind === KIND_DELTA ? this.deltas + 1 : 0
    this.index.add({ kind: kind === KIND_DELTA ? 'delta' : 'snapshot', sequence, bytes })
    return undefined
  }

  #applyRecords(sequence: number, value: Buffer, head: BatchHead): Partition | undefined {
    const { first, last, maxTime } = head
    const bytes = value.length
    const partition = this.catalogue.byIds(head.topicId, head.partition)
    if (!partition) {
      this.index.add({ kind: 'garbage', sequence, bytes })
      return undefined
    }
    const info = { sequence, first, last, bytes, maxTime, value: undefined }
    if (head.cleaned) {
      partition.end = Math.max(partition.end, last + 1)
      this.index.add({ kind: 'replacement', partition, info, sequence, bytes })
      return undefined
    }
    if (first > partition.end) this.#holes.push({ partition, offset: partition.end })
    partition.append(info)
    this.index.add({ kind: 'batch', partition, info, sequence, bytes })
    this.index.cache.add(partition, info, value)
    this.appendedBytes += bytes
    return partition
  }

  /** A hole between batches is fine if cleaning or deleting has left it, else records were lost. */
  async #checkHoles(): Promise<void> {
    const holes = this.#holes
    this.#holes = []
    for (const { partition, offset } of holes) {
      const from = Math.max(offset, partition.start)
      if (from >= partition.end || partition.dropped) continue
      const [info] = await this.index.find(partition, from, 1)
      if (!info || info.first > from) {
        throw corrupted(
          this.settings.name,
          `records of topic '${partition.topic}', partition ${partition.number}, are missing from offset ${from}`
        )
      }
    }
  }
}
