import { type DestinationStream, type Logger, pino } from 'pino'
import { buildApp } from './app.js'
import type { Api } from './context.js'
import type { ApiDependencies } from './options.js'

export interface ListenOptions {
  readonly port: number
  /** 127.0.0.1 unless told. */
  readonly host?: string
}

/** What a log line never shows. */
const SECRETS = [
  'req.headers.authorization',
  'req.headers.cookie',
  'headers.authorization',
  'headers.cookie',
  '*.password',
  '*.token',
  '*.secret'
]

/** JSON lines; to standard output unless told. `scrub` has the last word on each of them. */
export const createLogger = (level = 'info', destination?: DestinationStream, scrub?: (line: string) => string): Logger => {
  const options = { level, redact: { paths: SECRETS, censor: '[redacted]' }, ...(scrub && { hooks: { streamWrite: scrub } }) }
  return destination ? pino(options, destination) : pino(options)
}

/** The port can't be listened on; the message says what to do. */
export class ListenError extends Error {
  override name = 'ListenError'
}

/** Builds the API and listens. Close it with `app.close()`. @throws ListenError */
export async function startServer(dependencies: ApiDependencies, { port, host = '127.0.0.1' }: ListenOptions): Promise<Api> {
  const app = await buildApp(dependencies)
  try {
    await app.listen({ port, host })
  } catch (error) {
    await app.close()
    throw new ListenError(sentenceOf(error as NodeJS.ErrnoException, port, host), { cause: error })
  }
  return app
}

function sentenceOf(error: NodeJS.ErrnoException, port: number, host: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `The port ${port} on ${host} is in use by another program: stop that one, or choose another with --port (or PORT).`
    case 'EACCES':
      return `The port ${port} on ${host} may not be used by this user: choose one above 1023 with --port (or PORT).`
    case 'EADDRNOTAVAIL':
      return `The address ${host} does not belong to this machine.`
    default:
      return `The port ${port} on ${host} can't be listened on: ${error.message}.`
  }
}
