import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { type Mirror, startMirror } from '../../connect/mirror.js'
import { createCodec } from '../../schemas/codec.js'
import { openRedisView } from '../../state/view/redis-view.js'
import { type View, ViewUnavailableError, viewSpaces } from '../../state/view/view.js'
import { createEmbeddedLog } from '../../streams/log/embedded/log.js'
import { exchange } from '../../tools/stack/exchange.js'
import type { Stack } from '../../tools/stack/stack.js'
import { memory } from '../log/harness.js'
import { MemoryRegistry } from '../schemas/memory-registry.js'
import { sharedRedis } from '../state/redis.js'

const TOPIC = 'track-details'
const PARTITIONS = 2
const KEYS = 300
t.setTimeout(120_000)
const redis = await sharedRedis()
if (redis !== undefined) tests(redis)

function tests(redis: Stack): void {
  const url = redis.addresses.redis!
  const command = (text: string) => exchange(Number(new URL(url).port), `${text}\r\n`, 1).then(String)

  t.test('two instances and a Redis that is flushed, killed, hung, full and evicting: the view is what the topics say', async t => {
    const codec = await createCodec(new MemoryRegistry())
    const log = await createEmbeddedLog(memory(), { housekeepingMs: 0 })
    await log.ensureTopics(viewSpaces.map(name => ({ name, partitions: PARTITIONS, cleanup: 'compact', retentionMs: -1 })))
    const views: View[] = []
    const mirrors: Mirror[] = []
    for (let i = 0; i < 2; i++) {
      const view = await openRedisView({ url, application: 'faults', codec, timeoutMs: 300 })
      views.push(view)
      mirrors.push(startMirror({ log, codec, view, partitions: PARTITIONS, onNotice: () => {}, checkMs: 200, retryMs: [5, 50] }))
    }
    t.teardown(async () => {
      await Promise.all(mirrors.map(mirror => mirror.close()))
      await Promise.all(views.map(view => view.close()))
      await log.close()
    })
    const model = new Map<string, number>()
    let plays = 0
    const publish = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const n = Math.floor(Math.random() * KEYS)
        const key = `track-${n}`
        const gone = plays++ % 7 === 0
        if (gone) model.delete(key)
        else model.set(key, plays)
        const details = { track_id: key, track_name: 'N'.repeat(200), artist_id: 'a', plays }
        const value = gone ? null : codec.encode(TOPIC, details)
        await log.send([{ topic: TOPIC, partition: n % PARTITIONS, key: Buffer.from(key), value }])
      }
    }
    const same = async () => {
      try {
        const found = await views[0]!.scan(TOPIC, { limit: 2 * KEYS })
        return found.length === model.size && found.every(([key, value]) => model.get(key) === value.plays)
      } catch (error) {
        if (error instanceof ViewUnavailableError) return false
        throw error
      }
    }
    const settles = async (why: string) => {
      while (!(await same())) await sleep(10)
      t.pass(why)
    }

    await publish(500)
    await settles('filled')
    for (let round = 0; round < 2; round++) {
      await publish(50)
      await command('FLUSHALL')
      await publish(50)
      await settles('flushed')
      await redis.kill('redis')
      await publish(50)
      await redis.start('redis')
      await settles('killed and started')
      process.kill(redis.pid('redis'), 'SIGSTOP')
      await publish(50)
      await sleep(400)
      process.kill(redis.pid('redis'), 'SIGCONT')
      await settles('hung')
      await command('CONFIG SET maxmemory-policy allkeys-random')
      await command('CONFIG SET maxmemory 1')
      await publish(20)
      await sleep(100)
      await command('CONFIG SET maxmemory 0')
      await publish(20)
      await settles('evicting')
      await command('CONFIG SET maxmemory-policy noeviction')
      await command('CONFIG SET maxmemory 1')
      await publish(20)
      await sleep(100)
      await command('CONFIG SET maxmemory 0')
      await settles('full')
    }
    t.equal((await Promise.all(mirrors.map(mirror => mirror.caughtUp()))).every(Boolean), true)
  })

  t.test('of partitions that it does not follow, a mirror copies nothing; once it does, all', async t => {
    const codec = await createCodec(new MemoryRegistry())
    const log = await createEmbeddedLog(memory(), { housekeepingMs: 0 })
    await log.ensureTopics(viewSpaces.map(name => ({ name, partitions: 2, cleanup: 'compact', retentionMs: -1 })))
    const view = await openRedisView({ url, application: 'shared', codec })
    const followed = new Set([0])
    const follows = (_: string, partition: number) => followed.has(partition)
    const mirror = startMirror({ log, codec, view, partitions: 2, onNotice: () => {}, checkMs: 20, follows })
    t.teardown(async () => {
      await mirror.close()
      await view.close()
      await log.close()
    })
    const value = codec.encode(TOPIC, { track_id: 'x', track_name: 'X', artist_id: 'a', plays: 1 })
    for (const partition of [0, 1]) await log.send([{ topic: TOPIC, partition, key: Buffer.from(`x${partition}`), value }])
    while ((await view.position(TOPIC, 0)) === undefined) await sleep(5)
    await sleep(60)
    t.equal(await view.position(TOPIC, 1), undefined)
    followed.add(1)
    while ((await view.position(TOPIC, 1)) === undefined) await sleep(5)
    t.equal((await view.get(TOPIC, 'x1'))?.plays, 1)
  })
}
