import helmet from '@fastify/helmet'
import type { Api } from '../context.js'

const SELF = ["'self'"]
const NONE = ["'none'"]

/** A page runs its own files and talks to its own server, nothing else. */
const pageOnly = {
  defaultSrc: NONE,
  baseUri: NONE,
  connectSrc: SELF,
  fontSrc: SELF,
  formAction: SELF,
  frameAncestors: NONE,
  imgSrc: SELF,
  objectSrc: NONE,
  scriptSrc: SELF,
  scriptSrcAttr: NONE,
  styleSrc: SELF
}

/** For the HTML of a scope: Helmet's headers, with a strict content security policy; `more`: what it allows beside its own files. */
export async function pageHeaders(scope: Api, more: { images?: readonly string[]; styles?: readonly string[] } = {}): Promise<void> {
  const directives = { ...pageOnly, imgSrc: [...SELF, ...(more.images ?? [])], styleSrc: [...SELF, ...(more.styles ?? [])] }
  await scope.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives },
    referrerPolicy: { policy: 'no-referrer' },
    // There is no TLS here: that is the reverse proxy's, and so is this header.
    strictTransportSecurity: false
  })
}

/** Of answers that are data: nobody may take them for a page, or show them in one. */
export const DATA_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'"
}

export function dataHeaders(scope: Api): void {
  scope.addHook('onRequest', (_request, reply, done) => {
    reply.headers(DATA_HEADERS)
    done()
  })
}
