/** The embedded adapter of the Log port: topics, groups and transactions in one process, on any abstract-level database. */
import type {
  AssignmentUnit,
  Consumer,
  FetchResult,
  GroupListener,
  Log,
  NewRecord,
  OffsetCommit,
  TopicPartition,
  TopicSpec,
  TransactionalProducer
} from '../log.js'
import { GroupActiveError, LogError } from '../log.js'
import { Committer } from './committer.js'
import { Group } from './group.js'
import { Housekeeping } from './housekeeping.js'
import { type Database, type EmbeddedLogOptions, withDefaults } from './options.js'
import type { Partition } from './partition.js'
import { committedOffsets, openProducer } from './producer.js'
import { checkRange, Reader } from './reader.js'
import { checkNotAhead, Router } from './router.js'
import { State } from './state.js'
import { changedSpecs } from './topics.js'

/** Opens the log in a database, of which it takes possession. */
export async function createEmbeddedLog(db: Database, options: EmbeddedLogOptions = {}): Promise<EmbeddedLog> {
  const state = new State(db, options.index ?? db, withDefaults(options))
  await state.open()
  return new EmbeddedLog(state)
}

export class EmbeddedLog implements Log {
  readonly #state: State
  readonly #committer: Committer
  readonly #reader: Reader
  readonly #router: Router
  readonly #housekeeping: Housekeeping
  readonly #groups = new Map<string, Group>()
  readonly #watchers = new Map<string, Set<(topic: string) => void>>()
  #changing: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(state: State) {
    this.#state = state
    this.#committer = new Committer(state, partitions => this.#appended(partitions))
    this.#reader = new Reader(state)
    this.#router = new Router(state.catalogue, () => state.settings.clock.now())
    this.#housekeeping = new Housekeeping(state, this.#committer, this.#reader)
    this.#housekeeping.start()
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    await this.#change(async () => {
      const topics = changedSpecs(specs, this.#state.catalogue)
      if (topics.length > 0) await this.#committer.submit({ delta: { topics } })
    })
  }

  async topics(): Promise<TopicSpec[]> {
    this.#check()
    return [...this.#state.catalogue.topics.values()].map(topic => topic.spec)
  }

  /** Names that don't exist are passed over. */
  async deleteTopics(names: readonly string[]): Promise<void> {
    await this.#change(async () => {
      const dropped = names.flatMap(name => this.#state.catalogue.topics.get(name)?.id ?? [])
      if (dropped.length > 0) await this.#committer.submit({ delta: { dropped } })
    })
  }

  /** One machine has it all: whoever makes a topic anew removes what was computed from it. */
  async topicIds(): Promise<ReadonlyMap<string, string>> {
    return new Map()
  }

  async beginningOffset(partition: TopicPartition): Promise<number> {
    return this.#partition(partition).start
  }

  async endOffset(partition: TopicPartition): Promise<number> {
    return this.#partition(partition).end
  }

  highWatermark(partition: TopicPartition): Promise<number> {
    return this.endOffset(partition)
  }

  async offsetForTime(partition: TopicPartition, timestamp: number): Promise<number> {
    return this.#reader.offsetForTime(this.#partition(partition), timestamp)
  }

  /** @throws LogConfigError a record's time is none, or more than an hour ahead. */
  async send(records: readonly NewRecord[]): Promise<OffsetCommit[]> {
    this.#check()
    checkNotAhead(records, this.#state.settings.clock.now())
    const { ends } = await this.#committer.submit({ records: this.#router.route(records) })
    return ends
  }

  async fetch(partition: TopicPartition, offset: number, maxBytes: number): Promise<FetchResult> {
    return this.#reader.fetch(this.#partition(partition), offset, maxBytes)
  }

  onAppend(topics: readonly string[], callback: (topic: string) => void): () => void {
    for (const topic of topics) this.#watchers.set(topic, (this.#watchers.get(topic) ?? new Set()).add(callback))
    return () => {
      for (const topic of topics) this.#watchers.get(topic)?.delete(callback)
    }
  }

  async transactionalProducer(transactionalId: string): Promise<TransactionalProducer> {
    this.#check()
    return openProducer(transactionalId, this.#committer, this.#router)
  }

  /** The listener is first called after this has resolved. */
  async join(group: string, units: readonly AssignmentUnit[], listener: GroupListener): Promise<Consumer> {
    this.#check()
    const known = this.#groups.get(group) ?? new Group(group, this.#state.catalogue, this.#reader, this.#state.settings)
    this.#groups.set(group, known)
    return known.join(units, listener)
  }

  async committed(group: string, partitions: readonly TopicPartition[]): Promise<(number | undefined)[]> {
    return partitions.map(partition => this.#state.catalogue.committed(group, this.#partition(partition)))
  }

  async members(group: string): Promise<string[]> {
    return [...(this.#groups.get(group)?.members ?? [])]
  }

  async setCommitted(group: string, offsets: readonly OffsetCommit[]): Promise<void> {
    this.#check()
    const members = this.#groups.get(group)?.members ?? []
    if (members.length > 0) {
      throw new GroupActiveError(`Group '${group}' has members (${members.join(', ')}): stop them before its offsets are set.`)
    }
    await this.#committer.submit({ delta: { offsets: committedOffsets(group, offsets, this.#router) } })
  }

  async deleteRecords(before: readonly OffsetCommit[]): Promise<void> {
    const starts = before.map(commit => {
      const partition = this.#partition(commit)
      if (commit.offset > partition.end) checkRange(partition, commit.offset)
      return [partition.topicId, partition.number, commit.offset] as [number, number, number]
    })
    await this.#committer.submit({ delta: { starts } })
  }

  /** Deletes and compacts all that the topics' policies allow, now, and gives the space back. For tools and tests. */
  async compact(): Promise<void> {
    this.#check()
    await this.#housekeeping.all()
  }

  /** Takes what was submitted to its end, then lets go of the directory. Members that are left are lost. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const group of this.#groups.values()) await group.close()
    await this.#housekeeping.close()
    await this.#committer.idle()
    const { index, journal } = this.#state
    await index.checkpoint().catch(error => this.#state.settings.onError(error))
    if (index.db !== journal.db) await index.db.close()
    await journal.close()
  }

  #check(): void {
    if (this.#closing) throw new LogError('The log was closed.')
  }

  #partition(partition: TopicPartition): Partition {
    this.#check()
    return this.#state.catalogue.partition(partition)
  }

  /** Changes of topics, one at a time. */
  #change(work: () => Promise<void>): Promise<void> {
    this.#check()
    const result = this.#changing.then(work)
    this.#changing = result.catch(() => {})
    return result
  }

  #appended(partitions: ReadonlySet<Partition>): void {
    const topics = new Set<string>()
    for (const partition of partitions) {
      topics.add(partition.topic)
      for (const listener of partition.listeners) listener()
    }
    for (const topic of topics) {
      for (const watcher of this.#watchers.get(topic) ?? []) queueMicrotask(() => watcher(topic))
    }
    this.#housekeeping.appended()
  }
}
