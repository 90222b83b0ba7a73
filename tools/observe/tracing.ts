/**
 * OpenTelemetry behind the engine's tracing port: one listening event can be followed from the request that brought it, through each
 * processor, to the view. Loaded only where an exporter is set up. Spans name topics and offsets, never keys or values.
 */
import { diag, ROOT_CONTEXT, type Span as SdkSpan, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base'
import type { MirroredRecords } from '../../connect/mirror.js'
import type { EventTraces } from '../../connect/producer.js'
import type { LogRecord } from '../../streams/log/log.js'
import { type Span, type Tracer, tracesOf } from '../../streams/tracer.js'

export interface Tracing {
  readonly tracer: Tracer
  readonly produced: EventTraces
  readonly mirrored: MirroredRecords
  /** Sends what is left, for a few seconds at most. */
  close(): Promise<void>
}

/** Of traces that begin here, where OTEL_TRACES_SAMPLER does not say otherwise. */
const RATIO = 0.01
const CLOSE_MS = 3_000
const SAY_AGAIN_MS = 60_000

/** What can't be exported is dropped, and said from time to time. The exporter's other settings are OTEL_EXPORTER_OTLP_... */
export function startTracing({ endpoint }: { endpoint: string }, say: (sentence: string) => void): Tracing {
  complain(say)
  const { OTEL_SERVICE_NAME = 'segue', OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG } = process.env
  const ratio = Number(OTEL_TRACES_SAMPLER_ARG ?? RATIO)
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': OTEL_SERVICE_NAME }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: endpoint }))],
    // With the variable, the SDK reads it.
    ...(OTEL_TRACES_SAMPLER === undefined && { sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }) })
  })
  const tracer = provider.getTracer('segue')
  /** Undefined: the context can't be read, or the trace is not sampled. */
  const begin = (
    name: string,
    traceparent: string | undefined,
    kind: SpanKind,
    attributes: Record<string, string | number>,
    at?: number
  ) => {
    const parent = traceparent === undefined ? ROOT_CONTEXT : contextOf(traceparent)
    if (parent === undefined) return undefined
    const span = tracer.startSpan(name, { kind, attributes, ...(at !== undefined && { startTime: at }) }, parent)
    return span.isRecording() ? span : undefined
  }
  const wrap = (span: SdkSpan): Span => ({
    traceparent: traceparentOf(span),
    child: name => wrap(tracer.startSpan(name, {}, trace.setSpan(ROOT_CONTEXT, span))),
    end: error => end(span, error)
  })
  return {
    tracer: {
      consumed(traceparent, record, { unit, partition }) {
        const attributes = { ...placeOf(record), 'segue.sub_topology': unit, 'segue.partition': partition }
        const span = begin(`process ${record.topic}`, traceparent, SpanKind.CONSUMER, attributes)
        return span && wrap(span)
      }
    },
    produced: (topic, traceparent) => {
      const span = begin(`send ${topic}`, traceparent, SpanKind.PRODUCER, { 'messaging.destination.name': topic })
      return span && wrap(span)
    },
    mirrored: (records, startedAt) => {
      for (const record of records)
        for (const traceparent of tracesOf(record.headers))
          begin(`mirror ${record.topic}`, traceparent, SpanKind.CONSUMER, placeOf(record), startedAt)?.end()
    },
    close: () => Promise.race([provider.shutdown(), new Promise<void>(resolve => setTimeout(resolve, CLOSE_MS).unref())])
  }
}

const placeOf = ({ topic, partition, offset }: LogRecord) => ({
  'messaging.destination.name': topic,
  'messaging.destination.partition.id': String(partition),
  'messaging.kafka.offset': offset
})

function contextOf(traceparent: string) {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? []
  if (traceId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId!)) return undefined
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: spanId!, traceFlags: Number.parseInt(flags!, 16) & 1, isRemote: true })
}

function traceparentOf(span: SdkSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

function end(span: SdkSpan, error: string | undefined): void {
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error })
  span.end()
}

function complain(say: (sentence: string) => void): void {
  let last = Number.NEGATIVE_INFINITY
  const error = (message: string) => {
    if (performance.now() - last < SAY_AGAIN_MS) return
    last = performance.now()
    say(`Traces can't be sent: ${message}`)
  }
  const silent = () => {}
  diag.setLogger({ error, warn: silent, info: silent, debug: silent, verbose: silent })
}
