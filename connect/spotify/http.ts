/** One request to Spotify: bounded in time and size, its failures as errors that name the reaction. */
import { ForbiddenError, RateLimitedError, UnauthorizedError, UnavailableError, UnexpectedAnswerError } from './errors.js'

const TIMEOUT_MS = 10_000
/** A page of 50 tracks has some 150 KB. */
const MAX_BYTES = 4 * 1024 * 1024
const LONGEST_WAIT_MS = 24 * 3_600_000
const SHORTEST_WAIT_MS = 1_000

export interface Answer {
  readonly status: number
  /** Undefined where there is none. */
  readonly body: unknown
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

/**
 * Answers with 2xx, and 400 for the caller to explain. Redirects are not followed: they would carry the token elsewhere.
 * @throws UnavailableError, RateLimitedError, UnauthorizedError, ForbiddenError, UnexpectedAnswerError
 */
export async function request(url: URL, { signal, ...options }: RequestOptions): Promise<Answer> {
  const what = `${options.method ?? 'GET'} ${url.pathname}`
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  let response: Response
  let text: string
  try {
    response = await fetch(url, { ...options, redirect: 'manual', signal: signal ? AbortSignal.any([signal, timeout]) : timeout })
    text = await readText(response)
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof UnexpectedAnswerError) throw error
    const { name, cause } = error as Error & { cause?: { code?: string } }
    throw new UnavailableError(`Spotify did not answer ${what} (${name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? name)}).`)
  }
  const { status } = response
  if (status === 401) throw new UnauthorizedError(`Spotify refused the access token for ${what}.`)
  if (status === 403) throw new ForbiddenError(`Spotify refuses ${what} to this account${reasonOf(text)}.`)
  if (status === 429) throw new RateLimitedError(waitOf(response.headers.get('retry-after')))
  if (status >= 500 || status === 408) throw new UnavailableError(`Spotify answered ${status} to ${what}.`)
  if (!response.ok && status !== 400) throw new UnexpectedAnswerError(`Spotify answered ${status} to ${what}.`)
  return { status, body: status === 204 || text === '' ? undefined : parse(text, what) }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new UnexpectedAnswerError(`Spotify's answer has more than ${MAX_BYTES} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnexpectedAnswerError(`Spotify's answer to ${what} is not JSON.`)
  }
}

/** Spotify says seconds; a date is allowed by RFC 9110. */
function waitOf(header: string | null): number {
  const seconds = Number(header ?? Number.NaN)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header ?? '') - Date.now()
  return Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, Number.isFinite(ms) ? ms : 5_000))
}

function reasonOf(text: string): string {
  const said = /"(?:message|reason)"\s*:\s*"([^"\\]{1,200})"/.exec(text)?.[1]
  return said === undefined ? '' : `: ${said.replace(/\.$/, '')}`
}
