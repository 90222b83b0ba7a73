import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ViewUnavailableError } from '../../state/view/view.js'
import type { Api } from '../context.js'
import { type FieldProblem, PROBLEM_TYPE, ProblemError, problem } from '../problem.js'
import { COUNTRY_PATTERN, ID_PATTERN } from '../schemas/common.js'
import { Methods } from './methods.js'
import { DATA_HEADERS } from './security.js'

const RETRY_AFTER_S = 2

/**
 * Every error leaves as problem+json; what is not the caller's fault is logged and not described. Call it before routes are added.
 * `afterLimits` is to be called once requests are counted: what is not there is then answered before its body is read.
 */
export function problemErrors(app: Api): { afterLimits(): void } {
  const methods = new Methods()
  methods.watch(app)
  app.setErrorHandler(sendError)
  const notFound = (request: FastifyRequest, reply: FastifyReply): void => {
    const path = request.url.split('?', 1)[0]!
    const allowed = methods.of(path)
    // A path may look like another one whose id is too long.
    if (allowed.length === 0 || allowed.includes(request.method)) {
      send(reply, 404, `There is nothing at ${request.method} ${shown(path)}. GET /openapi.json lists the routes.`)
      return
    }
    reply.header('allow', allowed.join(', '))
    send(reply, 405, `${shown(path)} does not take ${request.method}: it takes ${allowed.join(', ')}.`)
  }
  app.setNotFoundHandler(notFound)
  return {
    afterLimits: () => void app.addHook('onRequest', (request, reply, done) => (request.is404 ? notFound(request, reply) : done()))
  }
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const [status, detail, errors] = explain(error, request)
  if (status === 500) {
    request.log.error({ err: error, method: request.method, path: pathOf(request) }, 'A request failed')
  }
  if (error instanceof ViewUnavailableError) reply.header('retry-after', RETRY_AFTER_S)
  send(reply, status, detail, errors)
}

function explain(error: unknown, request: FastifyRequest): [status: number, detail: string, errors?: readonly FieldProblem[]] {
  if (error instanceof ProblemError) return error.errors ? [error.status, error.message, error.errors] : [error.status, error.message]
  if (error instanceof ViewUnavailableError) return [503, "What answers are made from can't be reached now: try again in a moment."]
  const { validation, validationContext, statusCode = 500, code } = error as Partial<FastifyError>
  if (validation) {
    const errors = fieldProblems(validation, validationContext)
    return [400, `${errors.map(({ field, message }) => `${field} ${message}`).join('; ')}.`, errors]
  }
  if (statusCode >= 400 && statusCode < 500) return [statusCode, clientSentence(code, statusCode, request)]
  if (code === 'FST_ERR_HANDLER_TIMEOUT') return [503, 'It took too long: ask for less, or try again.']
  return [500, `The request failed for a reason that is not yours. It is in the log as ${request.id}.`]
}

function send(reply: FastifyReply, status: number, detail: string, errors?: readonly FieldProblem[]): void {
  reply
    .code(status)
    .headers({ ...DATA_HEADERS, 'content-type': PROBLEM_TYPE })
    .send(JSON.stringify(problem(status, detail, errors)))
}

const shown = (path: string): string => path.slice(0, 200)
const pathOf = (request: FastifyRequest): string => shown(request.url.split('?', 1)[0]!)

function fieldProblems(validation: NonNullable<FastifyError['validation']>, context = 'request'): FieldProblem[] {
  const problems = validation.map(({ instancePath, keyword, message, params }) => {
    const place = instancePath.slice(1).replaceAll('/', '.')
    if (keyword === 'required') return { field: String(params.missingProperty), message: 'is missing' }
    if (keyword === 'additionalProperties') {
      const unknown = String(params.additionalProperty).slice(0, 100)
      return { field: place === '' ? unknown : `${place}.${unknown}`, message: 'is not known here' }
    }
    return { field: place || context, message: sentenceOf(keyword, message ?? 'is not valid', params) }
  })
  return problems.slice(0, 10)
}

function sentenceOf(keyword: string, message: string, params: Record<string, unknown>): string {
  if (keyword === 'pattern') return patternSentences[String(params.pattern)] ?? `must have the form ${params.pattern}`
  if (keyword === 'format') return `must be a time with its zone, such as 2026-01-31T17:05:00Z`
  if (keyword === 'enum') return `must be one of ${(params.allowedValues as readonly string[]).join(', ')}`
  return message
}

const patternSentences: Readonly<Record<string, string>> = {
  [ID_PATTERN]: 'may not contain control characters',
  [COUNTRY_PATTERN]: 'must be a code of two letters, such as DE'
}

function clientSentence(code: string | undefined, status: number, request: FastifyRequest): string {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return `The body is larger than the ${request.routeOptions.bodyLimit ?? 'allowed'} bytes that this route takes: send it in parts.`
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return `The content type is not one that this route takes: send ${takenTypes(request)}.`
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return 'The path is not a valid URL: ids must be percent-encoded UTF-8 of at most 128 characters.'
    default:
      return status === 404 ? 'There is nothing here.' : 'The request could not be understood.'
  }
}

const takenTypes = (request: FastifyRequest): string =>
  ((request.routeOptions.schema as { consumes?: readonly string[] } | undefined)?.consumes ?? ['application/json']).join(' or ')

const CLIENT_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The request headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.']
}

/** For what is not even HTTP: written straight to the socket, which is then closed. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, detail] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'The request is not valid HTTP.']
  const body = problem(status, detail)
  const text = JSON.stringify(body)
  const head = [
    `HTTP/1.1 ${status} ${body.title}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close'
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
}
