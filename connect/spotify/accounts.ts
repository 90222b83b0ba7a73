/** The connected accounts on disk: a directory each, with files that are replaced atomically and that only their owner may read. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { accountDirectory } from '../ledger.js'
import { type Account, noProgress, type Progress } from './account.js'
import type { Keyring } from './keyring.js'
import type { Tokens } from './oauth.js'

export class AccountStore {
  constructor(
    private readonly directory: string,
    private readonly keyring: Keyring
  ) {}

  list(): Account[] {
    if (!existsSync(this.directory)) return []
    const names = readdirSync(this.directory).sort()
    return names.map(name => readJson<Account>(join(this.directory, name, 'account.json'))).filter(account => account !== undefined)
  }

  get(userId: string): Account | undefined {
    return readJson(this.file(userId, 'account'))
  }

  /** Keeps an account, its tokens sealed. Connecting again keeps the progress. */
  connect(account: Omit<Account, 'accessToken' | 'refreshToken' | 'expiresAt' | 'status' | 'detail'>, tokens: Tokens): Account {
    const connected: Account = { ...account, ...this.sealed(account.userId, tokens), status: 'connected', detail: null }
    this.write(account.userId, 'account', connected)
    return connected
  }

  /** Changes an account unless the listener has connected again since it was read: what is newer stays. */
  update(account: Account, change: Partial<Pick<Account, 'status' | 'detail'>> & { readonly tokens?: Tokens }): Account {
    const current = this.get(account.userId)
    if (current === undefined || current.connectedAt !== account.connectedAt) return current ?? account
    const { tokens, ...rest } = change
    const changed: Account = { ...current, ...rest, ...(tokens && this.sealed(account.userId, tokens)) }
    this.write(account.userId, 'account', changed)
    return changed
  }

  /** @throws KeyringError */
  tokens({ userId, accessToken, refreshToken, expiresAt }: Account): Tokens {
    return {
      accessToken: this.keyring.open(accessToken, contextOf(userId, 'access')),
      refreshToken: this.keyring.open(refreshToken, contextOf(userId, 'refresh')),
      expiresAt
    }
  }

  /** Seals with the newest key what an older one sealed, so that the older can be dropped. @throws KeyringError */
  rotate(): number {
    const old = this.list().filter(account => this.keyring.isOld(account.accessToken) || this.keyring.isOld(account.refreshToken))
    for (const account of old) this.update(account, { tokens: this.tokens(account) })
    return old.length
  }

  progress(userId: string): Progress {
    return { ...noProgress, ...readJson<Progress>(this.file(userId, 'progress')) }
  }

  /** Durable when it returns. Of an account that was removed nothing is kept. */
  setProgress(userId: string, progress: Progress): void {
    if (this.get(userId) === undefined) return
    this.write(userId, 'progress', progress)
  }

  /** Forgets the account, its tokens and its progress. False: there was none. */
  remove(userId: string): boolean {
    const known = this.get(userId) !== undefined
    rmSync(join(this.directory, accountDirectory(userId)), { recursive: true, force: true })
    return known
  }

  private sealed(userId: string, tokens: Tokens): Pick<Account, 'accessToken' | 'refreshToken' | 'expiresAt'> {
    return {
      accessToken: this.keyring.seal(tokens.accessToken, contextOf(userId, 'access')),
      refreshToken: this.keyring.seal(tokens.refreshToken, contextOf(userId, 'refresh')),
      expiresAt: tokens.expiresAt
    }
  }

  private file(userId: string, name: 'account' | 'progress'): string {
    return join(this.directory, accountDirectory(userId), `${name}.json`)
  }

  private write(userId: string, name: 'account' | 'progress', value: unknown): void {
    const file = this.file(userId, name)
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
    const descriptor = openSync(`${file}.new`, 'w', 0o600)
    try {
      writeFileSync(descriptor, JSON.stringify(value))
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(`${file}.new`, file)
  }
}

const contextOf = (userId: string, kind: 'access' | 'refresh'): string => `spotify\u001f${kind}\u001f${userId}`

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${file} can't be read (${(error as Error).message}). If you delete it, connect the account again.`)
  }
}
