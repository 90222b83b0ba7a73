/**
 * Following one record through the application (W3C Trace Context), where tracing is on. The engine knows no more of it than this: a
 * record may carry in its headers of which traces it is a part, and what is written because of it carries that on.
 */
import type { LogRecord, TaskId } from './log/log.js'

export interface Span {
  /** As it is written into headers: `00-<trace id>-<span id>-<flags>`. */
  readonly traceparent: string
  child(name: string): Span
  end(error?: string): void
}

export interface Tracer {
  /** A span for the work on a record; `traceparent` is one that it carries. Undefined: that can't be read, or is not sampled. */
  consumed(traceparent: string, record: LogRecord, task: TaskId): Span | undefined
}

type Headers = Readonly<Record<string, string>>

/** A commit's output may be caused by several records: the first has the standard's header, the others are listed in one beside it. */
const FIRST = 'traceparent'
const OTHERS = 'traceparent-others'
/** Of one record, and of the records in one commit: more are not followed. */
export const MOST_TRACES = 16

export function tracesOf(headers: Headers | undefined): readonly string[] {
  const first = headers?.[FIRST]
  if (first === undefined) return []
  const others = headers![OTHERS]
  return others === undefined ? [first] : [first, ...others.split(',', MOST_TRACES - 1)]
}

/** Undefined where there is none to carry on. */
export function traceHeaders(traceparents: readonly string[]): Headers | undefined {
  const [first, ...others] = new Set(traceparents)
  if (first === undefined) return undefined
  return others.length === 0 ? { [FIRST]: first } : { [FIRST]: first, [OTHERS]: others.slice(0, MOST_TRACES - 1).join(',') }
}

/**
 * The spans of one task: of each traced record in the commit being filled, which ends with the commit, and in it of each processor that had
 * a part. What a processor sends is caused by the record at work; what it sends when a commit ends, by all that it had in it.
 */
export class TaskTraces {
  /** Of the commit. */
  #records: Span[] = []
  readonly #ofProcessor = new Map<string, Span[]>()
  /** Of the record at work: innermost last. */
  #stack: (readonly Span[])[] = []

  constructor(
    private readonly tracer: Tracer,
    private readonly task: TaskId
  ) {}

  begin(record: LogRecord): void {
    if (record.headers === undefined) return
    const room = MOST_TRACES - this.#records.length
    const traces = tracesOf(record.headers).slice(0, room)
    const spans = traces.map(traceparent => this.tracer.consumed(traceparent, record, this.task)).filter(span => span !== undefined)
    if (spans.length === 0) return
    this.#records.push(...spans)
    this.#stack = [spans]
  }

  /** The record has been processed. */
  done(): void {
    if (this.#stack.length > 0) this.#stack = []
  }

  /** A processor begins with the record at work. True: `leave` is to be called. */
  enter(processor: string): boolean {
    const outer = this.#stack.at(-1)
    if (outer === undefined) return false
    const spans = outer.map(span => span.child(processor))
    this.#stack.push(spans)
    const before = this.#ofProcessor.get(processor)
    if (before === undefined) this.#ofProcessor.set(processor, [...spans])
    else before.push(...spans)
    return true
  }

  leave(): void {
    for (const span of this.#stack.pop() ?? []) span.end()
  }

  /** For a record that a processor sends. */
  headers(processor: string): Headers | undefined {
    const spans = this.#stack.at(-1) ?? this.#ofProcessor.get(processor)
    return spans === undefined ? undefined : traceHeaders(spans.map(({ traceparent }) => traceparent))
  }

  /** The commit is over. `error`: what was processed is not committed. */
  end(error?: string): void {
    for (const span of this.#records) span.end(error)
    this.#records = []
    this.#stack = []
    this.#ofProcessor.clear()
  }
}
