import type { Principal } from './principal.js'
import { RecordFile } from './record-file.js'
import { hashOf, newSecret } from './secrets.js'

interface SessionRecord {
  /** The hash of the cookie's value: who reads the file can't use it. */
  readonly id: string
  readonly subject: string
  readonly expiresAt: number
}

export const SESSION_DAYS = 7
const LONGEST_MS = SESSION_DAYS * 86_400_000
const MOST_SESSIONS = 10_000

export interface SessionOptions {
  readonly file: string
  /** Listeners who may do everything. */
  readonly admins: ReadonlySet<string>
  readonly now: () => number
}

/** Sessions of listeners who signed in with a browser. They end after a week, or when they sign out. */
export class Sessions {
  private readonly records: RecordFile<SessionRecord>

  constructor(private readonly options: SessionOptions) {
    this.records = new RecordFile(options.file)
  }

  /** The cookie's value. */
  begin(subject: string): string {
    const value = newSecret()
    const now = this.options.now()
    this.records.change(records => {
      for (const { id, expiresAt } of records.values()) if (expiresAt <= now || records.size >= MOST_SESSIONS) records.delete(id)
      records.set(hashOf(value), { id: hashOf(value), subject, expiresAt: now + LONGEST_MS })
    })
    return value
  }

  verify(value: string): Principal | undefined {
    const session = this.records.get(hashOf(value))
    if (session === undefined || session.expiresAt <= this.options.now()) return undefined
    const scopes = this.options.admins.has(session.subject) ? (['listener', 'admin'] as const) : (['listener'] as const)
    return { subject: session.subject, scopes: new Set(scopes), means: 'session' }
  }

  end(value: string): void {
    if (this.records.get(hashOf(value)) !== undefined) this.records.change(records => records.delete(hashOf(value)))
  }

  /** Signs the listener out everywhere. */
  endAll(subject: string): void {
    if (!this.records.list().some(session => session.subject === subject)) return
    this.records.change(records => {
      for (const session of records.values()) if (session.subject === subject) records.delete(session.id)
    })
  }
}
