import type { Test } from 'tap'
import { LogConfigError, OffsetOutOfRangeError } from '../../streams/log/log.js'
import { partitionOf } from '../../streams/log/partitioner.js'
import type { LogHarness } from './log.js'
import { bytes, offsetOf, readAll, record, texts, topicOf } from './log-helpers.js'

export function recordContract(t: Test, harness: LogHarness): void {
  topics(t, harness)
  records(t, harness)
  reading(t, harness)
  cleanup(t, harness)
}

function topics(t: Test, harness: LogHarness): void {
  t.test('topics are created once, checked afterwards, and deleted', async t => {
    const log = await harness.open(t)
    const name = harness.unique('topic')
    const spec = { name, partitions: 2, cleanup: 'delete', retentionMs: 1000 } as const
    await Promise.all([log.ensureTopics([spec]), log.ensureTopics([spec])])
    await log.ensureTopics([spec])
    const found = (await log.topics()).filter(topic => topic.name === name)
    t.strictSame(found, [spec])
    await t.rejects(log.ensureTopics([{ ...spec, partitions: 3 }]), LogConfigError)
    await t.rejects(log.ensureTopics([{ ...spec, cleanup: 'compact' }]), LogConfigError)
    await log.send([record(name, 'a', '1')])
    await log.deleteTopics([name])
    t.notOk((await log.topics()).some(topic => topic.name === name))
    await t.rejects(log.send([record(name, 'a', '1')]), LogConfigError)
    await log.ensureTopics([spec])
    t.equal(await log.endOffset({ topic: name, partition: 0 }), 0, 'a topic that is created again is empty')
  })
}

function records(t: Test, harness: LogHarness): void {
  t.test('records come back as they were sent, in order, with offsets from 0 on', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'records', 2)
    const first = await log.send([
      record(topic, 'a', '1', { timestamp: 5_000, headers: { source: 'test', ünïcode: 'wörth' } }),
      record(topic, null, '', { timestamp: 4_000 }),
      record(topic, '', null, { timestamp: 1_700_000_000_000 }),
      record(topic, 'b', 'x'.repeat(300_000), { timestamp: 0, partition: 1 })
    ])
    t.equal(offsetOf(first, topic, 0), 3)
    t.equal(offsetOf(first, topic, 1), 1)
    t.equal(offsetOf(await log.send([record(topic, 'c', '2')]), topic, 0), 4)
    const read = await readAll(log, { topic, partition: 0 })
    t.strictSame(
      read.map(({ offset, timestamp, key, value, headers }) => [offset, timestamp, key?.toString(), value?.toString(), headers]),
      [
        [0, 5_000, 'a', '1', { source: 'test', ünïcode: 'wörth' }],
        [1, 4_000, undefined, '', undefined],
        [2, 1_700_000_000_000, '', undefined, undefined],
        [3, 1_000, 'c', '2', undefined]
      ]
    )
    const [large] = await readAll(log, { topic, partition: 1 })
    t.equal(large?.value?.length, 300_000)
    t.equal(large?.topic, topic)
    t.equal(large?.partition, 1)
  })

  t.test('concurrent sends keep the order of the calls', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'order')
    const sends = Array.from({ length: 50 }, (_, i) => log.send([record(topic, 'k', `${i}a`), record(topic, 'k', `${i}b`)]))
    const ends = (await Promise.all(sends)).map(commits => offsetOf(commits, topic))
    const values = (await readAll(log, { topic, partition: 0 })).map(({ value }) => value?.toString())
    t.strictSame(values, Array.from({ length: 50 }, (_, i) => [`${i}a`, `${i}b`]).flat())
    t.strictSame(
      ends,
      Array.from({ length: 50 }, (_, i) => 2 * i + 2)
    )
  })

  t.test('a record without partition goes where its key says; without time it gets the present', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'keys', 5)
    const before = Date.now()
    const keys = ['a', 'b', 'user-1', 'user-2', 'ä']
    await log.send(keys.map(key => ({ topic, key: bytes(key), value: bytes('v') })))
    for (const key of keys) {
      const found = await readAll(log, { topic, partition: partitionOf(bytes(key), 5) })
      const one = found.find(r => r.key?.toString() === key)
      t.ok(one, key)
      t.ok(one && one.timestamp >= before && one.timestamp <= Date.now())
    }
    await log.send(Array.from({ length: 10 }, () => ({ topic, key: null, value: bytes('v') })))
  })

  t.test('what can not be written is refused', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'refused')
    await t.rejects(log.send([record(harness.unique('unknown'), 'a', '1')]), LogConfigError)
    await t.rejects(log.send([record(topic, 'a', '1'), record(topic, 'a', '1', { partition: 7 })]), LogConfigError)
    t.equal(await log.endOffset({ topic, partition: 0 }), 0)
  })

  t.test('onAppend tells of topics, until it is stopped', async t => {
    const log = await harness.open(t)
    const [one, two] = [await topicOf(harness, log, 'one'), await topicOf(harness, log, 'two')]
    const heard: string[] = []
    const next = (): Promise<void> => new Promise(resolve => void log.onAppend([one], () => resolve()))
    const stop = log.onAppend([one], topic => heard.push(topic))
    await Promise.all([next(), log.send([record(one, 'a', '1'), record(two, 'a', '1')])])
    t.ok(heard.length > 0 && heard.every(topic => topic === one))
    stop()
    const count = heard.length
    await Promise.all([next(), log.send([record(one, 'a', '1')])])
    t.equal(heard.length, count)
  })
}

function reading(t: Test, harness: LogHarness): void {
  t.test('fetch reads from anywhere, also inside a batch, within its bound', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'fetch')
    const at = { topic, partition: 0 }
    const all = Array.from({ length: 30 }, (_, i) => `k=${i}-${'x'.repeat(100)}`)
    for (let i = 0; i < 30; i += 10) await log.send(all.slice(i, i + 10).map(text => record(topic, 'k', text.slice(2))))
    for (const from of [0, 1, 9, 10, 15, 29, 30]) {
      for (const maxBytes of [1, 500, 1 << 20])
        t.strictSame(texts(await readAll(log, at, from, maxBytes)), all.slice(from), `from ${from}, ${maxBytes} bytes`)
    }
    const one = await log.fetch(at, 3, 1)
    t.ok(one.records.length >= 1)
    t.equal(one.records[0]?.offset, 3)
    t.match(await log.fetch(at, 30, 1000), { records: [], nextOffset: 30 })
    await t.rejects(log.fetch(at, 31, 1000), OffsetOutOfRangeError)
    await t.rejects(log.fetch(at, -1, 1000), OffsetOutOfRangeError)
  })

  t.test('offsetForTime finds the first record at or after a time', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'times')
    const at = { topic, partition: 0 }
    for (const times of [
      [10, 30],
      [20, 50],
      [40, 60, 70]
    ])
      await log.send(times.map(timestamp => record(topic, 'k', 'v', { timestamp })))
    const expected: [number, number][] = [
      [0, 0],
      [10, 0],
      [11, 1],
      [30, 1],
      [31, 3],
      [51, 5],
      [70, 6],
      [71, 7]
    ]
    for (const [timestamp, offset] of expected) t.equal(await log.offsetForTime(at, timestamp), offset, `time ${timestamp}`)
  })

  t.test('what was written is there after closing and opening', async t => {
    let log = await harness.open(t)
    const topic = await topicOf(harness, log, 'reopen', 2)
    const group = harness.unique('group')
    await log.send([record(topic, 'a', '1'), record(topic, 'b', '2', { partition: 1 })])
    await log.setCommitted(group, [{ topic, partition: 1, offset: 1 }])
    log = await harness.reopen(t, log)
    await log.send([record(topic, 'a', '3')])
    t.strictSame(texts(await readAll(log, { topic, partition: 0 })), ['a=1', 'a=3'])
    t.strictSame(texts(await readAll(log, { topic, partition: 1 })), ['b=2'])
    t.strictSame(
      await log.committed(group, [
        { topic, partition: 0 },
        { topic, partition: 1 }
      ]),
      [undefined, 1]
    )
    await log.ensureTopics([{ name: topic, partitions: 2, cleanup: 'delete', retentionMs: -1 }])
  })
}

function cleanup(t: Test, harness: LogHarness): void {
  t.test('deleteRecords drops what is below an offset, also inside a batch', async t => {
    let log = await harness.open(t)
    const topic = await topicOf(harness, log, 'delete', 2)
    const at = { topic, partition: 0 }
    await log.send(['0', '1', '2', '3'].map(value => record(topic, 'k', value)))
    await log.send(['4', '5'].map(value => record(topic, 'k', value)))
    await log.deleteRecords([{ ...at, offset: 3 }])
    await log.deleteRecords([{ ...at, offset: 1 }])
    t.equal(await log.beginningOffset(at), 3)
    await t.rejects(log.fetch(at, 2, 1000), OffsetOutOfRangeError)
    t.strictSame(texts(await readAll(log, at)), ['k=3', 'k=4', 'k=5'])
    await t.rejects(log.deleteRecords([{ ...at, offset: 7 }]), OffsetOutOfRangeError)
    await log.deleteRecords([{ ...at, offset: 6 }])
    log = await harness.reopen(t, log)
    t.equal(await log.beginningOffset(at), 6)
    t.equal(await log.endOffset(at), 6)
    t.equal(offsetOf(await log.send([record(topic, 'k', '6')]), topic), 7)
    t.strictSame(texts(await readAll(log, at)), ['k=6'])
  })

  const { compact } = harness.capabilities
  if (!compact) return

  t.test('compaction keeps the last record of each key, its offset and the order', async t => {
    let log = await harness.open(t)
    const topic = await topicOf(harness, log, 'compact', 1, 'compact')
    const at = { topic, partition: 0 }
    for (let i = 0; i < 10; i++) await log.send([record(topic, `k${i % 3}`, `${i}`), record(topic, `only${i}`, `${i}`)])
    await log.send([record(topic, 'only4', null)])
    await compact(log)
    const expected = [
      ...Array.from({ length: 10 }, (_, i) => [
        ...(i >= 7 ? [[2 * i, `k${i % 3}=${i}`]] : []),
        ...(i === 4 ? [] : [[2 * i + 1, `only${i}=${i}`]])
      ]).flat(),
      [20, 'only4=null']
    ]
    const check = async (): Promise<void> => {
      const found = await readAll(log, at)
      t.strictSame(
        found.map((r, i) => [r.offset, texts(found)[i]]),
        expected
      )
    }
    await check()
    t.strictSame(texts(await readAll(log, at, 14)), ['k1=7', 'only7=7', 'k2=8', 'only8=8', 'k0=9', 'only9=9', 'only4=null'])
    log = await harness.reopen(t, log)
    await check()
    t.equal(await log.endOffset(at), 21)
    await log.send([record(topic, 'k0', 'new')])
    await compact(log)
    t.notOk(texts(await readAll(log, at)).includes('k0=9'))
  })

  t.test('retention drops what is older than the topic says, from the beginning on', async t => {
    const log = await harness.open(t)
    const hour = 3_600_000
    const names = await Promise.all(
      (['delete', 'compact,delete', 'compact'] as const).map(policy => topicOf(harness, log, 'retention', 1, policy, hour))
    )
    const now = Date.now()
    for (const topic of names) {
      await log.send([record(topic, 'a', 'old', { timestamp: now - 3 * hour })])
      await log.send([record(topic, 'b', 'old', { timestamp: now - 2 * hour })])
      await log.send([record(topic, 'c', 'new', { timestamp: now })])
    }
    await compact(log)
    const found = await Promise.all(names.map(async topic => texts(await readAll(log, { topic, partition: 0 }))))
    t.strictSame(found, [['c=new'], ['c=new'], ['a=old', 'b=old', 'c=new']])
  })
}
