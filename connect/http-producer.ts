/** Sends events to a running instance: in embedded mode the log is open in one process only. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventProducer, NewEvent } from './producer.js'

export interface HttpProducerOptions {
  /** Where the instance listens, such as http://127.0.0.1:3000. */
  readonly url: string
  /** Sent as `Authorization: Bearer …` where given. */
  readonly token?: string
  /** Bytes of one request's body, about. Default 512 KiB. */
  readonly maxBytes?: number
  /** Milliseconds until an unanswered request counts as failed. Default 30,000. */
  readonly timeoutMs?: number
  /** How often a request is repeated before giving up. Default 6. */
  readonly retries?: number
  /** Milliseconds before the first repetition; doubles each time, up to 10 s. Default 250. */
  readonly backOffMs?: number
  readonly signal?: AbortSignal
}

/** The instance can't be reached or does not take the events. Its message says which and what to do. */
export class IngestError extends Error {
  override name = 'IngestError'
}

const maxBackOffMs = 10_000

/** One request at a time, so that order is kept and a busy instance slows its producer down. */
export function httpProducer(options: HttpProducerOptions): EventProducer {
  const maxBytes = options.maxBytes ?? 512 * 1024
  return {
    async send(events) {
      for (const body of bodies(events, maxBytes)) await post(options, body)
    }
  }
}

/** NDJSON of at most `maxBytes` each, but at least one line. */
function* bodies(events: readonly NewEvent[], maxBytes: number): Generator<{ text: string; lines: number }> {
  let text = ''
  let bytes = 0
  let lines = 0
  for (const { topic, event } of events) {
    const line = `${JSON.stringify({ topic, event })}\n`
    const size = Buffer.byteLength(line)
    if (lines > 0 && bytes + size > maxBytes) {
      yield { text, lines }
      text = ''
      bytes = lines = 0
    }
    text += line
    bytes += size
    lines++
  }
  if (lines > 0) yield { text, lines }
}

/** Repeats what may succeed later (no connection, 408, 429, 5xx) with the same content. */
async function post(options: HttpProducerOptions, body: { text: string; lines: number }): Promise<void> {
  const retries = options.retries ?? 6
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted()
    const outcome = await tryPost(options, body)
    if (outcome === 'accepted') return
    if (attempt >= retries)
      throw new IngestError(`${outcome.message} Gave up after ${attempt + 1} attempts; sending the same events again is safe.`)
    const backOff = Math.min(maxBackOffMs, (options.backOffMs ?? 250) * 2 ** attempt)
    await sleep(Math.max(backOff, outcome.retryAfterMs), undefined, options.signal ? { signal: options.signal } : {})
  }
}

interface Retriable {
  readonly message: string
  readonly retryAfterMs: number
}

async function tryPost(options: HttpProducerOptions, body: { text: string; lines: number }): Promise<'accepted' | Retriable> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 30_000)
  const headers: Record<string, string> = { 'content-type': 'application/x-ndjson' }
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`
  let response: Response
  let text: string
  try {
    response = await fetch(new URL('/v1/ingest', options.url), {
      method: 'POST',
      headers,
      body: body.text,
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
    })
    text = await response.text()
  } catch (error) {
    options.signal?.throwIfAborted()
    return {
      message: `Segue at ${options.url} did not answer (${reasonOf(error)}). Is it running? Start it with \`segue start\`.`,
      retryAfterMs: 0
    }
  }
  if (response.ok) return checkAccepted(options.url, text, body.lines)
  const detail = sentence(problemOf(text) ?? response.statusText)
  if (response.status === 408 || response.status === 429 || response.status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? 0)
    const retryAfterMs = Number.isFinite(seconds) ? Math.min(60_000, Math.max(0, seconds * 1000)) : 0
    return { message: `Segue at ${options.url} answered ${response.status}: ${detail}`, retryAfterMs }
  }
  throw new IngestError(`Segue at ${options.url} refused the events (${response.status}): ${detail}`)
}

function checkAccepted(url: string, text: string, lines: number): 'accepted' {
  const accepted = (parse(text) as { accepted?: unknown } | undefined)?.accepted
  if (accepted === lines) return 'accepted'
  throw new IngestError(`${url} accepted ${String(accepted)} of ${lines} events: is it Segue that listens there, and of this version?`)
}

/** The sentence of a problem+json body (RFC 9457). */
function problemOf(text: string): string | undefined {
  const problem = parse(text) as { detail?: unknown; title?: unknown } | undefined
  const said = problem?.detail ?? problem?.title
  return typeof said === 'string' ? said : undefined
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string } }
  return name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? message)
}
