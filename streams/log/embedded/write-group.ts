/** What goes into the journal in one atomic write. */
import type { OffsetCommit } from '../log.js'
import { LogConfigError, ProducerFencedError } from '../log.js'
import { BatchWriter, recordBound } from './batch.js'
import { type Delta, encodeDelta } from './catalogue.js'
import type { Partition } from './partition.js'
import type { Routed } from './router.js'
import type { State } from './state.js'

export interface Write {
  readonly records?: readonly Routed[]
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

export class WriteGroup {
  readonly #state: State
  readonly #jobs: { job: Job; written: Written }[] = []
  readonly #values: Buffer[] = []
  readonly #routed = new Map<Partition, { parts: Routed[]; bytes: number; end: number }>()
  #delta: Delta | undefined

  constructor(state: State) {
    this.#state = state
  }

  get delta(): Delta | undefined {
    return this.#delta
  }

  /** @throws what speaks against writing the job. */
  add(job: Job): void {
    const gone = job.records?.find(({ partition }) => partition.dropped)
    if (gone) throw new LogConfigError(`Topic '${gone.partition.topic}' was deleted before its records could be written.`)
    const epoch = this.#fence(job)
    const ends = (job.records ?? []).map(routed => this.#append(routed))
    if (job.entries) this.#values.push(...job.entries())
    if (job.delta) this.#merge(job.delta)
    this.#jobs.push({ job, written: { ends, epoch } })
  }

  /** The journal's entries; the delta, if there is one, comes last. */
  finish(): Buffer[] {
    for (const [partition, { parts, bytes }] of this.#routed) this.#encode(partition, parts, bytes)
    if (this.#delta) this.#values.push(encodeDelta(this.#delta))
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
    const merged = (this.#delta ?? {}) as Record<string, unknown[]>
    for (const [name, list] of Object.entries(delta)) merged[name] = [...(merged[name] ?? []), ...(list as unknown[])]
    this.#delta = merged
  }

  #append(routed: Routed): OffsetCommit {
    const { partition } = routed
    const all = this.#routed.get(partition) ?? { parts: [], bytes: 0, end: partition.end }
    all.parts.push(routed)
    all.bytes += routed.bytes
    all.end += routed.records.length
    this.#routed.set(partition, all)
    return { topic: partition.topic, partition: partition.number, offset: all.end }
  }

  #encode({ topicId, number, end }: Partition, parts: readonly Routed[], bytes: number): void {
    let left = bytes
    let offset = end
    let writer = new BatchWriter(offset, Math.min(left, BATCH_BYTES))
    for (const { records, now } of parts) {
      for (const record of records) {
        const bound = recordBound(record)
        if (writer.isFullFor(bound)) {
          this.#values.push(writer.finish(topicId, number, offset - 1))
          writer = new BatchWriter(offset, Math.min(left, Math.max(BATCH_BYTES, bound)))
        }
        writer.record(offset++, record.timestamp ?? now, record, bound)
        left -= bound
      }
    }
    this.#values.push(writer.finish(topicId, number, offset - 1))
  }
}
