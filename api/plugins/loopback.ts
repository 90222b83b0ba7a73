import type { FastifyRequest } from 'fastify'
import { ProblemError } from '../problem.js'

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/**
 * For routes that change or tell everything, where nobody signs in. The name in the request counts too: a web page whose own name was made to lead to
 * this machine is refused, and so is what a proxy on this machine passes on.
 * @throws ProblemError 403: the caller is on another machine.
 */
export async function requireLoopback({ socket, headers, principal }: FastifyRequest): Promise<void> {
  if (principal !== null) return
  const address = socket.remoteAddress ?? ''
  const near = address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
  const forwarded = headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined
  if (near && !forwarded && LOOPBACK_HOST.test(headers.host ?? '')) return
  throw new ProblemError(403, 'This route answers only to callers on the same machine, as http://127.0.0.1 or http://localhost.')
}
