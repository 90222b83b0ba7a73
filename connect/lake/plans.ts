/** What the lake has committed to the log: how far each partition is written, and the plan that may be half written. */
import { catalogue, planKey } from '../../schemas/catalogue.js'
import type { LakePlan } from '../../schemas/events.js'
import type { NewRecord, TopicPartition, TransactionalProducer } from '../../streams/log/log.js'
import type { LakeOptions } from './options.js'

const PLANS = catalogue['lake-plans'].name
const FETCH_BYTES = 1024 * 1024

/** The last plan of a partition; undefined: there is none. */
export async function lastPlan({ log, codec }: LakeOptions, { topic, partition }: TopicPartition): Promise<LakePlan | undefined> {
  const at = { topic: PLANS, partition }
  const key = planKey(topic, partition)
  const end = await log.endOffset(at)
  let plan: LakePlan | undefined
  for (let next = await log.beginningOffset(at); next < end; ) {
    const { records, nextOffset } = await log.fetch(at, next, FETCH_BYTES)
    for (const record of records)
      if (record.key?.toString() === key && record.value !== null) plan = codec.decode(PLANS, record.value) as LakePlan
    next = nextOffset
  }
  return plan
}

/** Commits as one partition's only writer: opening it fences an earlier one. */
export class PlanWriter {
  private constructor(
    private readonly producer: TransactionalProducer,
    private readonly options: Pick<LakeOptions, 'group' | 'codec'>,
    private readonly id: TopicPartition
  ) {}

  static async open(options: LakeOptions, id: TopicPartition): Promise<PlanWriter> {
    const producer = await options.log.transactionalProducer(`${options.group}-${id.topic}-${id.partition}`)
    return new PlanWriter(producer, options, id)
  }

  async commitPlan(plan: LakePlan): Promise<void> {
    const { topic, partition } = this.id
    const value = this.options.codec.encode(PLANS, plan)
    await this.#commit([{ topic: PLANS, partition, key: Buffer.from(planKey(topic, partition)), value }], plan.from)
  }

  async commitWritten(plan: LakePlan): Promise<void> {
    await this.#commit([], plan.next)
  }

  async close(): Promise<void> {
    await this.producer.close()
  }

  async #commit(records: readonly NewRecord[], offset: number): Promise<void> {
    await this.producer.commit({ group: this.options.group, records, offsets: [{ ...this.id, offset }] })
  }
}
