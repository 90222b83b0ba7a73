/**
 * The Log port: topics of partitions of records, consumer groups, committed offsets and transactions, as Kafka has them.
 * Two adapters implement it (embedded, on `level`; Apache Kafka) and run the same contract suite.
 * Offsets are numbers (exact up to 2^53). All reads are read-committed.
 */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface LogRecord extends TopicPartition {
  readonly offset: number
  /** Record time: milliseconds since the epoch, stamped once by the producer. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface NewRecord {
  readonly topic: string
  /** Chosen from the key (murmur2, as Kafka's own clients do) where absent. */
  readonly partition?: number
  /** Now, where absent. */
  readonly timestamp?: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, string>>
}

/** `compact`: the last record of each key stays. A tombstone stays for 24 hours at least, so that slow readers see it. */
export type CleanupPolicy = 'delete' | 'compact' | 'compact,delete'

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  readonly cleanup: CleanupPolicy
  /** Milliseconds of record time; -1 keeps records for ever. Only for policies with `delete`. */
  readonly retentionMs: number
}

/** Exclusive: the next offset to read. */
export interface OffsetCommit extends TopicPartition {
  readonly offset: number
}

export interface FetchResult {
  readonly records: LogRecord[]
  /** Where to read on: beyond the last record, and beyond control records or gaps left by compaction. */
  readonly nextOffset: number
  /** Whether something follows that was committed when this was read; not every adapter knows. */
  readonly more?: boolean
}

export interface Transaction {
  readonly group: string
  readonly records: readonly NewRecord[]
  /** Input offsets, committed with the records or not at all. */
  readonly offsets: readonly OffsetCommit[]
}

export interface TransactionResult {
  /** The end offset of each partition written to, after this transaction: the changelog position a store has reached. */
  readonly ends: readonly OffsetCommit[]
}

/**
 * One transactional id. Opening it fences every earlier producer of the same id.
 */
export interface TransactionalProducer {
  /**
   * Writes records and offsets in one transaction and commits it.
   * @throws ProducerFencedError a newer producer has this id: nothing was written.
   * @throws OutcomeUnknownError it may or may not have been committed: open a new producer, read the committed offsets.
   * @throws RetriableLogError nothing was written; the same call may succeed later.
   */
  commit(transaction: Transaction): Promise<TransactionResult>
  close(): Promise<void>
}

/** A task of a member of a group, which commits in the member's name. */
export interface MemberTask {
  readonly memberId: string
  readonly task: TaskId
  readonly inputs: readonly TopicPartition[]
  /** Partitions that nobody else writes: the task's changelogs. */
  readonly own: readonly TopicPartition[]
}

/** A set of topics that are consumed together: partition p of all of them is one task. */
export interface AssignmentUnit {
  readonly name: string
  readonly topics: readonly string[]
}

export interface TaskId {
  /** The unit's name. */
  readonly unit: string
  readonly partition: number
}

/**
 * What a group tells its member. `assigned` is not called for a task before an earlier `revoked` or `lost` for it has
 * resolved; the other way round, `lost` may come while `assigned` or `revoked` is still at work.
 */
export interface GroupListener {
  /** Called with all tasks that were added; reading starts when it has resolved. */
  assigned(tasks: readonly TaskId[]): Promise<void>
  /** Called before the tasks are given to others: finish and commit. */
  revoked(tasks: readonly TaskId[]): Promise<void>
  /**
   * The membership ended without notice: others may already own the tasks. Commit nothing. When it has resolved the
   * adapter joins again by itself, as Kafka's own clients do; the same consumer goes on, with what `assigned` then says.
   */
  lost(tasks: readonly TaskId[]): Promise<void>
  /**
   * All tasks of which this member keeps a warm copy; called after the other calls of a rebalance, where the adapter is told to have such
   * copies. A task that is assigned is no standby any more.
   */
  standbys?(tasks: readonly TaskId[]): Promise<void>
}

/** A member of a consumer group. */
export interface Consumer {
  readonly memberId: string
  /**
   * Sets where reading of a partition goes on; needed once per assigned partition before `poll` returns anything.
   * @throws NotAssignedError
   */
  seek(partition: TopicPartition, offset: number): void
  /**
   * Takes up to `max` records that have arrived; empty if none has yet. Never blocks.
   * @throws OffsetOutOfRangeError until the next `seek`: what comes next was deleted.
   * @throws RetriableLogError reading failed; a later call may succeed.
   * @throws NotAssignedError the membership was lost. (A partition that was revoked is empty.)
   */
  poll(partition: TopicPartition, max: number): LogRecord[]
  /** The next offset to read of a partition, beyond control records. */
  position(partition: TopicPartition): number
  /** `callback` runs when records may have arrived after an empty `poll`. */
  onData(callback: () => void): void
  /** Leaves the group; assigned tasks are revoked first. */
  close(): Promise<void>
}

export interface Log {
  /** Creates what is missing. @throws LogConfigError a topic exists with another number of partitions or cleanup policy. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>
  topics(): Promise<TopicSpec[]>
  deleteTopics(names: readonly string[]): Promise<void>
  /** What tells a topic from an earlier one of the same name, by name; empty where the adapter has nothing of the kind. */
  topicIds(names: readonly string[]): Promise<ReadonlyMap<string, string>>
  beginningOffset(partition: TopicPartition): Promise<number>
  endOffset(partition: TopicPartition): Promise<number>
  /** Beyond all that was written, undecided transactions too: the end is there when they are decided. */
  highWatermark(partition: TopicPartition): Promise<number>
  /** The first offset whose record time is at or after `timestamp`; the end where there is none. */
  offsetForTime(partition: TopicPartition, timestamp: number): Promise<number>
  /** Appends all of them, in order, atomically where the adapter can (embedded); resolves when they are durable. */
  send(records: readonly NewRecord[]): Promise<OffsetCommit[]>
  /**
   * Reads from an offset, at most about `maxBytes` but at least one record if there is one; `nextOffset` is beyond the
   * given offset unless that is the end.
   * @throws OffsetOutOfRangeError the offset is before the beginning or beyond the end.
   */
  fetch(partition: TopicPartition, offset: number, maxBytes: number): Promise<FetchResult>
  /** Runs `callback` after something was committed to one of the topics, with the partition where it is known. Returns the way to stop. */
  onAppend(topics: readonly string[], callback: (topic: string, partition?: number) => void): () => void
  /**
   * When it has resolved, no earlier producer of the id can commit, and nothing of theirs is still on its way: what
   * `committed`, `endOffset` and `fetch` then say stays until this producer commits.
   * @param of the task whose producer it is. An adapter may then put what tasks of the member commit at the same time into one
   * transaction, fence by the membership instead of the id, and promise the above of the task's `inputs` and `own` alone; each commit
   * must hold offsets.
   * @throws RetriableLogError, OutcomeUnknownError call it again. @throws NotAssignedError the membership was lost.
   */
  transactionalProducer(transactionalId: string, of?: MemberTask): Promise<TransactionalProducer>
  join(group: string, units: readonly AssignmentUnit[], listener: GroupListener): Promise<Consumer>
  /** Undefined where the group has committed nothing for a partition. */
  committed(group: string, partitions: readonly TopicPartition[]): Promise<(number | undefined)[]>
  /** For tools: who takes part in a group, in words. */
  members(group: string): Promise<string[]>
  /** For tools: sets a group's offsets. @throws GroupActiveError the group has members. */
  setCommitted(group: string, offsets: readonly OffsetCommit[]): Promise<void>
  /** Drops records below the offsets (repartition topics, once consumed). */
  deleteRecords(before: readonly OffsetCommit[]): Promise<void>
  close(): Promise<void>
}

/** Each error is named by the reaction it asks for. */
export class LogError extends Error {
  override get name(): string {
    return this.constructor.name
  }
}
/** Reaction: drop the task, another instance has it. */
export class ProducerFencedError extends LogError {}
/** Reaction: the task is dirty; drop its buffers, open a new producer, read the committed offsets, go on. */
export class OutcomeUnknownError extends LogError {}
/** Reaction: back off and try again. */
export class RetriableLogError extends LogError {}
/** Reaction: drop the task: the group does not give it to this member any more. */
export class NotAssignedError extends LogError {}
/** Reaction: for a changelog, wipe the store and restore it; for an input, say so. */
export class OffsetOutOfRangeError extends LogError {}
/** Reaction: stop with its message. */
export class LogConfigError extends LogError {}
/** Reaction: tell the operator who is still a member. */
export class GroupActiveError extends LogError {}
/** Reaction: stop with its message: another process has the log's directory. */
export class LogLockedError extends LogError {}
/** Reaction: stop with its message: what is stored can't be trusted; nothing is repaired by itself. */
export class LogCorruptedError extends LogError {}
