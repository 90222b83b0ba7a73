import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Api } from '../context.js'
import { ProblemError } from '../problem.js'

export interface LimitOptions {
  /** Requests a minute of one subject, or of an address that does not say who asks; ten times as many of one address in all. 0: no limit. */
  readonly ratePerMinute: number
  /** Requests are refused while the event loop is this late, milliseconds. 0: never. */
  readonly longestDelayMs: number
}

export const unlimited: LimitOptions = { ratePerMinute: 0, longestDelayMs: 0 }

/** An address may be that of many people. */
const PEOPLE_AT_AN_ADDRESS = 10
const REMEMBERED = 20_000

type Check = ReturnType<Api['createRateLimit']>

/** Refuses what is too much before it costs anything. `afterAccess` is to be called once the caller is known. */
export async function limits(app: Api, { ratePerMinute, longestDelayMs }: LimitOptions): Promise<{ afterAccess(scope: Api): void }> {
  if (longestDelayMs > 0) {
    await app.register(underPressure, {
      maxEventLoopDelay: longestDelayMs,
      retryAfter: 2,
      pressureHandler: (request, reply) => {
        // A process that is busy is alive, and this is when it is looked at.
        if (request.url === '/healthz' || request.url === '/v1/metrics') return
        reply.header('retry-after', '2')
        throw new ProblemError(503, 'There is more to do than can be done just now: try again in a moment.')
      }
    })
  }
  if (ratePerMinute === 0) return { afterAccess: () => {} }
  await app.register(rateLimit, { global: false, cache: REMEMBERED })
  const limit = (max: number, keyGenerator: (request: FastifyRequest) => string) =>
    app.createRateLimit({ max, timeWindow: 60_000, keyGenerator })
  const byAddress = limit(ratePerMinute * PEOPLE_AT_AN_ADDRESS, request => `address ${request.ip}`)
  const bySubject = limit(ratePerMinute, ({ principal, ip }) => (principal === null ? `address ${ip}` : `subject ${principal.subject}`))
  app.addHook('onRequest', (request, reply) => enforce(byAddress, request, reply))
  return { afterAccess: scope => void scope.addHook('onRequest', (request, reply) => enforce(bySubject, request, reply)) }
}

async function enforce(check: Check, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const limit = await check(request)
  if (limit.isAllowed || !limit.isExceeded) return
  reply.header('retry-after', String(Math.max(1, limit.ttlInSeconds)))
  throw new ProblemError(429, `More than ${limit.max} requests in a minute: try again in ${Math.max(1, limit.ttlInSeconds)} s.`)
}
