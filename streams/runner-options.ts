import type { TaskStore } from '../state/store.js'
import type { Clock } from './clock.js'
import type { Log, TaskId } from './log/log.js'
import type { CommitCounts } from './outbox.js'
import type { TaskOptions } from './task.js'

/** For tests: called at each named step of a commit; a fault is thrown, or the process ended, from here. */
export type CommitStep = 'processed' | 'prepared' | 'log-committed' | 'store-written'

export type TaskState = 'created' | 'restoring' | 'running' | 'closed' | 'fenced' | 'failed'

/** What the group does with tasks of an instance: gives them, takes them back in good order, or has given them to others meanwhile. */
export type TaskChange = 'assigned' | 'revoked' | 'lost'

/** What a commit was. */
export interface CommitReport extends CommitCounts {
  /** Input records in it. */
  readonly records: number
  /** From the end of processing until log and store have it, milliseconds. */
  readonly durationMs: number
}

/** What a task may do: take records in, tell downstream of changed keys. */
export interface Flow {
  readonly takes: boolean
  readonly emits: boolean
}
export const usual: Flow = { takes: true, emits: true }

export interface RunnerOptions extends TaskOptions {
  readonly log: Log
  /** Opens the task's store; called again after it was found corrupted and wiped. */
  readonly openStore: (task: TaskId) => Promise<TaskStore>
  readonly wipeStore: (task: TaskId) => Promise<void>
  /** Looks up what the codec asked for. Rejects while the registry can't be reached. */
  readonly resolveSchema: (error: Error) => Promise<void>
  /** A commit holds at most so many input records. */
  readonly maxCommitRecords: number
  /** No later than this after the first record that it holds, milliseconds, while the task keeps up. */
  readonly commitIntervalMs: number
  readonly clock: Clock
  readonly onStep?: (step: CommitStep, task: TaskId) => void
  /** For who observes: after each commit. */
  readonly onCommit?: ((task: TaskId, commit: CommitReport) => void) | undefined
  /** For who observes: the group gave or took so many tasks. */
  readonly onTasks?: ((change: TaskChange, count: number) => void) | undefined
  /** `task` is absent where it concerns the application. */
  readonly onNotice: (sentence: string, task?: TaskId) => void
}
