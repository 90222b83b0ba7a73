import type { FastifyRequest } from 'fastify'
import { ProblemError } from '../problem.js'

/** For routes that ask for no credentials. @throws ProblemError 403: the caller is on another machine. */
export async function requireLoopback(request: FastifyRequest): Promise<void> {
  const address = request.socket.remoteAddress ?? ''
  if (address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')) return
  throw new ProblemError(403, 'This route answers only to callers on the same machine.')
}
