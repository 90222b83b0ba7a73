import type { InputTopic, TopicValues } from '../schemas/catalogue.js'

/** A value for one of the input topics. */
export type ProducedEvent = { [N in InputTopic]: { readonly topic: N; readonly event: TopicValues[N] } }[InputTopic]

/** Appends events to the input topics. Given to the API by whoever composes the program. */
export interface Producer {
  /**
   * All of them or none, keyed by their listeners; resolves when they are durable.
   * @param traceparent of the request, as W3C Trace Context has it
   */
  produce(events: readonly ProducedEvent[], traceparent?: string): Promise<void>
}
