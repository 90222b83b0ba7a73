import { ProblemError } from '../problem.js'

/** What a caller may do beside reading their own data and the music: send events in, or everything. */
export const SCOPES = ['listener', 'ingest', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** Who is asking: told by their credentials, never by what else the request says. */
export interface Principal {
  /** A listener's id, or a machine's name. */
  readonly subject: string
  readonly scopes: ReadonlySet<Scope>
  readonly means: 'session' | 'key' | 'token'
}

/** Who may use a route: anyone, who may read their own, who may send events, who may do everything. */
export type Access = 'public' | Scope

export const isAdmin = (principal: Principal): boolean => principal.scopes.has('admin')

export const mayUse = (principal: Principal, access: Access): boolean =>
  access === 'public' || isAdmin(principal) || principal.scopes.has(access)

export const isScope = (text: string): text is Scope => (SCOPES as readonly string[]).includes(text)

export const unauthorized = (detail: string) => new ProblemError(401, detail)

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: nobody said who they are, or nobody needs to. */
    principal: Principal | null
  }
  interface FastifyContextConfig {
    /** `admin` where absent: a route that says nothing is closed. */
    readonly access?: Access
    /** A route of one's own data: /me/… in place of /users/:user_id/… */
    readonly own?: boolean
  }
}
