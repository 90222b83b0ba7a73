import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { httpProducer } from '../../connect/http-producer.js'
import { logProducer, type NewEvent, newEvent } from '../../connect/producer.js'
import { simulateDay } from '../../connect/simulator/day.js'
import { defaultWorld, World } from '../../connect/simulator/world.js'
import { createCodec } from '../../schemas/codec.js'
import type { Play } from '../../schemas/events.js'
import type { NewRecord } from '../../streams/log/log.js'
import { MemoryRegistry } from '../schemas/memory-registry.js'
import { digest } from './support.js'

const events = simulateDay(new World({ ...defaultWorld, listeners: 20, tracks: 200, artists: 40 }), '2026-01-01').map(({ event }) => event)

t.test('log: each event as Avro, keyed by its listener', async t => {
  const codec = await createCodec(new MemoryRegistry())
  const records: NewRecord[] = []
  const log = {
    async send(sent: readonly NewRecord[]) {
      records.push(...sent)
      return []
    }
  }
  const producer = logProducer(log, codec)
  await producer.send([])
  await producer.send([...events, { ...newEvent('spotify-plays', events[0]!.event as Play), timestamp: 42 }])
  t.equal(records.length, events.length + 1)
  const decoded = records.map(({ topic, key, value }) => ({
    topic,
    key: key!.toString('utf8'),
    event: codec.decode(topic as NewEvent['topic'], value!)
  }))
  t.equal(digest(decoded.slice(0, -1)), digest(events))
  t.equal(records[0]!.timestamp, undefined, 'now')
  t.equal(records.at(-1)!.timestamp, 42)
  const bad = { ...events[0]!, event: { ...events[0]!.event, track_id: 7 } } as unknown as NewEvent
  await t.rejects(producer.send([events[1]!, bad]), { name: 'UnencodableError' })
  t.equal(records.length, events.length + 1, 'nothing of it was written')
})

/** A server that answers by `answer`, which is given the lines of each request. */
async function serve(
  answer: (lines: string[], response: ServerResponse, request: IncomingMessage) => void
): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => answer(Buffer.concat(chunks).toString('utf8').trimEnd().split('\n'), response, request))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

const reply = (response: ServerResponse, status: number, body: object) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

t.test('http: all of them, in order, in bodies of bounded size, one at a time', async t => {
  const received: unknown[] = []
  let open = 0
  const { url } = await serve((lines, response, request) => {
    open++
    t.match(request.headers, { 'content-type': 'application/x-ndjson', authorization: 'Bearer secret' })
    t.match(request, { method: 'POST', url: '/v1/ingest' })
    t.ok(lines.length === 1 || lines.join('\n').length < 20_000)
    received.push(...lines.map(line => JSON.parse(line)))
    setImmediate(() => {
      t.equal(open--, 1)
      reply(response, 202, { accepted: lines.length })
    })
  })
  const producer = httpProducer({ url, token: 'secret', maxBytes: 20_000 })
  await producer.send(events.slice(0, 150))
  t.equal(digest(received), digest(events.slice(0, 150).map(({ topic, event }) => ({ topic, event }))))
})

t.test('http: what may pass is tried again with the same content', async t => {
  const bodies: string[] = []
  const { url } = await serve((lines, response, request) => {
    bodies.push(lines.join('\n'))
    if (bodies.length === 1) return request.socket.destroy()
    if (bodies.length === 2) return reply(response, 503, { detail: 'It is starting.' })
    if (bodies.length === 3) return response.writeHead(429, { 'retry-after': '0' }).end()
    return reply(response, 200, { accepted: lines.length })
  })
  await httpProducer({ url, backOffMs: 1 }).send(events.slice(0, 3))
  t.equal(bodies.length, 4)
  t.equal(new Set(bodies).size, 1)
})

t.test('http: sentences for what does not pass', async t => {
  const { url } = await serve((lines, response) => {
    const kind = lines.length
    if (kind === 1) return reply(response, 400, { title: 'Bad event', detail: 'Line 1: track_id is missing.' })
    if (kind === 2) return reply(response, 200, { accepted: 1 })
    if (kind === 3) return response.writeHead(200).end('<html>another program</html>')
    return reply(response, 500, { title: 'Internal error' })
  })
  const producer = httpProducer({ url, backOffMs: 1, retries: 2 })
  await t.rejects(producer.send(events.slice(0, 1)), {
    name: 'IngestError',
    message: `Segue at ${url} refused the events (400): Line 1: track_id is missing.`
  })
  await t.rejects(producer.send(events.slice(0, 2)), { message: /accepted 1 of 2 events: is it Segue/ })
  await t.rejects(producer.send(events.slice(0, 3)), { message: /accepted undefined of 3 events/ })
  await t.rejects(producer.send(events.slice(0, 4)), {
    message: `Segue at ${url} answered 500: Internal error. Gave up after 3 attempts; sending the same events again is safe.`
  })
})

t.test('http: nobody there, too slow, told to stop', async t => {
  const { url, server } = await serve(() => undefined)
  await t.rejects(httpProducer({ url, timeoutMs: 20, retries: 0 }).send(events.slice(0, 1)), {
    message: /did not answer \(no answer in time\)\. Is it running\?/
  })
  const controller = new AbortController()
  const sending = httpProducer({ url, signal: controller.signal }).send(events.slice(0, 1))
  controller.abort()
  await t.rejects(sending, { name: 'AbortError' })
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  await t.rejects(httpProducer({ url, retries: 0 }).send(events.slice(0, 1)), {
    message: /did not answer \(ECONNREFUSED\).*Start it with `segue start`/
  })
})
