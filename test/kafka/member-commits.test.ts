/** What members commit for their tasks, on a real broker: together, fenced by the group, and not left open by one that died. */
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { KafkaLog } from '../../streams/log/kafka/log.js'
import type { KafkaLogOptions } from '../../streams/log/kafka/options.js'
import { type Consumer, ProducerFencedError, type TaskId, type TransactionalProducer } from '../../streams/log/log.js'
import { Recorder, readAll, record, texts, unit, until } from '../contract/log-helpers.js'
import { brokers, unique } from './harness.js'
import { END_TXN } from './proxy.js'

const PARTITIONS = 3

function open(t: Test, options: Partial<KafkaLogOptions> = {}): KafkaLog {
  const log = new KafkaLog({ brokers: brokers(), clientId: 'segue-test', heartbeatMs: 50, ...options })
  t.teardown(() => log.close())
  return log
}

/** An input, an output that all tasks write, a changelog that each writes a partition of. */
async function world(log: KafkaLog) {
  const names = { input: unique('input'), output: unique('output'), changelog: unique('changelog'), group: unique('group') }
  const spec = { partitions: PARTITIONS, cleanup: 'delete' as const, retentionMs: -1 }
  await log.ensureTopics([names.input, names.output, names.changelog].map(name => ({ name, ...spec })))
  const join = async (by: KafkaLog) => {
    const listener = new Recorder()
    return { listener, consumer: await by.join(names.group, [unit('u', names.input)], listener) }
  }
  const producer = (by: KafkaLog, { memberId }: Consumer, partition: number): Promise<TransactionalProducer> => {
    const task: TaskId = { unit: 'u', partition }
    const [inputs, own] = [names.input, names.changelog].map(topic => [{ topic, partition }])
    return by.transactionalProducer(`${names.group}-u-${partition}`, { memberId, task, inputs: inputs!, own: own! })
  }
  const commit = (partition: number, offset: number, value: string) => ({
    group: names.group,
    records: [record(names.output, 'k', value), record(names.changelog, `${partition}`, value, { partition })],
    offsets: [{ topic: names.input, partition, offset }]
  })
  const committed = () =>
    log.committed(
      names.group,
      Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: names.input, partition }))
    )
  return { ...names, join, producer, commit, committed, out: { topic: names.output, partition: 0 } }
}

t.test('what tasks commit at the same time is one transaction, and each knows where its own records ended', async t => {
  const log = open(t)
  const { join, producer, commit, committed, out, changelog } = await world(log)
  const { consumer, listener } = await join(log)
  await until(() => listener.tasks.size === PARTITIONS)
  const producers = await Promise.all([0, 1, 2].map(partition => producer(log, consumer, partition)))
  const results = await Promise.all(producers.map((one, partition) => one.commit(commit(partition, partition + 5, `v${partition}`))))
  for (const [partition, { ends }] of results.entries())
    t.equal(ends.find(end => end.topic === changelog && end.partition === partition)?.offset, 1)
  await until(async () => (await log.endOffset(out)) > 0)
  t.strictSame(texts(await readAll(log, out)).sort(), ['k=v0', 'k=v1', 'k=v2'])
  t.equal(await log.endOffset(out), 4, 'three records and the marker of one transaction')
  t.strictSame(await committed(), [5, 6, 7])
  await t.rejects(producers[0]!.commit({ ...commit(0, 9, 'x'), offsets: [] }), TypeError, 'it could not be fenced')
})

t.test('the group fences a member that another one has replaced', async t => {
  const [first, second] = [open(t, { instanceId: 'one' }), open(t, { instanceId: 'one' })]
  const { join, producer, commit, committed, out } = await world(first)
  const old = await join(first)
  await until(() => old.listener.tasks.size === PARTITIONS)
  const zombie = await producer(first, old.consumer, 0)
  await zombie.commit(commit(0, 1, 'old'))
  const fresh = await join(second)
  await until(() => fresh.listener.tasks.size === PARTITIONS)
  await t.rejects(zombie.commit(commit(0, 99, 'zombie')), ProducerFencedError)
  const heir = await producer(second, fresh.consumer, 0)
  await t.rejects(zombie.commit(commit(0, 99, 'zombie')), ProducerFencedError)
  await heir.commit(commit(0, 2, 'new'))
  await until(async () => (await readAll(second, out)).length === 2)
  t.strictSame(texts(await readAll(second, out)), ['k=old', 'k=new'])
  t.strictSame((await committed())[0], 2)
})

t.test('what a member left open when it died is undone before its tasks begin elsewhere', async t => {
  let dying = false
  const reached = { end: false }
  const [victim, other] = [open(t, { socketFactory: host => deaf(host, () => dying, reached) }), open(t)]
  const { join, producer, commit, committed, out } = await world(other)
  const first = await join(victim)
  await until(() => first.listener.tasks.size === PARTITIONS)
  const lost = await producer(victim, first.consumer, 0)
  await lost.commit(commit(0, 1, 'kept'))
  dying = true
  lost.commit(commit(0, 2, 'left open')).catch(() => {})
  await until(() => reached.end)
  const next = await join(other)
  void first.consumer.close()
  await until(() => next.listener.tasks.size === PARTITIONS)
  const heir = await producer(other, next.consumer, 0)
  t.strictSame((await committed())[0], 1)
  await heir.commit(commit(0, 2, 'again'))
  await until(async () => (await readAll(other, out)).length === 2)
  t.strictSame(texts(await readAll(other, out)), ['k=kept', 'k=again'])
  t.strictSame((await committed())[0], 2)
})

/** A socket that swallows the requests that end transactions, once `dying` says so. */
function deaf(
  { host, port, onConnect }: { host: string; port: number; onConnect: () => void },
  dying: () => boolean,
  reached: { end: boolean }
) {
  const socket: Socket = connect({ host, port }, onConnect)
  const write = socket.write.bind(socket) as (chunk: Buffer) => boolean
  socket.write = ((chunk: Buffer) => {
    if (!dying() || chunk.readInt16BE(4) !== END_TXN) return write(chunk)
    reached.end = true
    return true
  }) as Socket['write']
  return socket
}
