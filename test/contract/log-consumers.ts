import type { Test } from 'tap'
import type { Consumer, Log, LogRecord, TopicPartition } from '../../streams/log/log.js'
import { GroupActiveError, LogConfigError, OffsetOutOfRangeError } from '../../streams/log/log.js'
import type { LogHarness } from './log.js'
import { Recorder, record, texts, topicOf, unit, until } from './log-helpers.js'

export function consumerContract(t: Test, harness: LogHarness): void {
  reading(t, harness)
  membership(t, harness)
}

/** Polls, waiting for `onData` when there is nothing, until `count` records have come. */
async function take(consumer: Consumer, at: TopicPartition, count: number, max = 3): Promise<LogRecord[]> {
  let wake = (): void => {}
  consumer.onData(() => wake())
  const records: LogRecord[] = []
  while (records.length < count) {
    const woken = new Promise<void>(resolve => {
      wake = resolve
    })
    const polled = consumer.poll(at, Math.min(max, count - records.length))
    records.push(...polled)
    if (polled.length === 0) await woken
  }
  return records
}

function reading(t: Test, harness: LogHarness): void {
  t.test('a consumer reads from where it was told, and learns of more', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'consume')
    const at = { topic, partition: 0 }
    const all = Array.from({ length: 20 }, (_, i) => `k=${i}`)
    await log.send(all.slice(0, 8).map(text => record(topic, 'k', text.slice(2))))
    const listener = new Recorder()
    const consumer = await log.join(harness.unique('group'), [unit('u', topic)], listener)
    await until(() => listener.tasks.size === 1)
    t.strictSame(consumer.poll(at, 10), [], 'nothing before the first seek')
    consumer.seek(at, 3)
    t.equal(consumer.position(at), 3)
    t.strictSame(texts(await take(consumer, at, 5)), all.slice(3, 8))
    t.strictSame(consumer.poll(at, 10), [])
    const sending = log.send(all.slice(8, 20).map(text => record(topic, 'k', text.slice(2))))
    t.strictSame(texts(await take(consumer, at, 12, 100)), all.slice(8))
    await sending
    await until(() => consumer.poll(at, 10).length === 0 && consumer.position(at) >= 20)
    t.equal(consumer.position(at), await log.endOffset(at))
    consumer.seek(at, 1)
    t.strictSame(texts(await take(consumer, at, 2, 2)), all.slice(1, 3))
    t.equal(consumer.position(at), 3)
    await consumer.close()
  })

  t.test('a position that was deleted is an error, until the next seek', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'gone')
    const at = { topic, partition: 0 }
    for (let i = 0; i < 3; i++) await log.send([record(topic, 'k', `${i}`)])
    await log.deleteRecords([{ ...at, offset: 2 }])
    const listener = new Recorder()
    const consumer = await log.join(harness.unique('group'), [unit('u', topic)], listener)
    await until(() => listener.tasks.size === 1)
    consumer.seek(at, 0)
    let failure: unknown
    await until(() => {
      try {
        return consumer.poll(at, 1).length > 0
      } catch (error) {
        failure = error
        return true
      }
    })
    t.ok(failure instanceof OffsetOutOfRangeError)
    consumer.seek(at, 2)
    t.strictSame(texts(await take(consumer, at, 1)), ['k=2'])
    await consumer.close()
  })

  t.test('several partitions of several topics are read apart', async t => {
    const log = await harness.open(t)
    const [one, two] = [await topicOf(harness, log, 'one', 2), await topicOf(harness, log, 'two', 2)]
    const listener = new Recorder()
    const consumer = await log.join(harness.unique('group'), [unit('u', one, two)], listener)
    await until(() => listener.tasks.size === 2)
    const places = [one, two].flatMap(topic => [0, 1].map(partition => ({ topic, partition })))
    for (const at of places) consumer.seek(at, 0)
    await log.send(
      places.flatMap(({ topic, partition }) =>
        Array.from({ length: 5 }, (_, i) => record(topic, `${topic}-${partition}`, `${i}`, { partition }))
      )
    )
    for (const at of places)
      t.strictSame(
        texts(await take(consumer, at, 5)),
        Array.from({ length: 5 }, (_, i) => `${at.topic}-${at.partition}=${i}`)
      )
    await consumer.close()
  })
}

function membership(t: Test, harness: LogHarness): void {
  const sum = (members: readonly Recorder[]): number => members.reduce((total, member) => total + member.tasks.size, 0)

  t.test('tasks are balanced, stay where they can, and are revoked before others get them', async t => {
    const log = await harness.open(t)
    const [one, two] = [await topicOf(harness, log, 'one', 4), await topicOf(harness, log, 'two', 2)]
    const group = harness.unique('group')
    const shared: string[] = []
    const slowly = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5))
    const members = ['a', 'b', 'c'].map(name => new Recorder(name, shared, slowly))
    const [a, b, c] = members as [Recorder, Recorder, Recorder]
    const join = (listener: Recorder): Promise<Consumer> => log.join(group, [unit('four', one), unit('two', two)], listener)
    const first = await join(a)
    await until(() => a.tasks.size === 6)
    const before = new Set(a.tasks)
    const second = await join(b)
    t.not(first.memberId, second.memberId)
    await until(() => a.tasks.size === 3 && b.tasks.size === 3)
    t.ok(
      [...a.tasks].every(task => before.has(task)),
      'what stayed was not moved'
    )
    const third = await join(c)
    await until(() => members.every(member => member.tasks.size === 2))
    await second.close()
    t.equal(b.tasks.size, 0, 'close revokes')
    await until(() => a.tasks.size === 3 && c.tasks.size === 3)
    await Promise.all([first.close(), third.close()])
    t.equal(sum(members), 0)
    t.notOk(shared.some(call => call.includes('lost')))
    exclusive(t, shared)
  })

  t.test('members that come and go at once end with all tasks, each at one member', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'storm', 5)
    const group = harness.unique('group')
    const shared: string[] = []
    const listeners = Array.from({ length: 5 }, (_, i) => new Recorder(`${i}`, shared))
    const consumers = await Promise.all(listeners.map(listener => log.join(group, [unit('u', topic)], listener)))
    await Promise.all([consumers[1]!.close(), consumers[3]!.close()])
    const rest = [0, 2, 4].map(i => listeners[i]!)
    await until(() => sum(rest) === 5 && rest.every(member => member.tasks.size >= 1))
    exclusive(t, shared)
    await Promise.all([0, 2, 4].map(i => consumers[i]!.close()))
  })

  t.test('groups are apart; a group with members keeps its offsets', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'apart', 2)
    const [one, two] = [harness.unique('group'), harness.unique('group')]
    const [a, b] = [new Recorder(), new Recorder()]
    const consumers = [await log.join(one, [unit('u', topic)], a), await log.join(two, [unit('u', topic)], b)]
    await until(() => a.tasks.size === 2 && b.tasks.size === 2)
    const offsets = [{ topic, partition: 0, offset: 0 }]
    await t.rejects(log.setCommitted(one, offsets), GroupActiveError)
    await Promise.all(consumers.map(consumer => consumer.close()))
    await log.setCommitted(one, offsets)
    t.strictSame(await committed(log, one, topic), [0, undefined])
    t.strictSame(await committed(log, two, topic), [undefined, undefined])
  })

  t.test('topics of a unit must exist and have the same partitions', async t => {
    const log = await harness.open(t)
    const [one, two] = [await topicOf(harness, log, 'one', 1), await topicOf(harness, log, 'two', 2)]
    await t.rejects(log.join(harness.unique('group'), [unit('u', one, two)], new Recorder()), LogConfigError)
    await t.rejects(log.join(harness.unique('group'), [unit('u', harness.unique('unknown'))], new Recorder()), LogConfigError)
  })
}

const committed = (log: Log, group: string, topic: string): Promise<(number | undefined)[]> =>
  log.committed(group, [
    { topic, partition: 0 },
    { topic, partition: 1 }
  ])

/** Never two members at once had a task. */
function exclusive(t: Test, calls: readonly string[]): void {
  const owners = new Map<string, string>()
  for (const call of calls) {
    const [member, kind, task] = call.split(' ') as [string, string, string]
    if (kind === 'assigned') {
      t.notOk(owners.has(task), `${task} is free when ${member} gets it`)
      owners.set(task, member)
    } else {
      t.equal(owners.get(task), member)
      owners.delete(task)
    }
  }
}
