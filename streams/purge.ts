import type { OffsetCommit } from './log/log.js'
import type { RunnerOptions } from './runner-options.js'

const PURGE_MS = 5_000

/** Repartition topics keep nothing that was consumed. */
export class Purge {
  #last = 0

  constructor(
    private readonly options: Pick<RunnerOptions, 'clock' | 'log' | 'topology'>,
    private readonly notice: (sentence: string) => void
  ) {}

  consumed(offsets: readonly OffsetCommit[]): void {
    const { clock, log, topology } = this.options
    const now = clock.now()
    if (now - this.#last < PURGE_MS) return
    this.#last = now
    const internal = offsets.filter(({ topic }) => topology.topics.get(topic)!.internal)
    if (internal.length > 0) log.deleteRecords(internal).catch(error => this.notice(`Purging failed: ${error}`))
  }
}
