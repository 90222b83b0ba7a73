import type { AssignmentUnit, Consumer, GroupListener, LogRecord, TaskId, TopicPartition } from '../log.js'
import type { Connection } from './connection.js'
import { Fetcher } from './fetcher.js'
import { checkedUnits, Membership } from './membership.js'

/** @param connection for the checks and the last request. @param own of this member alone */
export async function joinAsConsumer(
  group: string,
  units: readonly AssignmentUnit[],
  listener: GroupListener,
  connection: Connection,
  own: Connection,
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
  return new KafkaConsumer(membership, fetcher, onClosed)
}

export class KafkaConsumer implements Consumer {
  #closing: Promise<void> | undefined

  constructor(
    private readonly membership: Membership,
    private readonly fetcher: Fetcher,
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
      .then(() => this.fetcher.close())
      .finally(this.onClosed)
    return this.#closing
  }
}
