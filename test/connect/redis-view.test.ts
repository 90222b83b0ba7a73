import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { type Codec, createCodec } from '../../schemas/codec.js'
import { openRedisApplications } from '../../state/view/redis-applications.js'
import { openRedisView, type RedisViewOptions } from '../../state/view/redis-view.js'
import { type View, type ViewBatch, ViewUnavailableError } from '../../state/view/view.js'
import { exchange } from '../../tools/stack/exchange.js'
import type { Stack } from '../../tools/stack/stack.js'
import { viewContract } from '../contract/view.js'
import { MemoryRegistry } from '../schemas/memory-registry.js'
import { sharedRedis } from '../state/redis.js'

const redis = await sharedRedis()
if (redis !== undefined) tests(redis)

function tests(redis: Stack): void {
  const url = redis.addresses.redis!
  let applications = 0

  viewContract({
    name: 'Redis',
    open: (place, codec) => openRedisView({ url, application: place, codec }),
    durable: true
  })
  const fresh = async (options: Partial<RedisViewOptions> = {}) => {
    const codec = options.codec ?? (await createCodec(new MemoryRegistry()))
    return openRedisView({ url, application: `app-${++applications}`, ...options, codec })
  }
  const command = (text: string) => exchange(Number(new URL(url).port), `${text}\r\n`, 1).then(String)

  t.test('a value lies there as in the topic, under the documented key', async t => {
    const codec = await createCodec(new MemoryRegistry())
    const view = await fresh({ codec, application: 'documented' })
    t.teardown(() => view.close())
    await view.apply(batch(codec, 0, 3, { x: 7 }))
    t.match(await command('HSTRLEN segue:documented:track-details x'), `:${codec.encode('track-details', details('x', 7)).length}`)
    t.match(await command('ZCARD segue:documented:track-details:keys'), ':2')
  })

  t.test('changes are told to other processes, and what may have been missed as a whole', async t => {
    const codec = await createCodec(new MemoryRegistry())
    const [writer, reader] = [await fresh({ codec, application: 'told' }), await fresh({ codec, application: 'told' })]
    t.teardown(() => Promise.all([writer.close(), reader.close()]))
    const told: unknown[] = []
    reader.onChange((space, keys) => told.push([space, keys]))
    const last = () => JSON.stringify(told.at(-1))
    for (let n = 0; last() !== '["track-details",["x"]]'; n++) await Promise.all([writer.apply(batch(codec, n, n + 1, { x: n })), sleep(5)])
    await redis.restart('redis')
    await until(() => told.some(change => JSON.stringify(change) === '["charts",null]'))
    const before = told.length
    await connected(writer)
    const position = (await writer.position('track-details', 0))!
    await until(async () => (await writer.apply(batch(codec, position, position + 1, { y: 1 }))) || told.length > before)
    await until(() => last() === '["track-details",["y"]]')
  })

  t.test('what is decoded is kept for as long as Redis has the same bytes', async t => {
    const codec = await createCodec(new MemoryRegistry())
    const [writer, reader] = [await fresh({ codec, application: 'kept' }), await fresh({ codec, application: 'kept' })]
    t.teardown(() => Promise.all([writer.close(), reader.close()]))
    for (let n = 1; n < 50; n++) {
      await writer.apply(batch(codec, n - 1, n, { x: n }))
      const [value, again] = [await reader.get('track-details', 'x'), await reader.get('track-details', 'x')]
      t.strictSame(value, details('x', n))
      t.equal(again, value)
    }
  })

  t.test('neighbours are remembered until a change is told', async t => {
    const codec = await createCodec(new MemoryRegistry())
    const [writer, reader] = [await fresh({ codec, application: 'remembered' }), await fresh({ codec, application: 'remembered' })]
    t.teardown(() => Promise.all([writer.close(), reader.close()]))
    const read = () => reader.getMany('track-neighbours', ['x', 'y', 'absent']).then(lists => lists.map(list => list?.sessions))
    const reads = async () => Number(/cmdstat_hmget:calls=(\d+)/.exec(await command('INFO commandstats'))?.[1] ?? 0)
    await writer.apply(lists(codec, 0, { x: 1, y: 1 }))
    for (let n = 1; n < 100; n++) {
      // What is read while it changes must not stay.
      const reading = Promise.all([read(), read(), read()])
      await writer.apply(lists(codec, n, { x: n + 1 }))
      await reading
      await until(async () => String(await read()) === `${n + 1},1,`)
    }
    await reader.get('track-neighbours', 'x')
    const before = await reads()
    for (let n = 0; n < 50; n++) t.equal((await reader.get('track-neighbours', 'x'))?.sessions, 100)
    t.equal(await reads(), before, 'Redis was not asked')
    await reader.get('track-details', 'x')
    t.equal(await reads(), before + 1, 'of other spaces it is')
  })

  t.test('what was read before a change that was told meanwhile is not remembered', async t => {
    const codec = await createCodec(new MemoryRegistry())
    let resolve: (() => void) | undefined
    let pending = true
    // The answer of Redis waits for its schema: the change comes between.
    const slow: RedisViewOptions['codec'] = {
      header: space => codec.header(space),
      decode: (space, bytes) => {
        if (pending) throw Object.assign(new Error('pending'), { name: 'SchemaPendingError', id: 1 })
        return codec.decode(space, bytes)
      },
      resolve: () => new Promise<void>(done => (resolve = done))
    }
    const [writer, reader] = [await fresh({ codec, application: 'raced' }), await fresh({ codec: slow, application: 'raced' })]
    t.teardown(() => Promise.all([writer.close(), reader.close()]))
    let told = 0
    reader.onChange((space, keys) => (told += space === 'track-neighbours' && keys !== undefined ? 1 : 0))
    await writer.apply(lists(codec, 0, { x: 1 }))
    await until(() => told === 1)
    const reading = reader.get('track-neighbours', 'x')
    await until(() => resolve !== undefined)
    await writer.apply(lists(codec, 1, { x: 2 }))
    await until(() => told === 2)
    pending = false
    resolve!()
    t.equal((await reading)?.sessions, 1)
    t.equal((await reader.get('track-neighbours', 'x'))?.sessions, 2)
  })

  t.test('what is remembered is forgotten with the connection that tells of changes', async t => {
    const codec = await createCodec(new MemoryRegistry())
    const [writer, reader] = [await fresh({ codec, application: 'cut' }), await fresh({ codec, application: 'cut' })]
    t.teardown(() => Promise.all([writer.close(), reader.close()]))
    for (let n = 0; n < 20; n++) {
      await until(async () => (await writer.apply(lists(codec, n, { x: n }))) || (await writer.position('track-neighbours', 0)) === n + 1)
      await until(async () => (await reader.get('track-neighbours', 'x'))?.sessions === n)
      await command('CLIENT KILL TYPE pubsub')
    }
    t.teardown(() => command('ACL SETUSER default +psubscribe'))
    await command('ACL SETUSER default -psubscribe')
    await command('CLIENT KILL TYPE pubsub')
    for (let n = 20; n < 40; n++) {
      await writer.apply(lists(codec, n, { x: n }))
      await until(async () => (await reader.get('track-neighbours', 'x'))?.sessions === n)
    }
  })

  t.test('whatever Redis evicts of a space, its positions are gone with it', async t => {
    const codec = await createCodec(new MemoryRegistry())
    const view = await fresh({ codec, application: 'evicted' })
    t.teardown(() => view.close())
    for (const key of ['segue:evicted:track-details', 'segue:evicted:track-details:keys']) {
      await view.apply(batch(codec, 0, 3, { x: 1, y: 1 }))
      await view.apply(batch(codec, 0, 4, { z: 1 }, 1))
      await command(`DEL ${key}`)
      t.equal(await view.apply(batch(codec, 3, 5, { y: 2 })), false)
      t.strictSame([await view.position('track-details', 0), await view.position('track-details', 1)], [undefined, undefined])
      t.strictSame(await view.getMany('track-details', ['x', 'y', 'z']), [undefined, undefined, undefined])
      t.equal(await view.apply(batch(codec, 0, 5, { x: 1, y: 2 })), true)
      t.strictSame(
        (await view.scan('track-details', { limit: 9 })).map(([key]) => key),
        ['x', 'y']
      )
      await view.clear()
    }
  })

  t.test('values of another schema are read', async t => {
    const registry = new MemoryRegistry()
    const old = await createCodec(registry)
    const writer = await fresh({ codec: old, application: 'schemas' })
    const reader = await fresh({ codec: await createCodec(registry), application: 'schemas' })
    t.teardown(() => Promise.all([writer.close(), reader.close()]))
    await writer.apply(batch(old, 0, 1, { x: 5 }))
    t.strictSame(await reader.get('track-details', 'x'), details('x', 5))
  })

  t.test('an application goes live for all in one step; one that is live is not dropped', async t => {
    const codec = await createCodec(new MemoryRegistry())
    const [blue, green] = [await fresh({ codec, application: 'blue' }), await fresh({ codec, application: 'green' })]
    const control = await openRedisApplications({ url })
    t.teardown(async () => {
      await command('DEL segue:live')
      control.close()
      await Promise.all([blue.close(), green.close()])
    })
    await blue.apply(batch(codec, 0, 1, { x: 1 }))
    await green.apply(batch(codec, 0, 9, { x: 2, y: 2 }))
    t.equal(await control.live(), undefined)
    t.equal((await blue.get('track-details', 'x'))?.plays, 1, 'without a live one each answers from its own')
    let resets = 0
    blue.onChange((_, keys) => {
      if (keys === undefined) resets++
    })
    await control.goLive('green')
    await until(async () => (await blue.get('track-details', 'x'))?.plays === 2)
    await until(() => resets > 0)
    t.strictSame(
      (await blue.scan('track-details', { limit: 9 })).map(([key]) => key),
      ['x', 'y']
    )
    t.equal(await blue.position('track-details', 0), 1, 'it goes on writing its own')
    await blue.apply(batch(codec, 1, 2, { x: 5 }))
    t.equal((await green.get('track-details', 'x'))?.plays, 2)
    await t.rejects(control.drop('green'), /answered from: switch/)
    await control.goLive('blue')
    await until(async () => (await green.get('track-details', 'x'))?.plays === 5)
    await control.drop('green')
    t.equal(await green.position('track-details', 0), undefined)
  })

  t.test('down, hung, restarted: told at once, and found again', async t => {
    const notices: string[] = []
    const codec = await createCodec(new MemoryRegistry())
    const view = await fresh({ codec, application: 'faults', timeoutMs: 300, onNotice: sentence => notices.push(sentence) })
    t.teardown(() => view.close())
    await view.apply(batch(codec, 0, 2, { x: 1 }))
    const told: unknown[] = []
    view.onChange((_, keys) => told.push(keys))
    process.kill(redis.pid('redis'), 'SIGSTOP')
    const calls: (() => Promise<unknown>)[] = [
      () => view.get('track-details', 'x'),
      () => view.position('track-details', 0),
      () => view.apply(batch(codec, 2, 3, { y: 1 }))
    ]
    for (const call of calls) await t.rejects(call(), ViewUnavailableError, 'hung')
    process.kill(redis.pid('redis'), 'SIGCONT')
    await until(async () => (await view.get('track-details', 'x').catch(() => undefined)) !== undefined)
    await until(() => told.some(keys => keys !== undefined))
    t.strictSame(
      told.filter(keys => keys !== undefined),
      [['y']],
      'what was applied after all is told'
    )
    await redis.kill('redis')
    await t.rejects(view.get('track-details', 'x'), { name: 'ViewUnavailableError', message: /^Redis at 127\.0\.0\.1:\d+ can't be used: / })
    await t.rejects(view.scan('track-details', { limit: 1 }), ViewUnavailableError)
    const late = await openRedisView({ url, application: 'faults', codec, timeoutMs: 300 })
    t.teardown(() => late.close())
    await t.rejects(late.get('track-details', 'x'), ViewUnavailableError, 'one that is opened meanwhile')
    await redis.start('redis')
    await connected(late)
    await connected(view)
    t.strictSame(await late.get('track-details', 'x'), details('x', 1))
    t.match(notices[0], /can't be used: .* It is tried again\.$/)
    t.match(notices.at(-1), /answers again\.$/)
  })

  t.test('a password stays out of every message', async t => {
    const codec = await createCodec(new MemoryRegistry())
    const notices: string[] = []
    const secret = url.replace('redis://', 'redis://anna:geheim@')
    const view = await openRedisView({ url: secret, application: 'a', codec, timeoutMs: 300, onNotice: sentence => notices.push(sentence) })
    t.teardown(() => view.close())
    await until(() => notices.length > 0)
    const error = await view.get('charts', 'x').catch((error: Error) => error)
    t.notMatch(`${notices.join()} ${(error as Error).stack} ${JSON.stringify(error)}`, 'geheim')
    t.match(notices[0], /WRONGPASS|password/)
  })
}

const details = (track: string, plays: number) => ({ track_id: track, track_name: `Name of ${track}`, artist_id: 'a', plays })

/** One list of neighbours a track, with the number of its sessions. */
const lists = (codec: Codec, from: number, sessions: Record<string, number>): ViewBatch => ({
  topic: 'track-neighbours',
  partition: 0,
  from,
  to: from + 1,
  entries: Object.entries(sessions).map(([track_id, count]) => ({
    key: track_id,
    value: codec.encodeBare('track-neighbours', {
      track_id,
      sessions: count,
      n: 1,
      neighbours: [{ track_id: 'z', together: 1, weight: 1 }]
    })
  }))
})

const batch = (codec: Codec, from: number, to: number, plays: Record<string, number>, partition = 0): ViewBatch => ({
  topic: 'track-details',
  partition,
  from,
  to,
  entries: Object.entries(plays).map(([key, count]) => ({ key, value: codec.encodeBare('track-details', details(key, count)) }))
})

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5)
}

/** Waits until it answers. */
async function connected(view: View): Promise<View> {
  await until(() =>
    view.position('charts', 0).then(
      () => true,
      () => false
    )
  )
  return view
}
