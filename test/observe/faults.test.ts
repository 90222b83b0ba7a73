import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readConfig } from '../../config.js'
import { startMirror } from '../../connect/mirror.js'
import type { Play } from '../../schemas/events.js'
import { openRedisView } from '../../state/view/redis-view.js'
import { type Log, RetriableLogError, type TopicPartition, type TransactionalProducer } from '../../streams/log/log.js'
import { partitionOf } from '../../streams/log/partitioner.js'
import type { CommitStep } from '../../streams/runner-options.js'
import { type Base, createProcessing, openBase } from '../../tools/embedded.js'
import { viewMetrics } from '../../tools/observe/edges.js'
import { Metrics } from '../../tools/observe/metrics.js'
import { commitMetrics, taskMetrics } from '../../tools/observe/processing.js'
import { ApplicationOperations } from '../../tools/operations.js'
import { temporary } from '../product/run.js'
import { startRedis } from '../state/redis.js'
import { altered, type Scraped, scrape, until } from './support.js'

const MINUTE = 60_000
const DELAY_MS = 90_000

const play = (n: number, changes: Partial<Play> = {}): Play => ({
  event_id: `e${n}`,
  user_id: `u${n % 5}`,
  track_id: `t${n % 40}`,
  track_name: 'T',
  artist_id: `a${n % 7}`,
  artist_name: 'A',
  album_name: null,
  occurred_at: Date.now() - 24 * 60 * MINUTE + n * MINUTE,
  duration_ms: 180_000,
  ms_played: null,
  device_type: null,
  country: null,
  source: 'test',
  ...changes
})

interface World {
  readonly base: Base
  readonly metrics: Metrics
  readonly operations: ApplicationOperations
  send(events: readonly Play[], timestamp?: number): Promise<void>
  settled(): Promise<Scraped>
  close(): Promise<void>
}

interface WorldOptions {
  readonly directory: string
  readonly methods?: (log: Log) => Partial<Log>
  readonly onStep?: (step: CommitStep) => void
}

async function open(t: Test, { directory, methods, onStep }: WorldOptions): Promise<World> {
  const config = readConfig({ SEGUE_DATA_DIR: directory, SEGUE_LAKE: 'off' })
  const opened = await openBase(config, { purpose: 'a test' })
  const base = { ...opened, log: methods === undefined ? opened.log : altered(opened.log, methods(opened.log)) }
  const metrics = new Metrics()
  const hooks = { onNotice: () => {}, onFailure: () => {}, onCommit: commitMetrics(metrics), ...(onStep && { onStep }) }
  const { application, topology, cache } = createProcessing(config, base, hooks)
  taskMetrics(metrics, { ...base, topology, application, cache, applicationId: config.applicationId })
  const operations = new ApplicationOperations({ ...base, topology, application, applicationId: 'segue', viewLag: async () => [] })
  await application.start()
  const close = async () => {
    await application.close()
    await opened.close()
  }
  t.teardown(close)
  const send = async (events: readonly Play[], timestamp = Date.now()) => {
    const encode = (event: Play) => base.codec.encode('spotify-plays', event)
    await base.log.send(events.map(event => ({ topic: 'spotify-plays', key: Buffer.from(event.user_id), value: encode(event), timestamp })))
  }
  const settled = async () => {
    for (const _ of [1, 2]) for await (const _ of operations.dump());
    return scrape(metrics)
  }
  return { base, metrics, operations, send, settled, close }
}

t.test('poison, duplicates and events that come late are counted as what they are', async t => {
  const world = await open(t, { directory: temporary(t) })
  const before = await world.settled()
  t.equal(before.value('segue_task_state', { state: 'running' }), before.value('segue_topology_tasks'))
  t.equal(before.value('segue_dead_letters_total'), undefined)
  const events = Array.from({ length: 50 }, (_, n) => play(n))
  await world.send(events)
  await world.send(events.slice(0, 8))
  await world.send([play(51, { duration_ms: -1 }), play(52, { track_id: '' })])
  // One listener's, so that the order within the partition is this one.
  const earlier = [3, 2, 1].map(n => play(100 + n, { user_id: 'late', occurred_at: Date.now() - n * MINUTE }))
  await world.send([...earlier, play(104, { user_id: 'late', occurred_at: Date.now() - 60 * MINUTE })])
  const key = Buffer.from('astray')
  const elsewhere = (partitionOf(key, 3) + 1) % 3
  const astray = world.base.codec.encode('spotify-plays', play(105, { user_id: 'astray' }))
  await world.base.log.send([{ topic: 'spotify-plays', key, value: astray, partition: elsewhere }])
  await world.base.log.send([1, 2, 3].map(n => ({ topic: 'spotify-plays', key: Buffer.from('k'), value: Buffer.alloc(n, 7) })))
  const after = await world.settled()
  t.equal(after.value('segue_dead_letters_total', { code: 'UNDECODABLE' }), 3)
  t.equal(after.value('segue_dead_letters_total', { code: 'BAD_DURATION' }), 1)
  t.equal(after.value('segue_dead_letters_total', { code: 'MISSING_FIELD' }), 1)
  t.equal(after.value('segue_duplicate_records_total'), 8)
  t.equal(after.value('segue_late_records_total'), 1)
  t.equal(after.value('segue_misplaced_records_total'), 1)
  t.equal(after.value('segue_records_processed_total', { sub_topology: 'listeners' }), 50 + 8 + 2 + 4 + 1 + 3)
  t.ok(after.value('segue_commit_duration_seconds_count')! > 0)
  t.ok(after.value('segue_store_bytes')! > 0)
  t.equal(after.value('segue_lag_records'), 0)
  t.equal(after.value('segue_lag_seconds'), 0)
  t.notMatch(after.text, /u[0-4]"|t\d+"|late"/, 'no label names a listener or a track')
})

t.test('a log that takes no commits: the lag grows in records and seconds, and is gone when it is mended', async t => {
  let broken = true
  const methods = (log: Log) => ({
    transactionalProducer: async (id: string): Promise<TransactionalProducer> => {
      const producer = await log.transactionalProducer(id)
      const commit: TransactionalProducer['commit'] = async transaction => {
        if (broken) throw new RetriableLogError('The log takes nothing.')
        return producer.commit(transaction)
      }
      return { commit, close: () => producer.close() }
    }
  })
  const world = await open(t, { directory: temporary(t), methods })
  await world.send(
    Array.from({ length: 30 }, (_, n) => play(n)),
    Date.now() - DELAY_MS
  )
  await until(async () => (await scrape(world.metrics)).value('segue_lag_records', { topic: 'spotify-plays' }) === 30)
  const during = await scrape(world.metrics)
  t.ok(during.value('segue_lag_seconds', { topic: 'spotify-plays' })! >= DELAY_MS / 1000, during.text)
  t.equal(during.value('segue_records_processed_total'), undefined, 'what is not committed is not counted')
  broken = false
  const after = await world.settled()
  t.equal(after.value('segue_lag_records', { topic: 'spotify-plays' }), 0)
  t.equal(after.value('segue_lag_seconds', { topic: 'spotify-plays' }), 0)
  t.equal(after.value('segue_records_processed_total', { sub_topology: 'listeners' }), 30)
})

t.test('a log that does not answer: that the lag is not known is said, and no lag of before', async t => {
  let answers = true
  const methods = (log: Log) => ({
    endOffset: async (partition: TopicPartition) => {
      if (!answers) throw new RetriableLogError('The log does not answer.')
      return log.endOffset(partition)
    }
  })
  const world = await open(t, { directory: temporary(t), methods })
  const known = await world.settled()
  t.equal(known.value('segue_lag_records'), 0)
  answers = false
  const unknown = await scrape(world.metrics)
  t.equal(unknown.value('segue_collector_up', { collector: 'lag' }), 0)
  t.equal(unknown.value('segue_lag_records'), undefined)
  t.equal(unknown.value('segue_lag_seconds'), undefined)
  answers = true
  const again = await scrape(world.metrics)
  t.equal(again.value('segue_collector_up', { collector: 'lag' }), 1)
  t.equal(again.value('segue_lag_records'), 0)
})

t.test('a wiped state: what is still to be restored can be seen, and that nothing runs before it is', async t => {
  const directory = temporary(t)
  const first = await open(t, { directory })
  await first.send(Array.from({ length: 500 }, (_, n) => play(n)))
  await first.settled()
  await first.close()
  rmSync(join(directory, 'state'), { recursive: true })
  let release: () => void = () => {}
  const released = new Promise<void>(resolve => {
    release = resolve
  })
  const methods = (log: Log): Partial<Log> => ({
    fetch: async (partition, offset, bytes) => {
      if (partition.topic.endsWith('-changelog')) await released
      return log.fetch(partition, offset, bytes)
    }
  })
  const second = await open(t, { directory, methods })
  await until(async () => ((await scrape(second.metrics)).value('segue_task_restore_remaining_records') ?? 0) > 0)
  const during = await scrape(second.metrics)
  t.ok(during.value('segue_task_state', { state: 'restoring' })! > 0)
  t.equal(second.operations.notLive(), null, 'a task that restores lives')
  release()
  const after = await second.settled()
  t.equal(after.value('segue_task_restore_remaining_records'), 0)
  t.ok(after.value('segue_task_restored_records')! > 0)
  t.equal(after.value('segue_task_state', { state: 'running' }), after.value('segue_topology_tasks'))
})

t.test('an application that failed says so, and that it does not live', async t => {
  const world = await open(t, {
    directory: temporary(t),
    onStep: step => {
      if (step === 'prepared') throw new Error('A fault that nothing mends.')
    }
  })
  t.equal(world.operations.notLive(), null)
  await world.send([play(1)])
  await until(() => world.operations.notLive() !== null)
  const metrics = await scrape(world.metrics)
  t.equal(metrics.value('segue_application_state', { state: 'failed' }), 1)
  t.equal(metrics.value('segue_application_state', { state: 'running' }), 0)
  t.equal(metrics.value('segue_task_state', { state: 'failed' }), 1)
  t.match(world.operations.notLive(), /failed/)
})

t.test('Redis that is gone: the view grows old, and what it lacks can not be told', async t => {
  const redis = await startRedis(t)
  if (redis === undefined) return
  const world = await open(t, { directory: temporary(t) })
  const { log, codec, partitions } = world.base
  const view = await openRedisView({ url: redis.addresses.redis!, application: 'metrics', codec, timeoutMs: 200 })
  const mirror = startMirror({ log, codec, view, partitions, onNotice: () => {}, checkMs: 50, retryMs: [50] })
  t.teardown(async () => {
    await mirror.close()
    await view.close()
  })
  viewMetrics(world.metrics, mirror)
  await world.send(Array.from({ length: 30 }, (_, n) => play(n)))
  await world.settled()
  await until(async () => (await mirror.lag()).every(({ records }) => records === 0))
  const before = await scrape(world.metrics)
  t.equal(before.value('segue_collector_up', { collector: 'view-lag' }), 1)
  t.equal(before.value('segue_view_lag_records', { topic: 'user-sessions' }), 0)
  const pid = redis.pid('redis')
  process.kill(pid, 'SIGSTOP')
  await until(async () => (await scrape(world.metrics)).value('segue_view_age_seconds', { topic: 'user-sessions' })! > 1)
  const during = await scrape(world.metrics)
  t.equal(during.value('segue_collector_up', { collector: 'view-lag' }), 0)
  t.equal(during.value('segue_view_lag_records', { topic: 'user-sessions' }), undefined)
  process.kill(pid, 'SIGCONT')
  await until(async () => (await scrape(world.metrics)).value('segue_view_age_seconds', { topic: 'user-sessions' })! < 1)
  t.equal((await scrape(world.metrics)).value('segue_collector_up', { collector: 'view-lag' }), 1)
})
