import { StringDecoder } from 'node:string_decoder'
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
  for await (const { number, text: whole } of splitLines(stream)) {
    if (options.signal?.aborted) break
    // A byte order mark goes too.
    const text = whole?.trim()
    if (text === '') continue
    lines++
    try {
      batch.push(parseLine(text))
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

function parseLine(text: string | undefined): NewEvent {
  if (text === undefined) throw new BadEventError(`It has more than ${longestLine} characters: no event is so long.`)
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

/** Lines with their numbers from 1. `text` is undefined where a line is too long to be kept. */
async function* splitLines(stream: AsyncIterable<Buffer | string>): AsyncGenerator<{ number: number; text: string | undefined }> {
  const decoder = new StringDecoder('utf8')
  let number = 1
  let rest = ''
  let tooLong = false
  const line = (text: string) => {
    const complete = { number: number++, text: tooLong || rest.length + text.length > longestLine ? undefined : rest + text }
    rest = ''
    tooLong = false
    return complete
  }
  for await (const chunk of stream) {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk)
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      yield line(text.slice(start, end))
      start = end + 1
    }
    if (tooLong || rest.length + text.length - start > longestLine) {
      tooLong = true
      rest = ''
    } else rest += text.slice(start)
  }
  const last = decoder.end()
  if (rest !== '' || last !== '' || tooLong) yield line(last)
}
