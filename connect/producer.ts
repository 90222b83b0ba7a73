/** Where sources send events to: the log itself (`logProducer`), or a running instance over HTTP (`http-producer.ts`). */
import type { InputTopic, TopicValues } from '../schemas/catalogue.js'
import type { Codec } from '../schemas/codec.js'
import type { Log, NewRecord } from '../streams/log/log.js'

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
   */
  send(events: readonly NewEvent[]): Promise<void>
}

/** The envelope of an event, keyed by its listener. */
export const newEvent = <T extends InputTopic>(topic: T, event: TopicValues[T]): NewEvent =>
  ({ topic, key: event.user_id, event }) as NewEvent

/** Sends to the log as Avro in the wire format. @throws UnencodableError nothing was written. */
export function logProducer(log: Pick<Log, 'send'>, codec: Pick<Codec, 'encode'>): EventProducer {
  const record = ({ topic, key, event, timestamp }: NewEvent): NewRecord => {
    const encoded = { topic, key: Buffer.from(key, 'utf8'), value: codec.encode(topic, event) }
    return timestamp === undefined ? encoded : { ...encoded, timestamp }
  }
  return {
    async send(events) {
      if (events.length > 0) await log.send(events.map(record))
    }
  }
}
