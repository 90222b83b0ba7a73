import { Kafka, logLevel } from 'kafkajs'
import t from 'tap'
import { readAll, record } from '../contract/log-helpers.js'
import { brokers, kafkaHarness, unique } from './harness.js'

// The broker writes what it gets anew in the codec of the topic, with the code that Java clients have.
for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'])
  t.test(`batches that are compressed with ${codec} are read`, async t => {
    const log = await kafkaHarness({}, 0).open(t)
    const topic = unique(codec)
    const admin = new Kafka({ brokers: brokers(), logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    await admin.createTopics({
      topics: [{ topic, numPartitions: 1, replicationFactor: 1, configEntries: [{ name: 'compression.type', value: codec }] }]
    })
    await admin.disconnect()
    const values = Array.from({ length: 3_000 }, (_, i) => `${i} ${'segue '.repeat(i % 40)}`)
    await log.send(values.map(value => record(topic, 'key', value)))
    const found = await readAll(log, { topic, partition: 0 })
    t.strictSame(
      found.map(({ value }) => String(value)),
      values
    )
  })
