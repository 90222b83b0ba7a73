import type { InputTopic } from '../schemas/catalogue.js'
import { BadEventError, fromJson } from '../schemas/json.js'
import { type EventProducer, type NewEvent, newEvent } from './producer.js'

export interface ProduceOptions {
  /** Called for each line that is no event, with a sentence; the others go on. */
  readonly onBadLine?: (line: number, what: string) => void
  /** Called after each batch. */
  readonly onSent?: (events: number) => void
  readonly signal?: AbortSignal
}

export interface ProduceSummary {
  /** Lines that are not blank. */
  readonly lines: number
  readonly sent: number
  readonly bad: number
}

const batchSize = 500
const longestLine = 1024 * 1024

/** Sends JSON lines `{"topic", "event"}`, in order. Bad lines are reported and passed over. */
export async function produceLines(
  stream: AsyncIterable<Buffer | string>,
  producer: EventProducer,
  options: ProduceOptions = {}
): Promise<ProduceSummary> {
  let lines = 0
  let sent = 0
  let bad = 0
  let batch: NewEvent[] = []
  const flush = async () => {
    if (batch.length === 0) return
    await producer.send(batch)
    sent += batch.length
    batch = []
    options.onSent?.(sent)
  }
  for await (const { number, bytes } of splitLines(stream)) {
    if (options.signal?.aborted) break
    if (bytes?.toString().trim() === '') continue
    lines++
    try {
      batch.push(parseLine(bytes))
    } catch (error) {
      // A value nested thousands of levels deep can't even be shown.
      const tooDeep = error instanceof RangeError
      if (!tooDeep && !(error instanceof BadEventError)) throw error
      bad++
      options.onBadLine?.(number, tooDeep ? 'It is nested too deeply.' : (error as BadEventError).message)
    }
    if (batch.length >= batchSize) await flush()
  }
  await flush()
  return { lines, sent, bad }
}

/** Passes over a byte order mark. */
const utf8 = new TextDecoder('utf-8', { fatal: true })

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new BadEventError('It is not UTF-8: ids and names would be stored as others.')
  }
}

function parseLine(bytes: Buffer | undefined): NewEvent {
  if (bytes === undefined) throw new BadEventError(`It has more than ${longestLine} bytes: no event is so long.`)
  const text = textOf(bytes)
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch (error) {
    throw new BadEventError(`It is not JSON: ${(error as Error).message}.`)
  }
  if (typeof line !== 'object' || line === null || Array.isArray(line)) throw new BadEventError('It is not an object with topic and event.')
  const { topic, event } = line as { topic?: unknown; event?: unknown }
  if (typeof topic !== 'string') throw new BadEventError('topic is missing: it names one of the input topics, such as "spotify-plays".')
  return newEvent(topic as InputTopic, fromJson(topic as InputTopic, event))
}

interface Line {
  readonly number: number
  /** Undefined: the line is too long to be kept. */
  readonly bytes: Buffer | undefined
}

const NEWLINE = 0x0a

/** Lines with their numbers from 1. */
async function* splitLines(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Line> {
  let number = 1
  let parts: Buffer[] = []
  let length = 0
  const add = (part: Buffer) => {
    length += part.length
    if (length <= longestLine) parts.push(part)
    else parts = []
  }
  const line = (): Line => {
    const complete = { number: number++, bytes: length > longestLine ? undefined : Buffer.concat(parts) }
    parts = []
    length = 0
    return complete
  }
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      add(bytes.subarray(start, end))
      yield line()
      start = end + 1
    }
    add(bytes.subarray(start))
  }
  if (length > 0) yield line()
}
