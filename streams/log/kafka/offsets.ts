import type { OffsetCommit, TopicPartition } from '../log.js'
import { GroupActiveError, LogConfigError } from '../log.js'
import { byTopic, nameOf } from './by-topic.js'
import type { Connection } from './connection.js'
import { toLogError, typeOf } from './errors.js'

const READ_UNCOMMITTED = 0
const READ_COMMITTED = 1
export const BEGINNING = -2
export const END = -1
/** Not the protocol's: the end for readers that see what is undecided. */
export const HIGH_WATERMARK = -101
const NONE = -1

interface Wanted {
  readonly partition: TopicPartition
  readonly timestamp: number
  resolve(offset: number): void
  reject(error: unknown): void
}

/** Offsets of partitions and of groups. */
export class Offsets {
  #wanted: Wanted[] = []
  #asking = false

  constructor(private readonly connection: Connection) {}

  /**
   * The offset for a time, or BEGINNING or END (the last stable offset). What is asked for at once goes in one request.
   * @returns undefined where there is no record at or after the time
   */
  async at(partition: TopicPartition, timestamp: number): Promise<number | undefined> {
    const offset = await new Promise<number>((resolve, reject) => {
      this.#wanted.push({ partition, timestamp, resolve, reject })
      if (!this.#asking) void this.#ask()
    })
    return offset === NONE ? undefined : offset
  }

  async committed(group: string, partitions: readonly TopicPartition[]): Promise<(number | undefined)[]> {
    if (partitions.length === 0) return []
    const topics = byTopic(partitions, ({ partition }) => ({ partition }))
    const { responses } = await this.connection.retrying(`read the offsets of group ${group}`, async () =>
      (await this.connection.coordinator('group', group)).offsetFetch({ groupId: group, topics })
    )
    const found = new Map<string, number>()
    for (const { topic, partitions: entries } of responses)
      for (const { partition, offset } of entries) if (Number(offset) >= 0) found.set(nameOf({ topic, partition }), Number(offset))
    return partitions.map(partition => found.get(nameOf(partition)))
  }

  async members(group: string): Promise<string[]> {
    const { groups } = await this.connection.retrying(`describe group ${group}`, async () =>
      (await this.connection.coordinator('group', group)).describeGroups({ groupIds: [group] })
    )
    const members = groups.flatMap(description => description.members)
    return members.map(({ clientId, clientHost, memberId }) => `${clientId} on ${clientHost.replace(/^\//, '')} (${memberId})`)
  }

  async setCommitted(group: string, offsets: readonly OffsetCommit[]): Promise<void> {
    if (offsets.length === 0) return
    const topics = byTopic(offsets, ({ partition, offset }) => ({ partition, offset: String(offset), metadata: null }))
    const request = { groupId: group, groupGenerationId: -1, memberId: '', retentionTime: -1, topics }
    await this.connection.retrying(`set the offsets of group ${group}`, async () => {
      const coordinator = await this.connection.coordinator('group', group)
      try {
        await coordinator.offsetCommit(request)
      } catch (error) {
        if (typeOf(error) !== 'UNKNOWN_MEMBER_ID') throw error
        const names = (await this.members(group)).join(', ')
        throw new GroupActiveError(`Group '${group}' has members: ${names}. Stop them before its offsets are set.`)
      }
    })
  }

  async deleteRecords(before: readonly OffsetCommit[]): Promise<void> {
    await this.connection.retrying('delete records', async () => {
      for (const [broker, own] of await this.connection.byLeader(before)) {
        // The reply names one topic only: one topic at a time tells what failed.
        for (const entry of byTopic(own, ({ partition, offset }) => ({ partition, offset: String(offset) }))) {
          try {
            await broker.deleteRecords({ topics: [entry] })
          } catch (error) {
            throw (error as { partitions?: { error: Error }[] }).partitions?.[0]?.error ?? error
          }
        }
      }
    })
  }

  /** One round at a time; what is asked for meanwhile goes together into the next. */
  async #ask(): Promise<void> {
    this.#asking = true
    while (this.#wanted.length > 0) {
      await new Promise(resolve => setImmediate(resolve))
      const wanted = this.#wanted
      this.#wanted = []
      // A request asks of a partition once.
      const times = [...new Set(wanted.map(one => one.timestamp))]
      await Promise.all(
        times.map(async timestamp => {
          const own = wanted.filter(one => one.timestamp === timestamp)
          await this.#list(own, timestamp).catch(error => {
            for (const { reject } of own) reject(toLogError(error, 'list offsets'))
          })
        })
      )
    }
    this.#asking = false
  }

  async #list(wanted: readonly Wanted[], timestamp: number): Promise<void> {
    const partitions = [...new Map(wanted.map(({ partition }) => [nameOf(partition), partition])).values()]
    const topics = [...new Set(partitions.map(({ topic }) => topic))].join(', ')
    const offsets = await this.connection.retrying(`list the offsets of ${topics}`, async () => {
      const found = new Map<string, number>()
      for (const [broker, own] of await this.connection.byLeader(partitions)) {
        const [isolationLevel, time] = timestamp === HIGH_WATERMARK ? [READ_UNCOMMITTED, END] : [READ_COMMITTED, timestamp]
        const request = { replicaId: -1, isolationLevel, topics: byTopic(own, ({ partition }) => ({ partition, timestamp: time })) }
        for (const { topic, partitions: entries } of (await broker.listOffsets(request)).responses)
          for (const { partition, offset } of entries) found.set(nameOf({ topic, partition }), Number(offset))
      }
      return found
    })
    for (const { partition, resolve, reject } of wanted) {
      const offset = offsets.get(nameOf(partition))
      if (offset === undefined) reject(new LogConfigError(`Topic '${partition.topic}' has no partition ${partition.partition}.`))
      else resolve(offset)
    }
  }
}
