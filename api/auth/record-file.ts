import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What another process writes is seen after so long, milliseconds: a look costs a tenth of an answer from the cache. */
const LOOK_MS = 50

/**
 * A short list of records in a JSON file that only its owner may read, replaced atomically. What another process writes is
 * noticed.
 */
export class RecordFile<R extends { readonly id: string }> {
  private records = new Map<string, R>()
  private version = ''
  private lookedAt = Number.NEGATIVE_INFINITY

  constructor(private readonly file: string) {}

  /** One that is not known is looked for at once. */
  get(id: string): R | undefined {
    const known = performance.now() - this.lookedAt < LOOK_MS ? this.records.get(id) : undefined
    return known ?? this.current().get(id)
  }

  list(): R[] {
    return [...this.current().values()]
  }

  /** Durable when it returns. */
  change(edit: (records: Map<string, R>) => void): void {
    const records = new Map(this.current())
    edit(records)
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 })
    const temporary = `${this.file}.${process.pid}.new`
    const descriptor = openSync(temporary, 'w', 0o600)
    try {
      writeFileSync(descriptor, JSON.stringify([...records.values()]))
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, this.file)
    this.current()
  }

  private current(): ReadonlyMap<string, R> {
    this.lookedAt = performance.now()
    const status = statSync(this.file, { throwIfNoEntry: false, bigint: true })
    const version = status === undefined ? '' : `${status.ino} ${status.mtimeNs} ${status.size}`
    if (version !== this.version) {
      const records = status === undefined ? [] : (JSON.parse(readFileSync(this.file, 'utf8')) as R[])
      this.records = new Map(records.map(record => [record.id, record]))
      this.version = version
    }
    return this.records
  }
}
