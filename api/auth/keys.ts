import { randomBytes } from 'node:crypto'
import type { Principal, Scope } from './principal.js'
import { RecordFile } from './record-file.js'
import { hashOf, isHashOf, newSecret } from './secrets.js'

/** An API key as it is kept: its secret is not among it. */
export interface KeyRecord {
  readonly id: string
  readonly hash: string
  readonly subject: string
  readonly scopes: readonly Scope[]
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
}

export interface NewKey {
  /** Whose key it is: a listener's id, or a name for the machine. */
  readonly subject: string
  readonly scopes: readonly Scope[]
  readonly name: string
  readonly expiresAt: number | null
}

export const isApiKey = (token: string): boolean => token.startsWith('segue_')

/** API keys `segue_ID_SECRET`, kept as hashes. */
export class ApiKeys {
  private readonly records: RecordFile<KeyRecord>

  constructor(
    file: string,
    private readonly now: () => number
  ) {
    this.records = new RecordFile(file)
  }

  /** The key, shown this once. */
  create(key: NewKey): { readonly id: string; readonly key: string } {
    const id = randomBytes(6).toString('hex')
    const secret = newSecret()
    this.records.change(records => records.set(id, { id, hash: hashOf(secret), ...key, createdAt: this.now(), revokedAt: null }))
    return { id, key: `segue_${id}_${secret}` }
  }

  list(): KeyRecord[] {
    return this.records.list()
  }

  /** False: there is no such key in use. */
  revoke(id: string): boolean {
    const key = this.records.get(id)
    if (key === undefined || key.revokedAt !== null) return false
    this.records.change(records => records.set(id, { ...key, revokedAt: this.now() }))
    return true
  }

  /** Undefined: unknown, revoked or expired. */
  verify(token: string): Principal | undefined {
    const [, id = '', secret = ''] = /^segue_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/.exec(token) ?? []
    const key = this.records.get(id)
    if (key === undefined || !isHashOf(key.hash, secret)) return undefined
    if (key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= this.now())) return undefined
    return { subject: key.subject, scopes: new Set(key.scopes), means: 'key' }
  }
}
