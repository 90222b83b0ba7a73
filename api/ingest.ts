import { setImmediate as nextTurn } from 'node:timers/promises'
import type { InputTopic } from '../schemas/catalogue.js'
import { BadEventError, fromJson } from '../schemas/json.js'
import { ProblemError } from './problem.js'
import type { ProducedEvent } from './producer.js'

/** After so many lines other requests get their turn. */
const SLICE = 500

/**
 * Reads NDJSON lines `{"topic", "event"}`; empty lines are passed over.
 * @throws ProblemError 400 naming the first bad line and its field.
 */
export async function readEvents(body: Uint8Array): Promise<ProducedEvent[]> {
  const lines = textOf(body).split('\n')
  const events: ProducedEvent[] = []
  for (let i = 0; i < lines.length; i++) {
    if (i % SLICE === SLICE - 1) await nextTurn()
    if (lines[i]!.trim() !== '') events.push(readLine(lines[i]!, i + 1))
  }
  if (events.length === 0) throw new ProblemError(400, 'The body holds no line: send one JSON object {"topic", "event"} per line.')
  return events
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new ProblemError(400, 'The body is not UTF-8.')
  }
}

function readLine(text: string, line: number): ProducedEvent {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw bad(line, 'line', 'is not JSON.')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad(line, 'line', 'is not an object {"topic", "event"}.')
  const { topic, event } = json as { topic?: InputTopic; event?: unknown }
  if (typeof topic !== 'string') throw bad(line, 'topic', 'is missing.')
  if (event === undefined) throw bad(line, 'event', 'is missing.')
  try {
    return { topic, event: fromJson(topic, event) } as ProducedEvent
  } catch (error) {
    // Printing a value that is nested thousands of levels deep exhausts the stack.
    if (error instanceof RangeError) throw bad(line, 'event', 'is nested too deeply.')
    if (!(error instanceof BadEventError)) throw error
    const [, field = 'event'] = /^([a-z_]+) is /.exec(error.message) ?? []
    throw new ProblemError(400, `Line ${line}: ${error.message}`, [{ line, field, message: error.message }])
  }
}

const bad = (line: number, field: string, message: string) =>
  new ProblemError(400, `Line ${line}: ${field === 'line' ? 'it' : field} ${message}`, [{ line, field, message }])
