/**
 * Writes one partition into the lake, exactly once: commit a plan, write the files that it says under names that only they have,
 * commit the offset. Whoever comes after a crash finds the plan, and writes the same files again, or finds them written.
 */
import type { SourceTopic } from '../../schemas/catalogue.js'
import type { LakePlan } from '../../schemas/events.js'
import { type LogRecord, OffsetOutOfRangeError } from '../../streams/log/log.js'
import type { EncodedFile } from './encode.js'
import type { Encoder, Encoding } from './encoder.js'
import { hourOf, parseKey, tableOf, tablePrefix, UNDECODABLE } from './names.js'
import type { LakeOptions } from './options.js'
import { lastPlan, PlanWriter } from './plans.js'
import { LakeConflictError, putOnce } from './put.js'

const FETCH_BYTES = 512 * 1024
/** Of a record, until some were seen. */
const USUAL_BYTES = 150

export interface InputPartition {
  readonly topic: SourceTopic
  readonly partition: number
}

/** The log no longer has what a plan names. Reaction: tell. */
export class LakeGapError extends Error {
  override name = 'LakeGapError'
}

export class PartitionWriter {
  /** What is below is in the lake. */
  position = 0
  #pending: LakePlan | undefined
  #writer: PlanWriter | undefined
  #seenAt: number | undefined
  #recordBytes = USUAL_BYTES

  constructor(
    readonly id: InputPartition,
    private readonly options: LakeOptions,
    private readonly encoder: Encoder
  ) {}

  /** Fences an earlier writer, then reads how far it came. */
  async open(): Promise<void> {
    const { log, group } = this.options
    await this.#writer?.close().catch(() => {})
    this.#writer = await PlanWriter.open(this.options, this.id)
    const [position] = await log.committed(group, [this.id])
    if (position === undefined) await this.#refuseForeign()
    const plan = await lastPlan(this.options, this.id)
    this.position = position ?? (await log.beginningOffset(this.id))
    this.#pending = plan !== undefined && position !== undefined && plan.next > position ? plan : undefined
  }

  /** A log that has never written to the lake begins at other records than those that are there. @throws LakeConflictError */
  async #refuseForeign(): Promise<void> {
    const { objects } = this.options
    const { topic, partition } = this.id
    for (const table of [tableOf(topic), UNDECODABLE])
      for await (const { key } of objects.list(tablePrefix(table))) {
        const name = parseKey(key)
        if (name?.partition === partition && (name.topic ?? topic) === topic)
          throw new LakeConflictError(
            `${objects.place} has rows of ${topic}-${partition}, such as ${key}, and this log has never written there. Give this one a lake of its own (SEGUE_LAKE, S3_BUCKET), or rebuild the topics of that lake: segue replay --from-lake.`
          )
      }
  }

  async close(): Promise<void> {
    await this.#writer?.close().catch(() => {})
  }

  /** Whether there is a file to write now. `all`: of whatever is there. */
  async isDue(all: boolean): Promise<boolean> {
    if (this.#pending !== undefined) return true
    const { log, rotation, now = Date.now } = this.options
    const waiting = (await log.endOffset(this.id)) - this.position
    if (waiting <= 0) this.#seenAt = undefined
    else this.#seenAt ??= now()
    if (this.#seenAt === undefined) return false
    return all || waiting >= rotation.rows || waiting * this.#recordBytes >= rotation.bytes || now() - this.#seenAt >= rotation.ageMs
  }

  /** Writes the files of one plan. Its keys; undefined: there was no record to write. */
  async write(): Promise<readonly string[] | undefined> {
    const planned = await this.encoder.encode(this.id.topic, this.id.partition, this.#pending?.absent, encoding =>
      this.#pending === undefined ? this.#plan(encoding) : this.#repeat(encoding, this.#pending)
    )
    if (planned === undefined) return undefined
    const { plan, files } = planned
    for (const file of files) await putOnce(this.options.objects, file)
    await this.#writer!.commitWritten(plan)
    this.position = plan.next
    this.#pending = undefined
    this.#seenAt = undefined
    return files.map(({ key }) => key)
  }

  async #plan(encoding: Encoding): Promise<{ plan: LakePlan; files: EncodedFile[] } | undefined> {
    const { records, bytes, next } = await this.#read(encoding)
    if (records === 0) return undefined
    this.#recordBytes = bytes / records
    const plan: LakePlan = { ...this.id, from: this.position, next, records, absent: [...encoding.absent] }
    const files = await encoding.finish([plan.from, plan.next, plan.records])
    await this.#writer!.commitPlan(plan)
    this.#pending = plan
    return { plan, files }
  }

  /** Up to the first record that belongs in another file. Records of an hour that is past come along, into a file of theirs. */
  async #read(encoding: Encoding): Promise<{ records: number; bytes: number; next: number }> {
    const { log, rotation } = this.options
    const end = await log.endOffset(this.id)
    let [records, bytes, next] = [0, 0, await this.#start()]
    let hour: number | undefined
    const fits = (record: LogRecord) => {
      hour ??= hourOf(record.timestamp)
      return records < rotation.rows && bytes < rotation.bytes && hourOf(record.timestamp) <= hour
    }
    while (next < end) {
      const fetched = await log.fetch(this.id, next, FETCH_BYTES)
      let taken = 0
      for (; taken < fetched.records.length && fits(fetched.records[taken]!); taken++) {
        records++
        bytes += fetched.records[taken]!.value?.length ?? 0
      }
      if (taken > 0) await encoding.add(fetched.records.slice(0, taken))
      if (taken < fetched.records.length) return { records, bytes, next: fetched.records[taken]!.offset }
      next = fetched.nextOffset
    }
    return { records, bytes, next }
  }

  /** Where reading begins: at the position, unless the log has let go of records that were not yet in the lake. */
  async #start(): Promise<number> {
    const { log, onNotice } = this.options
    const { topic, partition } = this.id
    const begin = await log.beginningOffset(this.id)
    if (begin > this.position) {
      onNotice(`${topic}-${partition}: the log has deleted the offsets ${this.position} to ${begin - 1} before they were in the lake.`)
      this.position = begin
    }
    return this.position
  }

  async #repeat(encoding: Encoding, plan: LakePlan): Promise<{ plan: LakePlan; files: EncodedFile[] }> {
    let records = 0
    for (let next = plan.from; next < plan.next; ) {
      const fetched = await this.#fetchPlanned(plan, next)
      const wanted = fetched.records.filter(({ offset }) => offset < plan.next)
      if (wanted.length > 0) await encoding.add(wanted)
      records += wanted.length
      next = fetched.nextOffset
    }
    if (records !== plan.records) throw gap(plan, `it has ${records} of ${plan.records}`)
    return { plan, files: await encoding.finish([plan.from, plan.next, plan.records]) }
  }

  async #fetchPlanned(plan: LakePlan, next: number) {
    try {
      return await this.options.log.fetch(this.id, next, FETCH_BYTES)
    } catch (error) {
      if (error instanceof OffsetOutOfRangeError) throw gap(plan, error.message)
      throw error
    }
  }
}

const gap = ({ topic, partition, from, next }: LakePlan, why: string) =>
  new LakeGapError(
    `${topic}-${partition}: the log no longer has all of the offsets ${from} to ${next - 1}, which were being written to the lake when it was stopped (${why}).`
  )
