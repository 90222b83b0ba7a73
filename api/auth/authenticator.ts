import type {} from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import { ProblemError } from '../problem.js'
import { type ApiKeys, isApiKey } from './keys.js'
import { type Principal, unauthorized } from './principal.js'
import type { Sessions } from './sessions.js'
import type { TokenVerifier } from './tokens.js'

/** The ways to say who is asking. */
export interface Credentials {
  readonly keys: ApiKeys
  readonly sessions: Sessions
  /** Without one no tokens are taken. */
  readonly tokens?: TokenVerifier
}

export const SESSION_COOKIE = 'segue_session'
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])
const LONGEST_TOKEN = 8_192

/**
 * Who is asking; null: they do not say. A bearer token that is not good is refused, also where a good cookie comes with it.
 * @throws ProblemError 401, 403
 */
export async function authenticate(request: FastifyRequest, credentials: Credentials): Promise<Principal | null> {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    const principal = await bearer(authorization, credentials)
    if (principal === undefined)
      throw unauthorized('The credentials are not good: unknown, expired, revoked, or meant for another service.')
    return principal
  }
  const cookie = request.cookies[SESSION_COOKIE]
  const principal = cookie === undefined ? undefined : credentials.sessions.verify(cookie)
  if (principal === undefined) return null
  // A browser sends the cookie with what other pages ask of it, too.
  if (!SAFE_METHODS.has(request.method) && !isSameOrigin(request)) {
    throw new ProblemError(403, 'A session may change things only from its own page.')
  }
  return principal
}

async function bearer(header: string, { keys, tokens }: Credentials): Promise<Principal | undefined> {
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1]
  if (token === undefined || token.length > LONGEST_TOKEN) return undefined
  return isApiKey(token) ? keys.verify(token) : tokens?.(token)
}

function isSameOrigin({ headers }: FastifyRequest): boolean {
  const { origin, host } = headers
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host
}
