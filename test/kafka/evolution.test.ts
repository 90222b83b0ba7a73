import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { produceLines } from '../../connect/produce.js'
import type { EventProducer } from '../../connect/producer.js'
import type { TopicName } from '../../schemas/catalogue.js'
import { openConfluentRegistry } from '../../schemas/confluent-registry.js'
import { projectRoot } from '../../schemas/root.js'
import { readSchema } from '../../schemas/sources.js'
import { lastValues } from '../../tools/last-values.js'
import { fixture } from '../product/run.js'
import { written } from '../schemas/written.js'
import { TASKS, TestApplication } from './application.js'
import { sharedStack } from './stack.js'

const play = readSchema('play')
const older = { ...play, fields: play.fields.filter(({ name }) => name !== 'album_name') }
const newer = { ...play, fields: [...play.fields, { name: 'mood', type: ['null' as const, 'string'], default: null }] }

const python = join(projectRoot, '.venv/consumer/bin/python')
const topics: readonly TopicName[] = ['listening-events', 'user-sessions', 'track-neighbours', 'track-details', 'charts']

t.test('producers with an older and a newer schema, and a registry that is away; a consumer in Python', async t => {
  const stack = await sharedStack(['kafka', 'registry'])
  const application = new TestApplication(t)
  const { log, codec, partitions } = await application.base()
  const subject = `${application.id}.spotify-plays-value`
  const registry = openConfluentRegistry({ url: stack.addresses.registry! })
  const ids = [await registry.register(subject, older), await registry.register(subject, play), await registry.register(subject, newer)]
  t.equal(new Set(ids).size, 3)

  const instance = application.start('a')
  await application.running([instance], TASKS)
  await stack.kill('registry')
  let sent = 0
  const producer: EventProducer = {
    async send(events) {
      for (const { topic, key, event } of events) {
        const turn = sent++ % 3
        const foreign = () => written(ids[turn]!, [older, play, newer][turn]!, turn === 2 ? { ...event, mood: 'calm' } : event)
        const value = topic === 'spotify-plays' ? foreign() : codec.encode(topic, event as never)
        await log.send([{ topic, key: Buffer.from(key), value }])
      }
    }
  }
  await produceLines(lines('hand'), producer)
  await sleep(1_000)
  for (let partition = 0; partition < partitions; partition++)
    t.equal(await log.endOffset({ topic: 'dead-letters', partition }), 0, 'what can not be told yet is no dead letter')
  t.equal(instance.running, TASKS)
  await stack.start('registry')
  await application.expect('hand')

  if (!existsSync(python)) {
    if (process.env.CI) t.fail('.venv/consumer is missing: npm run python:setup consumer')
    else console.error('\n==== SKIPPED: the consumer in Python; run npm run python:setup consumer ====\n')
    return
  }
  const script = join(projectRoot, 'docs/consumer/consume.py')
  const env = { ...process.env, ...stack.environment }
  for (const topic of topics) {
    const { stdout } = await promisify(execFile)(python, [script, `${application.id}.${topic}`], { env, maxBuffer: 64 * 1024 * 1024 })
    const read = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { key: string; value: unknown })
    const values = topic === 'listening-events' ? read : [...new Map(read.map(record => [record.key, record])).values()]
    const ours: unknown[] = []
    if (topic !== 'listening-events') for await (const value of lastValues({ log, codec, topic, partitions })) ours.push(value)
    else for (let partition = 0; partition < partitions; partition++) ours.push(...(await decoded(partition)))
    t.ok(ours.length > 0, `${topic} holds something`)
    t.same(sorted(values.filter(({ value }) => value !== null).map(({ value }) => value)), sorted(ours), `${topic}, read by Python`)
  }

  async function decoded(partition: number): Promise<unknown[]> {
    const at = { topic: 'listening-events', partition }
    const { records } = await log.fetch(at, await log.beginningOffset(at), 16 * 1024 * 1024)
    return records.map(({ value }) => codec.decode('listening-events', value!))
  }
})

async function* lines(vector: string): AsyncIterable<string> {
  yield readFileSync(fixture(`${vector}.jsonl`), 'utf8')
}

/** Keys of objects in one order too: JSON of the same value is then the same text. */
const sorted = (values: readonly unknown[]): string[] =>
  values.map(value => JSON.stringify(value, (_, part) => (isRecord(part) ? Object.fromEntries(Object.entries(part).sort()) : part))).sort()
const isRecord = (part: unknown): part is Record<string, unknown> => typeof part === 'object' && part !== null && !Array.isArray(part)
