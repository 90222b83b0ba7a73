import { STATUS_CODES } from 'node:http'

/** Where something in the request is wrong. */
export interface FieldProblem {
  readonly field: string
  readonly message: string
  /** For bodies of lines: the line, from 1. */
  readonly line?: number
}

/** The body of every error (RFC 9457, application/problem+json). */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  /** A sentence for the caller. */
  readonly detail: string
  readonly errors?: readonly FieldProblem[]
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** Thrown by routes: becomes the answer. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  constructor(
    readonly status: number,
    message: string,
    readonly errors?: readonly FieldProblem[]
  ) {
    super(message)
  }
}

export function problem(status: number, detail: string, errors?: readonly FieldProblem[]): Problem {
  const title = STATUS_CODES[status] ?? 'Error'
  return { type: 'about:blank', title, status, detail, ...(errors && { errors }) }
}

export const missing = (field: string) => new ProblemError(400, `${field} is missing.`, [{ field, message: 'is missing' }])

export const notFound = (what: string, id: string) =>
  new ProblemError(404, `There is no ${what} "${id}": no accepted event has named it yet.`)
