import type { Scope } from '../../api/auth/principal.js'
import type { Config } from '../../config.js'
import { openKeys } from '../auth.js'

const print = (line: string) => process.stdout.write(`${line}\n`)

export interface NewKeyFlags {
  readonly user: string
  readonly scope: readonly Scope[]
  readonly name: string
  readonly days?: number
}

export function createKeyCommand(config: Config, { user, scope, name, days }: NewKeyFlags): number {
  const expiresAt = days === undefined ? null : Date.now() + days * 86_400_000
  const { id, key } = openKeys(config.dataDir).create({ subject: user, scopes: scope, name, expiresAt })
  print(key)
  process.stderr.write(`This is the key ${id}; it is shown this once. Send it as Authorization: Bearer KEY.\n`)
  return 0
}

export function listKeysCommand(config: Config): number {
  const keys = openKeys(config.dataDir).list()
  if (keys.length === 0) print('There is no key: segue key create --user U --scope listener.')
  for (const { id, subject, scopes, name, createdAt, expiresAt, revokedAt } of keys) {
    const end = revokedAt !== null ? `revoked ${day(revokedAt)}` : expiresAt !== null ? `until ${day(expiresAt)}` : 'without end'
    print(`${id}  ${subject}  ${scopes.join(',')}  ${name}  made ${day(createdAt)}, ${end}`)
  }
  return 0
}

export function revokeKeyCommand(config: Config, id: string): number {
  const revoked = openKeys(config.dataDir).revoke(id)
  print(revoked ? `The key ${id} is revoked, at once.` : `There is no key ${id} in use.`)
  return revoked ? 0 : 1
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
