import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Test } from 'tap'
import { ApiKeys } from '../../api/auth/keys.js'
import type { LimitOptions } from '../../api/auth/limits.js'
import type { Scope } from '../../api/auth/principal.js'
import { Sessions } from '../../api/auth/sessions.js'
import { tokenVerifier } from '../../api/auth/tokens.js'
import type { ApiDependencies } from '../../api/options.js'
import { type Fixture, fixture, MINUTE, NOW } from './support.js'

export const AUDIENCE = 'https://segue.example'
export const ISSUER = 'https://issuer.example'

/** Who issues tokens, on loopback. */
export async function issuer(t: Test) {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise(resolve => server.close(resolve)))
  const sign = (claims: Record<string, unknown>, { expires = '5m', audience = AUDIENCE, from = ISSUER } = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(from)
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(privateKey)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`, jwk, privateKey, sign, asked: () => asked }
}

export interface Guarded extends Fixture {
  readonly keys: ApiKeys
  readonly sessions: Sessions
  /** The headers of a new key. */
  as(subject: string, ...scopes: Scope[]): { authorization: string }
  readonly clock: { now: number }
}

/** An application that asks who is asking, with two listeners, ann and mallory, and `boss` who may do everything. */
export async function guarded(
  t: Test,
  { jwksUrl, limits, ...dependencies }: Partial<ApiDependencies> & { jwksUrl?: string; limits?: LimitOptions } = {}
): Promise<Guarded> {
  const directory = mkdtempSync(join(tmpdir(), 'segue-auth-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const clock = { now: NOW }
  const now = () => clock.now
  const keys = new ApiKeys(join(directory, 'keys.json'), now)
  const sessions = new Sessions({ file: join(directory, 'sessions.json'), admins: new Set(['boss']), now })
  const tokens = jwksUrl && tokenVerifier({ jwksUrl, issuer: ISSUER, audience: AUDIENCE, algorithms: ['ES256'] })
  const auth = {
    credentials: { keys, sessions, ...(tokens && { tokens }) },
    aliasKey: Buffer.alloc(32, 7),
    limits: limits ?? { ratePerMinute: 0, longestDelayMs: 0 },
    secure: true
  }
  const parts = await fixture({ auth, ...dependencies })
  for (const user of ['ann', 'mallory']) {
    parts.view.session(user, NOW - MINUTE, [['a', 'A']], 'DE')
    parts.view.affinity(user, NOW - MINUTE, [['A', 1]])
  }
  parts.view.track('a', 'A', 7)
  parts.view.artist('A', ['a'])
  parts.view.list('a', 4, 2, [['b', 2, 1]])
  const as = (subject: string, ...scopes: Scope[]) => {
    const { key } = keys.create({ subject, scopes, name: 'test', expiresAt: null })
    return { authorization: `Bearer ${key}` }
  }
  return { ...parts, keys, sessions, as, clock }
}
