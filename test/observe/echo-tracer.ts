import type { Span, Tracer } from '../../streams/tracer.js'

/** Follows everything, without a clock or randomness: spans have numbers. */
export class EchoTracer implements Tracer {
  begun = 0
  ended = 0
  #traces = 0

  consumed(traceparent: string): Span {
    return this.#span(traceparent.slice(3, 35))
  }

  /** The context of a new trace. */
  root(): string {
    return `00-${(++this.#traces).toString(16).padStart(32, '0')}-${'1'.padStart(16, '0')}-01`
  }

  #span(trace: string): Span {
    const id = (++this.begun).toString(16).padStart(16, '0')
    let open = true
    return {
      traceparent: `00-${trace}-${id}-01`,
      child: () => this.#span(trace),
      end: () => {
        if (!open) throw new Error(`Span ${id} ends a second time.`)
        open = false
        this.ended++
      }
    }
  }
}
