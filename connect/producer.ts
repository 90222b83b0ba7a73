/** Where sources send events to: the log itself (`logProducer`), or a running instance over HTTP (`http-producer.ts`). */
import type { InputTopic, TopicValues } from '../schemas/catalogue.js'
import type { Codec } from '../schemas/codec.js'
import type { Log, NewRecord } from '../streams/log/log.js'
import { MOST_TRACES, type Span, traceHeaders } from '../streams/tracer.js'

/** A value for one of the input topics. `key` is the listener's id. */
export type NewEvent = {
  [T in InputTopic]: {
    readonly topic: T
    readonly key: string
    readonly event: TopicValues[T]
    /** Record time, milliseconds since the epoch; now, where absent. */
    readonly timestamp?: number
  }
}[InputTopic]

export interface EventProducer {
  /**
   * Resolves when all of them are durable; events of one key keep their order. After an error some may have been written:
   * send the same events again, the pipeline counts a resent event once.
   * @param traceparent of the request that brings them, as W3C Trace Context has it
   */
  send(events: readonly NewEvent[], traceparent?: string): Promise<void>
}

/** Begins a span for an event that is sent, in the trace that brought it, if any. Undefined: it is not followed. */
export type EventTraces = (topic: InputTopic, traceparent: string | undefined) => Span | undefined

/** The envelope of an event, keyed by its listener. */
export const newEvent = <T extends InputTopic>(topic: T, event: TopicValues[T]): NewEvent =>
  ({ topic, key: event.user_id, event }) as NewEvent

/** Sends to the log as Avro in the wire format. @throws UnencodableError nothing was written. */
export function logProducer(log: Pick<Log, 'send'>, codec: Pick<Codec, 'encode'>, traces?: EventTraces): EventProducer {
  const record = ({ topic, key, event, timestamp }: NewEvent): NewRecord => {
    const encoded = { topic, key: Buffer.from(key, 'utf8'), value: codec.encode(topic, event) }
    return timestamp === undefined ? encoded : { ...encoded, timestamp }
  }
  return {
    async send(events, traceparent) {
      if (events.length === 0) return
      const records = events.map(record)
      await (traces === undefined ? log.send(records) : sendTraced(log, records, topic => traces(topic as InputTopic, traceparent)))
    }
  }
}

async function sendTraced(
  log: Pick<Log, 'send'>,
  records: readonly NewRecord[],
  begin: (topic: string) => Span | undefined
): Promise<void> {
  const spans: Span[] = []
  const traced = records.map(record => {
    const span = spans.length < MOST_TRACES ? begin(record.topic) : undefined
    if (span === undefined) return record
    spans.push(span)
    return { ...record, headers: traceHeaders([span.traceparent])! }
  })
  try {
    await log.send(traced)
    for (const span of spans) span.end()
  } catch (error) {
    for (const span of spans) span.end((error as Error).message)
    throw error
  }
}
