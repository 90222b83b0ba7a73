/** The Log port on Apache Kafka: kafkajs for connections and the protocol's requests. */
import type {
  AssignmentUnit,
  Consumer,
  FetchResult,
  GroupListener,
  Log,
  LogRecord,
  MemberTask,
  NewRecord,
  OffsetCommit,
  TopicPartition,
  TopicSpec,
  TransactionalProducer
} from '../log.js'
import { LogError, NotAssignedError, OffsetOutOfRangeError } from '../log.js'
import { committedBatches } from './batch-reader.js'
import { Connection } from './connection.js'
import { joinAsConsumer, type KafkaConsumer } from './consumer.js'
import { BEGINNING, END, HIGH_WATERMARK, Offsets } from './offsets.js'
import { type KafkaLogOptions, type Settings, withDefaults } from './options.js'
import { openProducer } from './producer.js'
import { Reads } from './reads.js'
import { Router } from './router.js'
import { Sender } from './sender.js'
import { topicIds } from './topic-ids.js'
import { Topics } from './topics.js'
import { Watcher } from './watcher.js'

export class KafkaLog implements Log {
  readonly #settings: Settings
  readonly #connection: Connection
  readonly #topics: Topics
  readonly #offsets: Offsets
  readonly #reads: Reads
  readonly #router: Router
  readonly #sender: Sender
  readonly #watcher: Watcher
  readonly #consumers = new Set<KafkaConsumer>()
  #closing: Promise<void> | undefined

  constructor(options: KafkaLogOptions) {
    this.#settings = withDefaults(options)
    this.#connection = new Connection(this.#settings)
    this.#topics = new Topics(this.#settings, this.#connection)
    this.#offsets = new Offsets(this.#connection)
    this.#reads = new Reads(this.#connection)
    this.#router = new Router(this.#connection)
    this.#sender = new Sender(this.#connection, this.#router)
    this.#watcher = new Watcher(new Connection(this.#settings), this.#offsets)
  }

  ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    return this.#topics.ensure(specs)
  }

  topics(): Promise<TopicSpec[]> {
    return this.#topics.list()
  }

  /** Names that don't exist are passed over. */
  deleteTopics(names: readonly string[]): Promise<void> {
    return this.#topics.delete(names)
  }

  topicIds(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.#connection.retrying('ask for topics', () => topicIds(this.#connection, names))
  }

  async beginningOffset(partition: TopicPartition): Promise<number> {
    return (await this.#offsets.at(partition, BEGINNING))!
  }

  async endOffset(partition: TopicPartition): Promise<number> {
    return (await this.#offsets.at(partition, END)) ?? 0
  }

  async highWatermark(partition: TopicPartition): Promise<number> {
    return (await this.#offsets.at(partition, HIGH_WATERMARK)) ?? 0
  }

  async offsetForTime(partition: TopicPartition, timestamp: number): Promise<number> {
    return (await this.#offsets.at(partition, timestamp)) ?? this.endOffset(partition)
  }

  async send(records: readonly NewRecord[]): Promise<OffsetCommit[]> {
    this.#check()
    return this.#sender.send(records)
  }

  async fetch(partition: TopicPartition, offset: number, maxBytes: number): Promise<FetchResult> {
    if (offset < 0)
      throw new OffsetOutOfRangeError(`Partition ${partition.partition} of topic '${partition.topic}' has no offset ${offset}.`)
    return this.#connection.retrying(`fetch from ${partition.topic}`, async () => {
      const reply = this.#watcher.take(partition, offset) ?? (await this.#reads.fetch({ ...partition, offset, maxBytes }))
      if (reply.error !== undefined) throw reply.error
      let nextOffset = offset
      const records: LogRecord[] = []
      for (const { batch, visible } of committedBatches(reply.bytes, reply.aborted)) {
        nextOffset = Math.max(nextOffset, batch.lastOffset + 1)
        if (!visible) continue
        const cursor = batch.records(partition)
        for (let record = cursor.next(); record !== undefined; record = cursor.next()) if (record.offset >= offset) records.push(record)
      }
      // Nothing is left between: what was there was compacted away.
      if (reply.bytes.length === 0) nextOffset = Math.max(nextOffset, reply.lastStableOffset)
      return { records, nextOffset, more: nextOffset < reply.lastStableOffset }
    })
  }

  onAppend(topics: readonly string[], callback: (topic: string, partition: number) => void): () => void {
    return this.#watcher.watch(topics, callback)
  }

  async transactionalProducer(transactionalId: string, of?: MemberTask): Promise<TransactionalProducer> {
    this.#check()
    if (of !== undefined) return this.#consumerOf(of).lanes.open(of)
    return openProducer(this.#connection, this.#router, transactionalId)
  }

  /** The listener is first called after this has resolved. */
  async join(group: string, units: readonly AssignmentUnit[], listener: GroupListener): Promise<Consumer> {
    this.#check()
    const own = new Connection(this.#settings)
    const parts = { connection: this.#connection, own, router: this.#router, offsets: this.#offsets }
    const consumer: KafkaConsumer = await joinAsConsumer(group, units, listener, parts, () => this.#consumers.delete(consumer))
    this.#consumers.add(consumer)
    return consumer
  }

  committed(group: string, partitions: readonly TopicPartition[]): Promise<(number | undefined)[]> {
    return this.#offsets.committed(group, partitions)
  }

  members(group: string): Promise<string[]> {
    return this.#offsets.members(group)
  }

  async setCommitted(group: string, offsets: readonly OffsetCommit[]): Promise<void> {
    await this.#offsets.setCommitted(group, offsets)
  }

  async deleteRecords(before: readonly OffsetCommit[]): Promise<void> {
    await this.#offsets.deleteRecords(before)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map(consumer => consumer.close()))
    await this.#sender.idle()
    await this.#watcher.close()
    await this.#topics.close()
    await this.#connection.close()
  }

  #consumerOf({ memberId, task }: MemberTask): KafkaConsumer {
    const consumer = [...this.#consumers].find(one => one.memberId === memberId)
    if (memberId !== '' && consumer !== undefined) return consumer
    throw new NotAssignedError(`The member that had ${task.unit}-${task.partition} takes part no more.`)
  }

  #check(): void {
    if (this.#closing !== undefined) throw new LogError('The log was closed.')
  }
}
