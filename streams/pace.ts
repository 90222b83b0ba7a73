/** Records older than this when they are processed: the task is behind. */
const BEHIND_MS = 1_000
/** Quiet for so long: what was held back while behind goes out. */
const IDLE_MS = 150
/** While the task is behind, commits grow up to this length: their number costs more than their size. */
const BEHIND_COMMIT_MS = 3_000
const LEAST_COMMIT_MS = 5

export interface PaceOptions {
  readonly maxCommitRecords: number
  readonly commitIntervalMs: number
}

/** Whether a task is behind its input, and when it commits. Times are milliseconds of the engine's clock. */
export class Pace {
  #opened = 0
  /** Of the last record that was processed. */
  #recordTime = 0
  #firstUncommitted = 0
  #lastProcessed = 0
  #lastCommit = 0

  constructor(
    private readonly options: PaceOptions,
    /** Whether tasks whose output this one reads have something in work, as far as this instance knows. */
    private readonly isFed: () => boolean
  ) {}

  opened(now: number): void {
    this.#opened = now
  }

  /** The first record of a commit is about to be processed. */
  began(now: number): void {
    this.#firstUncommitted = now
  }

  processed(now: number, recordTime: number): void {
    this.#lastProcessed = now
    this.#recordTime = recordTime
  }

  committed(now: number): void {
    this.#lastCommit = now
  }

  /** Between two commits of what feeds it a task is idle, and yet behind. */
  isBehind(now: number): boolean {
    return now - this.#recordTime > BEHIND_MS && (now - this.#lastProcessed < IDLE_MS || this.isFed())
  }

  /** Whether to end the commit of so many records, at least one. `idle`: nothing more is there to be processed. */
  isDue(now: number, uncommitted: number, idle: boolean): boolean {
    const age = now - this.#firstUncommitted
    if (uncommitted >= this.options.maxCommitRecords) return true
    if (!idle && this.isBehind(now)) return age >= Math.min(BEHIND_COMMIT_MS, (now - this.#opened) / 2)
    return (idle && now - this.#lastCommit >= LEAST_COMMIT_MS) || age >= this.options.commitIntervalMs
  }

  /** When the task wants to run though nothing arrives: milliseconds from now. */
  wakeIn(uncommitted: number, unemitted: number): number | undefined {
    if (uncommitted > 0) return LEAST_COMMIT_MS
    return unemitted > 0 ? IDLE_MS : undefined
  }
}
