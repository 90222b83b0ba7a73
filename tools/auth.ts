/** Sign-in's parts, composed. */
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
    secure: publicUrl?.startsWith('https:') ?? false
  }
}
