/** What every adapter of the Log port must do. Run by test/log/*.test.ts with each of them. */
import type { Test } from 'tap'
import type { Log } from '../../streams/log/log.js'
import { consumerContract } from './log-consumers.js'
import { modelContract } from './log-model.js'
import { recordContract } from './log-records.js'
import { transactionContract } from './log-transactions.js'

export interface LogHarness {
  /** A log that is closed, and whatever it needs removed, when the test ends. Topics, groups and ids of a harness never collide. */
  open(t: Test): Promise<Log>
  /** Closes the log and opens what it had stored. */
  reopen(t: Test, log: Log): Promise<Log>
  /** A name that was never used before. */
  unique(name: string): string
  readonly capabilities: LogCapabilities
}

export interface LogCapabilities {
  /** `send` is atomic over partitions. */
  readonly atomicSend: boolean
  /** Applies retention and compaction now; absent where the adapter can't be made to. */
  readonly compact?: (log: Log) => Promise<void>
  /**
   * A transaction ends with a marker in each partition, which takes an offset and is written a moment after the commit: a
   * partition's end, and what another partition shows, may follow a little later.
   */
  readonly markers?: boolean
  /** Runs of the property test. */
  readonly modelRuns: number
}

export function logContract(t: Test, harness: LogHarness): void {
  recordContract(t, harness)
  transactionContract(t, harness)
  consumerContract(t, harness)
  modelContract(t, harness)
}
