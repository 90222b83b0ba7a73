/** What goes into the journal in one atomic write. */
import type { NewRecord, OffsetCommit } from '../log.js'
import { LogConfigError, ProducerFencedError } from '../log.js'
import { BatchWriter, recordBound } from './batch.js'
import { type Delta, encodeDelta } from './catalogue.js'
import type { Partition } from './partition.js'
import type { State } from './state.js'

export interface RoutedRecord {
  readonly partition: Partition
  readonly timestamp: number
  readonly record: NewRecord
}

export interface Write {
  readonly records?: readonly RoutedRecord[]
  readonly delta?: Delta
  /** Makes whole entries (cleaned batches, a snapshot) when its turn has come. */
  readonly entries?: () => readonly Buffer[]
  /** Written only if no newer producer has the id. */
  readonly producer?: { readonly id: string; readonly epoch: number }
  /** Gives the id its next epoch, so that older producers are fenced. */
  readonly fence?: string
}

export interface Written {
  readonly ends: OffsetCommit[]
  readonly epoch: number
}

export interface Job extends Write {
  readonly bytes: number
  resolve(written: Written): void
  reject(error: unknown): void
}

/** A partition's records of one write are divided into batches of about this size, the unit of reading. */
export const BATCH_BYTES = 256 << 10

function droppedTopic(records: readonly RoutedRecord[] = []): Error | undefined {
  const gone = records.find(({ partition }) => partition.dropped)
  return gone && new LogConfigError(`Topic '${gone.partition.topic}' was deleted before its records could be written.`)
}

/** The jobs of one write. */
export class WriteGroup {
  readonly #state: State
  readonly #jobs: { job: Job; written: Written }[] = []
  readonly #values: Buffer[] = []
  readonly #open = new Map<Partition, { records: RoutedRecord[]; bound: number; first: number }>()
  delta: Delta | undefined

  constructor(state: State) {
    this.#state = state
  }

  /** @throws what speaks against writing the job. */
  add(job: Job): void {
    const refused = droppedTopic(job.records)
    if (refused) throw refused
    const epoch = this.#fence(job)
    const touched = new Set<Partition>()
    for (const routed of job.records ?? []) {
      this.#append(routed)
      touched.add(routed.partition)
    }
    const ends = Array.from(touched, partition => ({ topic: partition.topic, partition: partition.number, offset: this.#next(partition) }))
    if (job.entries) this.#values.push(...job.entries())
    if (job.delta) this.#merge(job.delta)
    this.#jobs.push({ job, written: { ends, epoch } })
  }

  /** The journal's entries; the delta, if there is one, comes last. */
  finish(): Buffer[] {
    for (const partition of this.#open.keys()) this.#close(partition)
    if (this.delta) this.#values.push(encodeDelta(this.delta))
    return this.#values
  }

  resolve(): void {
    for (const { job, written } of this.#jobs) job.resolve(written)
  }

  reject(error: Error): void {
    for (const { job } of this.#jobs) job.reject(error)
  }

  #fence({ producer, fence }: Job): number {
    const { epochs } = this.#state.catalogue
    if (producer && epochs.get(producer.id) !== producer.epoch) {
      const newer = `A newer producer (epoch ${epochs.get(producer.id)}) has the transactional id '${producer.id}'`
      throw new ProducerFencedError(`${newer}; this one (epoch ${producer.epoch}) wrote nothing.`)
    }
    if (fence === undefined) return producer?.epoch ?? 0
    const epoch = (epochs.get(fence) ?? -1) + 1
    epochs.set(fence, epoch)
    this.#merge({ producers: [[fence, epoch]] })
    return epoch
  }

  #merge(delta: Delta): void {
    const merged: Delta = this.delta ?? {}
    this.delta = merged
    if (delta.topics) merged.topics = [...(merged.topics ?? []), ...delta.topics]
    if (delta.dropped) merged.dropped = [...(merged.dropped ?? []), ...delta.dropped]
    if (delta.offsets) merged.offsets = [...(merged.offsets ?? []), ...delta.offsets]
    if (delta.producers) merged.producers = [...(merged.producers ?? []), ...delta.producers]
    if (delta.starts) merged.starts = [...(merged.starts ?? []), ...delta.starts]
    if (delta.cleaned) merged.cleaned = [...(merged.cleaned ?? []), ...delta.cleaned]
  }

  #next(partition: Partition): number {
    const open = this.#open.get(partition)
    return open ? open.first + open.records.length : partition.end
  }

  #append(routed: RoutedRecord): void {
    const { partition, record } = routed
    const bound = recordBound(record.key, record.value, record.headers)
    let open = this.#open.get(partition)
    if (open && open.records.length > 0 && open.bound + bound > BATCH_BYTES) {
      this.#close(partition)
      open = this.#open.get(partition)
    }
    if (!open) {
      open = { records: [], bound: 0, first: partition.end }
      this.#open.set(partition, open)
    }
    open.records.push(routed)
    open.bound += bound
  }

  #close(partition: Partition): void {
    const { records, bound, first } = this.#open.get(partition)!
    const writer = new BatchWriter(first, bound)
    let offset = first
    for (const { timestamp, record } of records) writer.record(offset++, timestamp, record.key, record.value, record.headers)
    if (records.length > 0) this.#values.push(writer.finish(partition.topicId, partition.number, offset - 1))
    this.#open.set(partition, { records: [], bound: 0, first: offset })
  }
}
