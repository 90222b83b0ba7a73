import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { ProblemError } from '../problem.js'
import { isScope, type Principal, type Scope } from './principal.js'

export interface TokenOptions {
  /** Where the issuer publishes its keys. */
  readonly jwksUrl: string
  readonly issuer: string
  /** What the token must be meant for. */
  readonly audience: string
  /** Those of asymmetric keys only: `none` and shared secrets are never among them. */
  readonly algorithms: readonly string[]
}

const CLOCK_TOLERANCE_S = 5
const SUBJECT = /^[^\p{Cc}]{1,128}$/u

export type TokenVerifier = (token: string) => Promise<Principal | undefined>

/**
 * Verifies JSON Web Tokens of one issuer (RFC 7519, RFC 8725). Undefined: not one of its tokens, or no longer.
 * @throws ProblemError 503: the issuer's keys can't be had
 */
export function tokenVerifier({ jwksUrl, issuer, audience, algorithms }: TokenOptions): TokenVerifier {
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 5_000, cooldownDuration: 30_000 })
  return async token => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        clockTolerance: CLOCK_TOLERANCE_S,
        requiredClaims: ['sub', 'exp']
      })
      return principalOf(payload)
    } catch (error) {
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== 'ERR_JOSE_GENERIC') return undefined
      throw new ProblemError(503, 'The keys that tokens are checked with can not be had just now: try again.')
    }
  }
}

function principalOf({ sub, scope }: JWTPayload): Principal | undefined {
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) return undefined
  const given = typeof scope === 'string' ? scope.split(' ').filter(isScope) : []
  return { subject: sub, scopes: new Set<Scope>(['listener', ...given]), means: 'token' }
}
