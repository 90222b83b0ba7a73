import type { LogRecord } from './log/log.js'

/** Reaction: start the task anew from its last commit and send the record at `offset` to the dead letters instead. */
export class PoisonRecordError extends Error {
  override name = 'PoisonRecordError'
  constructor(
    readonly record: LogRecord,
    readonly processor: string,
    override readonly cause: unknown
  ) {
    super(`The processor ${processor} failed on ${record.topic}-${record.partition} at offset ${record.offset}: ${cause}`)
  }
}
