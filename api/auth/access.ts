/** Who may ask what: on every route below the scope that this is called on. */
import { type TObject, Type } from '@sinclair/typebox'
import type { FastifyRequest, RouteOptions } from 'fastify'
import type { Api } from '../context.js'
import { ProblemError } from '../problem.js'
import { problems } from '../schemas/common.js'
import { authenticate, type Credentials } from './authenticator.js'
import { type Access, isAdmin, mayUse, type Principal, unauthorized } from './principal.js'

const accessOf = (request: FastifyRequest): Access => request.routeOptions.config.access ?? 'admin'

/** Without credentials to check (on this machine only) nobody is asked who they are. */
export function accessControl(scope: Api, credentials: Credentials | undefined): void {
  ownTwins(scope)
  if (credentials !== undefined) {
    documentRefusals(scope)
    scope.addHook('onRequest', async (request, reply) => {
      // Answers to one caller are nobody else's to keep.
      reply.headers({ 'cache-control': 'no-store', vary: 'authorization, cookie' })
      const access = accessOf(request)
      if (access === 'public') return
      reply.header('www-authenticate', 'Bearer realm="segue"')
      request.principal = await authenticate(request, credentials)
      reply.removeHeader('www-authenticate')
      if (request.principal === null) {
        reply.header('www-authenticate', 'Bearer realm="segue"')
        throw unauthorized('Say who you are: sign in at /v1/sign-in, or send an API key or a token as Authorization: Bearer …')
      }
      if (!mayUse(request.principal, access)) throw new ProblemError(403, `This needs the scope "${access}".`)
    })
  }
  scope.addHook('preValidation', async request => {
    if (request.routeOptions.config.own) request.params = { ...(request.params as object), user_id: subjectOf(request.principal) }
    if (request.principal !== null) {
      ownOnly(request.query, request.principal)
      ownOnly(request.body, request.principal)
    }
  })
}

function subjectOf(principal: Principal | null): string {
  if (principal !== null) return principal.subject
  throw unauthorized('Nobody signs in here: /v1/users/ID/… shows a listener.')
}

/** Whoever names a listener names themselves, or is an admin. */
function ownOnly(named: unknown, principal: Principal): void {
  if (typeof named !== 'object' || named === null || !('user_id' in named) || isAdmin(principal)) return
  if (named.user_id !== undefined && named.user_id !== principal.subject) {
    throw new ProblemError(403, 'user_id may name another listener with the scope "admin" only; without it you are meant yourself.')
  }
}

/** What a caller may be answered on any route where callers are asked who they are. */
function documentRefusals(scope: Api): void {
  scope.addHook('onRoute', route => {
    const { schema, config } = route
    if (schema === undefined) return
    const isPublic = (config as { access?: Access } | undefined)?.access === 'public'
    const refusals = isPublic ? problems(429, 431, 503) : problems(401, 403, 429, 431, 503)
    route.schema = {
      ...schema,
      ...(!isPublic && { security: [{ bearer: [] }, { session: [] }] }),
      response: { ...refusals, ...(schema.response as object) }
    }
  })
}

const OF_A_LISTENER = /^(.*)\/users\/:user_id(\/.*)?$/

const TWINNED = ['GET', 'PUT', 'DELETE']

/** For each GET, PUT or DELETE /users/:user_id… one of /me… */
function ownTwins(scope: Api): void {
  scope.addHook('onRoute', route => {
    const [, before, after = ''] = OF_A_LISTENER.exec(route.path) ?? []
    if (before === undefined || !TWINNED.includes(String(route.method))) return
    const { params, ...schema } = route.schema as { params: TObject } & Record<string, unknown>
    const others = Type.Omit(params, ['user_id'])
    const path = `/me${after}`
    const twin = {
      ...route,
      url: path,
      config: { access: 'listener', own: true },
      schema: {
        ...schema,
        ...(Object.keys(others.properties).length > 0 && { params: others }),
        operationId: `${String(schema.operationId)}OfMine`,
        summary: `${String(schema.summary)}: one's own`,
        response: { ...problems(401), ...(schema.response as object) }
      }
    } as RouteOptions
    scope.route(twin)
  })
}
