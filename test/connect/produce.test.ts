import { Readable } from 'node:stream'
import t from 'tap'
import { produceLines } from '../../connect/produce.js'
import { RecordingProducer } from './support.js'

const event = (index: number, rest: object = {}) => ({
  topic: 'spotify-plays',
  event: {
    event_id: `e${index}`,
    user_id: `u${index % 3}`,
    track_id: 't1',
    track_name: 'Größe 😀',
    artist_name: 'Hollow Pines',
    occurred_at: 1_700_000_000_000 + index,
    ...rest
  }
})
const line = (value: unknown) => `${JSON.stringify(value)}\n`

t.test('lines become events, in order, in batches', async t => {
  const producer = new RecordingProducer()
  const text = Array.from({ length: 1201 }, (_, index) => line(event(index))).join('')
  t.strictSame(await produceLines(Readable.from([text]), producer), { lines: 1201, sent: 1201, bad: 0 })
  t.equal(producer.calls, 3)
  t.strictSame(
    producer.events.map(({ event }) => event.event_id),
    Array.from({ length: 1201 }, (_, index) => `e${index}`)
  )
  t.match(producer.events[4], { topic: 'spotify-plays', key: 'u1', event: { artist_id: null, source: 'unknown', track_name: 'Größe 😀' } })
})

t.test('wherever the stream is cut', async t => {
  const bytes = Buffer.from(`\ufeff${line(event(0))}\n\r\n${line(event(1)).trim()}\r\n${line(event(2)).trim()}`)
  for (let cut = 1; cut < bytes.length; cut += 3) {
    const producer = new RecordingProducer()
    const stream = Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)])
    const summary = await produceLines(stream, producer)
    if (summary.sent !== 3 || producer.events.some(({ event }) => event.track_name !== 'Größe 😀')) t.fail(`cut after ${cut} bytes`)
  }
})

t.test('a bad line has a sentence with its number; the others go on', async t => {
  const producer = new RecordingProducer()
  const said: string[] = []
  const lines = [
    line(event(0)),
    '{"topic": "spotify-plays", "event": {\n',
    '\n',
    line({ topic: 'charts', event: {} }),
    line({ event: {} }),
    '[]\n',
    line(event(1, { track_id: undefined })),
    line(event(2, { occurred_at: 'yesterday' })),
    `${JSON.stringify(event(3)).padEnd(1024 * 1024 + 1)}\n`,
    line({ topic: '__proto__', event: {} }),
    `{"topic": "spotify-plays", "event": {"track_id": ${'['.repeat(200_000)}${']'.repeat(200_000)}}}\n`,
    line(event(4, { occurred_at: undefined, timestamp: '2026-01-31T17:05:00Z' }))
  ]
  const summary = await produceLines(Readable.from(lines), producer, { onBadLine: (number, what) => said.push(`line ${number}: ${what}`) })
  t.strictSame(summary, { lines: 11, sent: 2, bad: 9 })
  t.strictSame(
    producer.events.map(({ event }) => event.event_id),
    ['e0', 'e4']
  )
  t.match(said, [
    /^line 2: It is not JSON: /,
    /^line 4: "charts" is not an input topic/,
    'line 5: topic is missing: it names one of the input topics, such as "spotify-plays".',
    'line 6: It is not an object with topic and event.',
    /^line 7: track_id is missing/,
    /^line 8: occurred_at is "yesterday"/,
    /^line 9: It has more than 1048576 bytes/,
    /^line 10: "__proto__" is not an input topic/,
    /^line 11: (It is nested too deeply\.|.* is missing)/
  ])
})

t.test('a line that is not UTF-8 is a bad line, not another event', async t => {
  const producer = new RecordingProducer()
  const said: string[] = []
  const latin1 = Buffer.from(line(event(1, { track_name: 'Gr\u00f6\u00dfe' })), 'latin1')
  const bytes = Buffer.concat([Buffer.from(line(event(0))), latin1, Buffer.from(line(event(2, { track_name: '\ufffd' })))])
  const summary = await produceLines(Readable.from([bytes]), producer, {
    onBadLine: (number, what) => said.push(`line ${number}: ${what}`)
  })
  t.strictSame(summary, { lines: 3, sent: 2, bad: 1 })
  t.strictSame(said, ['line 2: It is not UTF-8: ids and names would be stored as others.'])
})

t.test('a line without end is not kept in memory', async t => {
  async function* endless() {
    for (let i = 0; i < 40; i++) yield Buffer.alloc(1024 * 1024, 'x')
    yield Buffer.from(`\n${line(event(7))}`)
  }
  const producer = new RecordingProducer()
  t.strictSame(await produceLines(endless(), producer), { lines: 2, sent: 1, bad: 1 })
  t.equal(producer.events[0]!.event.event_id, 'e7')
})

t.test('what can not be sent stops it', async t => {
  const producer = new RecordingProducer({ at: 1, taken: false })
  await t.rejects(produceLines(Readable.from([line(event(0))]), producer), { message: 'the power went' })
})
