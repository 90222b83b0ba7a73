import type { AssignmentUnit, Consumer, GroupListener, LogRecord, TaskId, TopicPartition } from '../log.js'
import type { Connection } from './connection.js'
import { Fetcher } from './fetcher.js'
import { Lanes } from './lanes.js'
import { checkedUnits, Membership } from './membership.js'
import type { Offsets } from './offsets.js'
import type { Router } from './router.js'

export interface ConsumerParts {
  /** For the checks and the last request. */
  readonly connection: Connection
  /** Of this member alone. */
  readonly own: Connection
  readonly router: Router
  readonly offsets: Offsets
}

export async function joinAsConsumer(
  group: string,
  units: readonly AssignmentUnit[],
  listener: GroupListener,
  { connection, own, router, offsets }: ConsumerParts,
  onClosed: () => void
): Promise<KafkaConsumer> {
  const checked = await checkedUnits(connection, group, units)
  const fetcher = new Fetcher(own)
  const partitions = (tasks: readonly TaskId[]): TopicPartition[] =>
    tasks.flatMap(({ unit, partition }) => units.find(({ name }) => name === unit)!.topics.map(topic => ({ topic, partition })))
  const remove = (tasks: readonly TaskId[]) => {
    for (const partition of partitions(tasks)) fetcher.remove(partition)
  }
  const membership = new Membership(
    group,
    checked,
    {
      async assigned(tasks) {
        for (const partition of partitions(tasks)) fetcher.add(partition)
        await listener.assigned(tasks)
        for (const partition of partitions(tasks)) fetcher.activate(partition)
      },
      async revoked(tasks) {
        await listener.revoked(tasks)
        remove(tasks)
      },
      async lost(tasks) {
        remove(tasks)
        await listener.lost(tasks)
      },
      standbys: async tasks => listener.standbys?.(tasks)
    },
    own,
    connection
  )
  try {
    await membership.start()
  } catch (error) {
    await own.close()
    await fetcher.close()
    throw error
  }
  return new KafkaConsumer(membership, fetcher, new Lanes(group, connection, router, offsets, membership), onClosed)
}

export class KafkaConsumer implements Consumer {
  #closing: Promise<void> | undefined

  constructor(
    private readonly membership: Membership,
    private readonly fetcher: Fetcher,
    readonly lanes: Lanes,
    private readonly onClosed: () => void
  ) {}

  get memberId(): string {
    return this.membership.memberId
  }

  seek(partition: TopicPartition, offset: number): void {
    this.fetcher.seek(partition, offset)
  }

  poll(partition: TopicPartition, max: number): LogRecord[] {
    if (this.membership.failure !== undefined) throw this.membership.failure
    return this.fetcher.poll(partition, max)
  }

  position(partition: TopicPartition): number {
    return this.fetcher.position(partition)
  }

  onData(callback: () => void): void {
    this.fetcher.onData(callback)
  }

  close(): Promise<void> {
    this.#closing ??= this.membership
      .close()
      .then(() => Promise.all([this.fetcher.close(), this.lanes.close()]))
      .then(() => {})
      .finally(this.onClosed)
    return this.#closing
  }
}
