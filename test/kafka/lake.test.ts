import t, { type Test } from 'tap'
import type { LakeSink } from '../../connect/lake/sink.js'
import { startLake } from '../../connect/lake/sink.js'
import { verifyLake } from '../../connect/lake/verify.js'
import { sourceTopics, topicNames, topicSpecs } from '../../schemas/catalogue.js'
import { createCodec } from '../../schemas/codec.js'
import { KafkaLog } from '../../streams/log/kafka/log.js'
import type { Log } from '../../streams/log/log.js'
import { renamedLog } from '../../streams/log/renamed-log.js'
import { until } from '../contract/log-helpers.js'
import { lakeOptions, PARTITIONS, records, sameAsLog } from '../lake/support.js'
import { MemoryObjects } from '../objects/memory-objects.js'
import { MemoryRegistry } from '../schemas/memory-registry.js'
import { brokers, unique } from './harness.js'

const ALL = sourceTopics.length * PARTITIONS

t.test('partitions that move between members of the group, control records between the offsets: each row once', async t => {
  const name = unique('lake')
  const names = new Map(topicNames.map(topic => [topic, `${name}.${topic}`]))
  const open = (t: Test): Log => {
    const log = renamedLog(new KafkaLog({ brokers: brokers(), clientId: 'segue-lake-test', heartbeatMs: 50 }), names)
    t.teardown(() => log.close())
    return log
  }
  const log = open(t)
  await log.ensureTopics(topicSpecs(PARTITIONS))
  const registry = new MemoryRegistry()
  const parts = { log, registry, codec: await createCodec(registry) }
  const objects = new MemoryObjects()
  const options = (own: Log) =>
    lakeOptions({ ...parts, log: own }, objects, { group: `${name}-lake`, rotation: { rows: 20, bytes: 1_000_000, ageMs: 200 } })
  const producer = await log.transactionalProducer(`${name}-producer`)
  let sent = 0
  const send = async (count: number) => {
    await log.send(records(parts.codec, sent, count))
    await producer.commit({ group: `${name}-other`, records: records(parts.codec, sent + count, count), offsets: [] })
    sent += 2 * count
  }
  const tasks = async (...sinks: LakeSink[]) =>
    (await Promise.all(sinks.map(async sink => (await sink.lag()).length))).reduce((a, b) => a + b, 0)

  await send(100)
  const first = await startLake(options(open(t)))
  await until(async () => (await tasks(first)) === ALL)
  await send(100)
  const second = await startLake(options(open(t)))
  await until(async () => (await tasks(second)) > 0 && (await tasks(first, second)) === ALL)
  await send(100)
  await first.close()
  await send(100)
  await until(async () => (await tasks(second)) === ALL)
  await second.flush()
  await second.close()
  t.equal(await sameAsLog(t, parts, objects), sent)
  const { partitions, problems } = await verifyLake(objects)
  t.strictSame(problems, [])
  t.ok(
    partitions.some(({ rows, from, next }) => rows < next - from),
    'some offsets are those of control records'
  )
})
