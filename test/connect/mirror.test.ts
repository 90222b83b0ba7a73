import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Mirror, type MirrorOptions, startMirror } from '../../connect/mirror.js'
import { type Codec, createCodec } from '../../schemas/codec.js'
import type { TrackDetails } from '../../schemas/events.js'
import { RegistryUnavailableError } from '../../schemas/registry.js'
import { readSchema } from '../../schemas/sources.js'
import { openStore } from '../../state/open.js'
import { openLocalView } from '../../state/view/local-view.js'
import { type View, viewSpaces } from '../../state/view/view.js'
import { createEmbeddedLog } from '../../streams/log/embedded/log.js'
import { type Log, type NewRecord, RetriableLogError } from '../../streams/log/log.js'
import { memory } from '../log/harness.js'
import { MemoryRegistry } from '../schemas/memory-registry.js'

const TOPIC = 'track-details'
const registry = new MemoryRegistry()
const codec = await createCodec(registry)
const details = (track: string, plays: number): TrackDetails => ({ track_id: track, track_name: `Name of ${track}`, artist_id: 'a', plays })
const record = (key: string | null, plays: number | null, partition = 0): NewRecord => ({
  topic: TOPIC,
  partition,
  key: key === null ? null : Buffer.from(key),
  value: plays === null ? null : codec.encode(TOPIC, details(key ?? '', plays))
})
const raw = (key: string, value: Buffer): NewRecord => ({ ...record(key, null), value })

interface World {
  readonly log: Log
  readonly view: View
  readonly notices: string[]
  start(overrides?: Partial<MirrorOptions>): Mirror
}

async function newLog(t: Test): Promise<Log> {
  const log = await createEmbeddedLog(memory(), { housekeepingMs: 0 })
  t.teardown(() => log.close())
  await log.ensureTopics(viewSpaces.map(name => ({ name, partitions: 2, cleanup: 'compact', retentionMs: -1 })))
  return log
}

const newView = (codec: Codec) =>
  openLocalView('', { openStore: openStore('memory'), decode: (space, bytes) => codec.decodeBare(space, bytes) })

async function world(t: Test): Promise<World> {
  const [log, view] = [await newLog(t), await newView(codec)]
  const notices: string[] = []
  const start = (overrides: Partial<MirrorOptions> = {}) => {
    const onNotice = (sentence: string) => void notices.push(sentence)
    const mirror = startMirror({ log, codec, view, partitions: 2, onNotice, retryMs: [1], ...overrides })
    t.teardown(() => mirror.close())
    return mirror
  }
  return { log, view, notices, start }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(1)
}
const caughtUp = (mirror: Mirror) => until(() => mirror.caughtUp())
const plays = async (view: View, ...keys: string[]) => (await view.getMany(TOPIC, keys)).map(value => value?.plays)

t.test('follows all partitions: the last value of each key, without its header', async t => {
  const { log, view, notices, start } = await world(t)
  await log.send([record('x', 1), record('y', 1), record('x', 2), record('z', 1, 1), record('y', null)])
  const mirror = start()
  await caughtUp(mirror)
  t.strictSame(await plays(view, 'x', 'y', 'z'), [2, undefined, 1])
  await log.send([record('x', 3), record('z', null, 1)])
  await until(async () => (await plays(view, 'x', 'z')).join() === '3,')
  t.strictSame(
    [await view.position(TOPIC, 0), await view.position(TOPIC, 1)],
    [await log.endOffset({ topic: TOPIC, partition: 0 }), await log.endOffset({ topic: TOPIC, partition: 1 })]
  )
  t.strictSame(notices, [])
})

t.test('copies what transactions committed, over their markers, and goes on where it was', async t => {
  const { log, view, start } = await world(t)
  const producer = await log.transactionalProducer('p')
  for (let n = 1; n <= 5; n++) await producer.commit({ group: 'g', records: [record('x', n), record('y', n, 1)], offsets: [] })
  const first = start()
  await caughtUp(first)
  await first.close()
  t.strictSame(await plays(view, 'x', 'y'), [5, 5])
  await producer.commit({ group: 'g', records: [record('x', 6)], offsets: [] })
  const seen: number[] = []
  const fetch: Log['fetch'] = (at, offset, max) => {
    seen.push(offset)
    return log.fetch(at, offset, max)
  }
  const second = start({ log: { ...bound(log), fetch } })
  await caughtUp(second)
  t.strictSame(await plays(view, 'x', 'y'), [6, 5])
  t.ok(
    seen.every(offset => offset > 0),
    'nothing is read twice'
  )
})

const bound = (log: Log): MirrorOptions['log'] => ({
  fetch: (at, offset, max) => log.fetch(at, offset, max),
  endOffset: at => log.endOffset(at),
  beginningOffset: at => log.beginningOffset(at),
  onAppend: (topics, callback) => log.onAppend(topics, callback)
})

t.test('knows its lag', async t => {
  const { log, start } = await world(t)
  await log.send([record('x', 1), record('y', 1, 1), record('z', 2, 1)])
  let open = false
  const gate = {
    ...bound(log),
    fetch: (at, offset, max) => (open ? log.fetch(at, offset, max) : Promise.reject(new RetriableLogError('Not yet.')))
  } as MirrorOptions['log']
  const mirror = start({ log: gate })
  const lag = (await mirror.lag()).filter(({ records }) => records > 0)
  t.strictSame(lag, [
    { topic: TOPIC, partition: 0, records: 1 },
    { topic: TOPIC, partition: 1, records: 2 }
  ])
  t.equal(await mirror.caughtUp(), false)
  open = true
  await caughtUp(mirror)
})

t.test('tells when the log or the view fails, once, and goes on when they work again', async t => {
  for (const part of ['log', 'view'] as const) {
    const { log, view, notices, start } = await world(t)
    await log.send([record('x', 1)])
    let failures = 0
    const failing = <T>(action: () => Promise<T>) =>
      failures++ < 4 ? Promise.reject(new RetriableLogError('It has gone away.')) : action()
    const broken = { ...bound(log), fetch: (at, offset, max) => failing(() => log.fetch(at, offset, max)) } as MirrorOptions['log']
    const brokenView = Object.assign(Object.create(view) as View, boundView(view), {
      apply: (batch: Parameters<View['apply']>[0]) => failing(() => view.apply(batch))
    })
    const mirror = start(part === 'log' ? { log: broken } : { view: brokenView })
    await caughtUp(mirror)
    t.strictSame(await plays(view, 'x'), [1])
    await until(() => notices.length === 2)
    t.strictSame(notices, [
      `${TOPIC}-0 can't be followed (It has gone away); the next attempt is in 1 ms.`,
      `${TOPIC}-0 is followed again.`
    ])
  }
})

const boundView = (view: View): View => ({
  get: (space, key) => view.get(space, key),
  getMany: (space, keys) => view.getMany(space, keys),
  scan: (space, options) => view.scan(space, options),
  apply: batch => view.apply(batch),
  position: (topic, partition) => view.position(topic, partition),
  onChange: callback => view.onChange(callback),
  clear: topic => view.clear(topic),
  close: () => view.close()
})

t.test('writes values of another schema anew in ours', async t => {
  const { log, view, notices, start } = await world(t)
  const schema = readSchema(TOPIC) as { fields: object[] }
  const id = await registry.register(`${TOPIC}-value`, {
    ...schema,
    fields: [...schema.fields, { name: 'mood', type: 'string' }]
  } as ReturnType<typeof readSchema>)
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  const value = Buffer.concat([header, codec.encodeBare(TOPIC, details('x', 7)), Buffer.from([8]), Buffer.from('calm')])
  registry.down = true
  await log.send([raw('x', value), record('y', 1)])
  const mirror = start()
  await until(() => notices.length > 0)
  t.match(notices, [/can't be followed \(The registry is down\)/])
  t.strictSame(await plays(view, 'y'), [undefined], 'the order is kept')
  registry.down = false
  await caughtUp(mirror)
  t.strictSame(await view.getMany(TOPIC, ['x', 'y']), [details('x', 7), details('y', 1)])
})

t.test('leaves out what can never be read, and says so', async t => {
  const { log, view, notices, start } = await world(t)
  const unknown = Buffer.from([0, 0, 0, 99, 99, 1, 2, 3])
  await log.send([record('x', 1), record('y', 1)])
  await log.send([raw('x', Buffer.from('nonsense')), raw('short', Buffer.from([0])), raw('u', unknown), record(null, 1), record('y', 2)])
  const mirror = start()
  await caughtUp(mirror)
  t.strictSame(await plays(view, 'x', 'y', 'u', 'short'), [undefined, 2, undefined, undefined])
  t.equal(notices.length, 4)
  t.match(notices.join('\n'), /offset 2 that can't be read, .*\n.*offset 3 .*\n.*offset 4 /)
  t.match(notices.join('\n'), /record without a key at offset 5, which is left out\./)
})

t.test('two mirrors on one view do not set it back', async t => {
  const { log, view, start } = await world(t)
  const mirrors = [start(), start(), start()]
  let last = 0
  let wrong = 0
  view.onChange(() => {
    view.get(TOPIC, 'x').then(value => {
      if ((value?.plays ?? 0) < last) wrong++
      last = value?.plays ?? 0
    })
  })
  for (let n = 1; n <= 200; n++) {
    await log.send([record('x', n), record(`other ${n}`, n)])
    if (n % 20 === 0) await nextTurn()
  }
  for (const mirror of mirrors) await caughtUp(mirror)
  t.strictSame(await plays(view, 'x', 'other 1', 'other 200'), [200, 1, 200])
  t.equal(wrong, 0)
})

t.test('fills a view again that lost what it had', async t => {
  const { log, view, start } = await world(t)
  await log.send([record('x', 1), record('y', 2, 1)])
  const mirror = start({ checkMs: 1 })
  await caughtUp(mirror)
  await view.clear()
  await until(async () => (await plays(view, 'x', 'y')).join() === '1,2')
  await caughtUp(mirror)
  await view.clear(TOPIC)
  await log.send([record('x', 3)])
  await until(async () => (await plays(view, 'x', 'y')).join() === '3,2')
})

t.test('copies a topic anew that has another history, and leaves the others', async t => {
  const { log, view, notices, start } = await world(t)
  const day = {
    user_id: 'u',
    day: '2026-01-31',
    plays: 1,
    listening_ms: 1,
    distinct_tracks: 1,
    distinct_artists: 1,
    heard: Buffer.from('0001')
  }
  const dayRecord = { topic: 'user-days', partition: 0, key: Buffer.from('u'), value: codec.encode('user-days', day) }
  await log.send([record('x', 1), record('old', 2), record('old too', 3, 1), dayRecord])
  const first = start()
  await caughtUp(first)
  await first.close()
  const other = await newLog(t)
  await other.send([record('x', 10), record('new', 1, 1), dayRecord])
  const mirror = start({ log: other })
  await caughtUp(mirror)
  t.strictSame(await plays(view, 'x', 'new', 'old', 'old too'), [10, 1, undefined, undefined])
  t.strictSame(await view.get('user-days', 'u'), day)
  t.match(notices, [/^track-details-0 is copied anew: Offset 2 of .* does not exist/])
})

t.test('begins where the topic begins, and copies it anew when records were removed that it had not read', async t => {
  const { log, view, notices, start } = await world(t)
  await log.send([record('x', 1), record('y', 2), record('z', 3)])
  await log.deleteRecords([{ topic: TOPIC, partition: 0, offset: 1 }])
  const first = start()
  await caughtUp(first)
  await first.close()
  t.strictSame(await plays(view, 'x', 'y', 'z'), [undefined, 2, 3])
  t.strictSame(notices, [])
  await log.send([record('y', null), record('w', 4)])
  await log.deleteRecords([{ topic: TOPIC, partition: 0, offset: 4 }])
  await caughtUp(start())
  t.strictSame(await plays(view, 'y', 'z', 'w'), [undefined, undefined, 4])
  t.match(notices, [/^track-details-0 is copied anew: /])
})

t.test('lets others have their turns, and ends when it is closed', async t => {
  const { log, view, start } = await world(t)
  for (let n = 0; n < 20; n++) await log.send(Array.from({ length: 1000 }, (_, i) => record(`key ${n * 1000 + i}`, i)))
  const mirror = start()
  let turns = 0
  while (!(await mirror.caughtUp())) {
    await nextTurn()
    turns++
  }
  t.ok(turns > 3, `${turns} turns of the event loop while 20,000 records were copied`)
  t.equal((await plays(view, 'key 19999'))[0], 999)
  await mirror.close()
  await log.send([record('x', 1)])
  await nextTurn()
  await nextTurn()
  t.strictSame(await plays(view, 'x'), [undefined])

  const failing = start({
    log: { ...bound(log), fetch: () => Promise.reject(new RegistryUnavailableError('Gone.')) },
    retryMs: [3_600_000]
  })
  await sleep(5)
  await failing.close()
  t.pass('in a pause of an hour, too')
})
