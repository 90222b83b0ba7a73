import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A short list of records in a JSON file that only its owner may read, replaced atomically. What another process writes is
 * noticed.
 */
export class RecordFile<R extends { readonly id: string }> {
  private records = new Map<string, R>()
  private version = ''

  constructor(private readonly file: string) {}

  get(id: string): R | undefined {
    return this.current().get(id)
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
  }

  private current(): ReadonlyMap<string, R> {
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
