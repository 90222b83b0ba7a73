/** Sign-in's parts, composed. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiKeys } from '../api/auth/keys.js'
import { Sessions } from '../api/auth/sessions.js'
import { tokenVerifier } from '../api/auth/tokens.js'
import type { ApiAuth } from '../api/options.js'
import type { AuthConfig } from '../config.js'

const directory = (dataDir: string) => join(dataDir, 'auth')

export const openKeys = (dataDir: string): ApiKeys => new ApiKeys(join(directory(dataDir), 'keys.json'), Date.now)

export function openAuth(config: AuthConfig, dataDir: string): ApiAuth {
  const { admins, tokens, ratePerMinute, longestDelayMs, publicUrl } = config
  const file = join(directory(dataDir), 'sessions.json')
  return {
    credentials: {
      keys: openKeys(dataDir),
      sessions: new Sessions({ file, admins: new Set(admins), now: Date.now }),
      ...(tokens && { tokens: tokenVerifier(tokens) })
    },
    limits: { ratePerMinute, longestDelayMs },
    aliasKey: aliasKey(directory(dataDir)),
    secure: publicUrl?.startsWith('https:') ?? false
  }
}

/** Made once, and kept: aliases stay the same. Whoever has it can tell whom an alias stands for. */
function aliasKey(folder: string): Uint8Array {
  const file = join(folder, 'alias.key')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, randomBytes(32), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const key = readFileSync(file)
  if (key.length !== 32) throw new Error(`${file} has ${key.length} bytes in place of 32: remove it, and a new one is made.`)
  return key
}
