import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { differences } from '../../tools/dump-equality.js'
import { openWhole, recordOf, vector } from '../conformance/whole.js'
import { ingest, start } from '../product/instance.js'
import { listening } from '../product/listening.js'
import { temporary } from '../product/run.js'
import { EchoTracer } from './echo-tracer.js'
import { until } from './support.js'

interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
}
interface OtlpRequest {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[]
}

/** A collector: takes OTLP as JSON over HTTP. */
async function collector(t: Test): Promise<{ url: string; spans: OtlpSpan[]; bodies: string[] }> {
  const spans: OtlpSpan[] = []
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as OtlpRequest
    bodies.push(JSON.stringify(body))
    for (const { scopeSpans } of body.resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans)
    response.setHeader('content-type', 'application/json').end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, bodies }
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CALLER = 'b7ad6b7169203331'

t.test('one event, followed from the request that brings it through every processor to the view', async t => {
  const { url, spans, bodies } = await collector(t)
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_SAMPLER_ARG: '0', OTEL_BSP_SCHEDULE_DELAY: '50' }
  const segue = await start(t, { SEGUE_DATA_DIR: temporary(t), ...environment })
  const lines = listening(200)
  t.equal(await ingest(segue.url, lines.slice(0, -1)), 200)
  await segue.settled()
  t.equal(spans.length, 0, 'what nobody follows costs nothing')
  const response = await fetch(`${segue.url}/v1/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', traceparent: `00-${TRACE}-${CALLER}-01` },
    body: lines.at(-1)!
  })
  t.equal(response.status, 200)
  await until(() => spans.some(({ name }) => name === 'mirror track-neighbours'))
  await segue.settled()
  segue.process.kill('SIGTERM')
  t.equal((await segue.ended).code, 0)

  for (const { traceId, name } of spans) t.equal(traceId, TRACE, name)
  const byId = new Map(spans.map(span => [span.spanId, span]))
  t.equal(byId.size, spans.length, 'each is sent once')
  const pathTo = (name: string): string[] => {
    const path: string[] = []
    let span = spans.find(span => span.name === name)
    for (; span !== undefined; span = byId.get(span.parentSpanId ?? '')) {
      path.unshift(span.name)
      if (span.parentSpanId === CALLER) path.unshift('the caller')
    }
    return path
  }
  t.strictSame(pathTo('mirror track-neighbours'), [
    ...['the caller', 'send spotify-plays', 'process spotify-plays', 'clean', 'sessions'],
    ...['process track-updates', 'co-occurrence', 'mirror track-neighbours']
  ])
  t.strictSame(pathTo('mirror artist-affinity').slice(-3), ['clean', 'affinity', 'mirror artist-affinity'])
  for (const { name, startTimeUnixNano, endTimeUnixNano } of spans) t.ok(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano), name)
  t.notMatch(bodies.join(), /listener-\d|track-\d|Artist \d/, 'no span names a listener or what they hear')
})

t.test('records that are followed give the same state as those that are not, and every span ends once', async t => {
  const tracer = new EchoTracer()
  const it = await openWhole(t, { MAX_COMMIT_RECORDS: '37' }, { tracer })
  const { lines, expected } = vector('awkward')
  const headers = (n: number) => ({ traceparent: `00-${TRACE}-${n.toString(16).padStart(16, '0')}-01` })
  const now = Date.now()
  for (let from = 0; from < lines.length; from += 250)
    await it.base.log.send(
      lines.slice(from, from + 250).map((line, i) => ({ ...recordOf(it.base, line, now), headers: headers(from + i + 1) }))
    )
  t.same(differences(expected, await it.dump()), [])
  t.ok(tracer.begun > 1000)
  t.equal(tracer.ended, tracer.begun)
  const carried = (await it.records('track-neighbours')).filter(({ headers }) => headers?.traceparent !== undefined)
  t.ok(carried.length > 0, 'what is caused carries the trace on')
})

t.test('without an exporter no record has a header more', async t => {
  const it = await openWhole(t)
  const { lines } = vector('hand')
  await it.base.log.send(lines.map(line => recordOf(it.base, line, Date.now())))
  await it.dump()
  for (const topic of ['listening-events', 'track-neighbours', 'user-sessions'] as const)
    for (const { headers } of await it.records(topic)) t.notOk(headers && Object.keys(headers).length > 0, topic)
})
