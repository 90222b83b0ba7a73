import t from 'tap'
import { checkReplay, LakeReplayError, replayLake } from '../../connect/lake/replay.js'
import { verifyLake } from '../../connect/lake/verify.js'
import { type SourceTopic, sourceTopics } from '../../schemas/catalogue.js'
import type { Log } from '../../streams/log/log.js'
import { readAll } from '../contract/log-helpers.js'
import { MemoryObjects } from '../objects/memory-objects.js'
import { flushed, HOUR, lakeOptions, PARTITIONS, records, START, sameAsLog, type World, world } from './support.js'

const GROUP = 'segue-lake'

/** A lake of many files, with hours in between one another. */
async function filled(t: Parameters<typeof world>[0]): Promise<{ parts: World; objects: MemoryObjects }> {
  const parts = await world(t)
  const objects = new MemoryObjects()
  await parts.log.send(records(parts.codec, 0, 500, n => START + n * 20_000 - (n % 9 === 0 ? 2 * HOUR : 0)))
  const erasure = parts.codec.encode('erasures', { user_id: 'user 3', requested_at: START, days: ['2026-01-30', '2026-01-31'] })
  await parts.log.send([{ topic: 'erasures', partition: 1, timestamp: START, key: Buffer.from('user 3'), value: erasure }])
  const choice = { user_id: 'user 3', shares: true, alias: 'listener-x', name: null, chosen_at: START }
  await parts.log.send([
    { topic: 'sharing', partition: 1, timestamp: START, key: Buffer.from('user 3'), value: parts.codec.encode('sharing', choice) }
  ])
  await flushed(lakeOptions(parts, objects, { rotation: { rows: 20, bytes: 1_000_000, ageMs: 1_000_000 } }))
  return { parts, objects }
}

/** Everything but the bytes of values, which are written with today's schema. */
async function contents({ log, codec }: World, of: Log = log): Promise<unknown[]> {
  const all: unknown[] = []
  for (const topic of sourceTopics)
    for (let partition = 0; partition < PARTITIONS; partition++)
      for (const { value, ...record } of await readAll(of, { topic, partition }))
        all.push({ ...record, value: decoded(codec, topic, value) })
  return all
}

function decoded(codec: World['codec'], topic: SourceTopic, value: Buffer | null): unknown {
  try {
    return value === null ? null : codec.decode(topic, value)
  } catch {
    return value?.toString('hex')
  }
}

t.test('topics are rebuilt as they were, also after an interruption, and the lake goes on behind them', async t => {
  const { parts, objects } = await filled(t)
  const fresh = { ...parts, log: (await world(t)).log }
  const { partitions } = await verifyLake(objects)
  const replay = { log: fresh.log, codec: parts.codec, objects, group: GROUP }
  await checkReplay(replay, partitions)
  const failing = { ...replay, log: interrupted(fresh.log) }
  await t.rejects(replayLake(failing, partitions), /killed/)
  await checkReplay(replay, partitions)
  const sent = await replayLake(replay, partitions)
  t.ok(sent > 0 && sent < 501, 'it goes on where it stood')
  t.strictSame(await contents(fresh), await contents(parts))
  await fresh.log.send(records(parts.codec, 500, 100))
  await flushed(lakeOptions(fresh, objects))
  t.equal(await sameAsLog(t, fresh, objects), 602)
  t.strictSame((await verifyLake(objects)).problems, [])
})

/** Dies after a few batches. */
function interrupted(log: Log): Log {
  let sends = 0
  return new Proxy(log, {
    get(target, name) {
      if (name === 'send' && ++sends > 3) throw new Error('killed')
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

t.test('what can not be rebuilt is refused', async t => {
  const { parts, objects } = await filled(t)
  const { partitions } = await verifyLake(objects)
  const replay = { log: parts.log, codec: parts.codec, objects, group: undefined }
  await t.rejects(checkReplay(replay, partitions), { name: LakeReplayError.name, message: /-\d is not empty/ })
  const fresh = (await world(t)).log
  await fresh.send(records(parts.codec, 3, 40, n => START + n))
  await t.rejects(replayLake({ ...replay, log: fresh, group: GROUP }, partitions), /holds other records than the lake/)
  const later = partitions.map(partition => ({ ...partition, from: 7 }))
  const empty = (await world(t)).log
  await t.rejects(checkReplay({ ...replay, log: empty, group: GROUP }, later), /they would get other offsets/)
  await checkReplay({ ...replay, log: empty }, later)
  await replayLake({ ...replay, log: empty }, later)
  t.strictSame(await contents({ ...parts, log: empty }), await contents(parts), 'into a lake of their own they may')
})
