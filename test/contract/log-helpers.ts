import { isDeepStrictEqual } from 'node:util'
import type { Test } from 'tap'
import type {
  AssignmentUnit,
  CleanupPolicy,
  GroupListener,
  Log,
  LogRecord,
  NewRecord,
  OffsetCommit,
  TaskId,
  TopicPartition
} from '../../streams/log/log.js'
import type { LogHarness } from './log.js'

export const bytes = (text: string): Buffer => Buffer.from(text)

export const record = (topic: string, key: string | null, value: string | null, more: Partial<NewRecord> = {}): NewRecord => ({
  topic,
  partition: 0,
  timestamp: 1_000,
  key: key === null ? null : bytes(key),
  value: value === null ? null : bytes(value),
  ...more
})

export const offsetOf = (commits: readonly OffsetCommit[], topic: string, partition = 0): number | undefined =>
  commits.find(commit => commit.topic === topic && commit.partition === partition)?.offset

/** `key=value`, for comparing. */
export const texts = (records: readonly LogRecord[]): string[] => records.map(({ key, value }) => `${key}=${value}`)

export async function topicOf(
  harness: LogHarness,
  log: Log,
  name: string,
  partitions = 1,
  cleanup: CleanupPolicy = 'delete',
  retentionMs = -1
): Promise<string> {
  const topic = harness.unique(name)
  await log.ensureTopics([{ name: topic, partitions, cleanup, retentionMs }])
  return topic
}

/** All records from the beginning, or an offset, to the end. */
export async function readAll(log: Log, at: TopicPartition, from?: number, maxBytes = 1 << 20): Promise<LogRecord[]> {
  const end = await log.endOffset(at)
  const records: LogRecord[] = []
  for (let next = from ?? (await log.beginningOffset(at)); next < end; ) {
    const result = await log.fetch(at, next, maxBytes)
    if (result.nextOffset <= next) throw new Error(`fetch at ${next} of ${end} did not go on`)
    records.push(...result.records)
    next = result.nextOffset
  }
  return records
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 2))
}

/** A listener that keeps what it was told, in order; `shared` holds the calls of several members. */
export class Recorder implements GroupListener {
  readonly tasks = new Set<string>()
  readonly calls: string[] = []

  constructor(
    readonly name = 'a',
    readonly shared: string[] = [],
    readonly pause: () => Promise<void> = async () => {}
  ) {}

  async assigned(tasks: readonly TaskId[]): Promise<void> {
    this.#note('assigned', tasks)
    for (const task of tasks) this.tasks.add(nameOf(task))
  }

  async revoked(tasks: readonly TaskId[]): Promise<void> {
    await this.pause()
    this.#note('revoked', tasks)
    for (const task of tasks) this.tasks.delete(nameOf(task))
  }

  async lost(tasks: readonly TaskId[]): Promise<void> {
    this.#note('lost', tasks)
    for (const task of tasks) this.tasks.delete(nameOf(task))
  }

  #note(call: string, tasks: readonly TaskId[]): void {
    this.calls.push(`${call} ${tasks.map(nameOf).sort().join(' ')}`)
    for (const task of tasks) this.shared.push(`${this.name} ${call} ${nameOf(task)}`)
  }
}

const nameOf = (task: TaskId): string => `${task.unit}/${task.partition}`

export const unit = (name: string, ...topics: string[]): AssignmentUnit => ({ name, topics })

/** What was committed is visible at once, or a moment later: reads until it is as expected, and compares. */
export async function eventually<T>(t: Test, read: () => Promise<T>, expected: T): Promise<void> {
  const deadline = Date.now() + 20_000
  let found = await read()
  while (!isDeepStrictEqual(found, expected) && Date.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 5))
    found = await read()
  }
  t.strictSame(found, expected)
}
