import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { generator } from '../../bench/reference.js'
import { verifyLake } from '../../connect/lake/verify.js'
import { type Objects, ObjectsError } from '../../connect/objects/objects.js'
import { until } from '../contract/log-helpers.js'
import { MemoryObjects } from '../objects/memory-objects.js'
import { flushed, lakeOptions, records, sameAsLog, withLake, world } from './support.js'

/** Fails before or after what it should have done, or is slow, by a seeded choice. */
function failing(objects: Objects, random: () => number, share: number): Objects {
  const unsure = async <T>(work: () => Promise<T>): Promise<T> => {
    const dice = random()
    if (dice < share / 3) throw new ObjectsError('The store is busy.')
    const result = await work()
    if (dice < (2 * share) / 3) throw new ObjectsError('The reply was lost.')
    if (dice < share) await sleep(3)
    return result
  }
  return {
    place: objects.place,
    put: (key, body) => unsure(() => objects.put(key, body)),
    get: key => unsure(() => objects.get(key)),
    list: prefix => objects.list(prefix),
    delete: keys => unsure(() => objects.delete(keys)),
    close: () => objects.close()
  }
}

t.test('a store that fails, and a sink that is stopped and started: each row once', async t => {
  const parts = await world(t)
  const objects = new MemoryObjects()
  const random = generator(7)
  let sent = 0
  for (let run = 0; run < 8; run++) {
    const rotation = { rows: 5 + Math.floor(random() * 40), bytes: 1_000_000, ageMs: 20 }
    await withLake(lakeOptions(parts, failing(objects, random, 0.5), { rotation }), async () => {
      for (let batch = 0; batch < 4; batch++) {
        await parts.log.send(records(parts.codec, sent, 40))
        sent += 40
        await sleep(random() * 30)
      }
    })
  }
  await flushed(lakeOptions(parts, objects))
  t.equal(await sameAsLog(t, parts, objects), sent)
  t.strictSame((await verifyLake(objects)).problems, [])
})

t.test('while the store is away nothing is lost, and it is told; then the lake catches up', async t => {
  const parts = await world(t)
  const objects = new MemoryObjects()
  const notices: string[] = []
  let isAway = true
  const store: Objects = failing(objects, () => (isAway ? 0 : 1), 0.5)
  const rotation = { rows: 10, bytes: 1_000_000, ageMs: 20 }
  await withLake(lakeOptions(parts, store, { rotation, onNotice: sentence => notices.push(sentence) }), async sink => {
    await parts.log.send(records(parts.codec, 0, 400))
    await until(() => notices.length > 10)
    t.match(notices[0], /^spotify-\w+-\d can't be written to the lake\. The store is busy\. The next attempt is in 1 ms\.$/)
    await t.rejects(sink.flush(), ObjectsError, 'who waits is told')
    t.equal(
      (await sink.lag()).reduce((sum, { records }) => sum + records, 0),
      400
    )
    isAway = false
    await until(async () => (await sink.lag()).every(({ records }) => records === 0))
  })
  const perPartition = notices.filter(notice => notice.startsWith('spotify-plays-0 can')).length
  t.ok(perPartition <= 2, 'an outage is told a few times, not for ever')
  t.equal(await sameAsLog(t, parts, objects), 400)
})

t.test('a zombie that wakes up after others went on changes nothing', async t => {
  const parts = await world(t)
  const objects = new MemoryObjects()
  await parts.log.send(records(parts.codec, 0, 300))
  let wake: () => void = () => {}
  const asleep = new Promise<void>(resolve => {
    wake = resolve
  })
  let sleeping = 0
  const slow: Objects = {
    ...methods(objects),
    put: async (key, body) => {
      sleeping++
      await asleep
      return objects.put(key, body)
    }
  }
  const rotation = { rows: 30, bytes: 1_000_000, ageMs: 20 }
  await withLake(lakeOptions(parts, slow, { rotation, group: 'segue-lake' }), async () => {
    await until(() => sleeping === 2)
  })
  await flushed(lakeOptions(parts, objects))
  await parts.log.send(records(parts.codec, 300, 100))
  await flushed(lakeOptions(parts, objects))
  const before = await sameAsLog(t, parts, objects)
  wake()
  await sleep(50)
  t.equal(await sameAsLog(t, parts, objects), before)
  t.strictSame((await verifyLake(objects)).problems, [])
})

const methods = (objects: Objects): Objects => ({
  place: objects.place,
  put: (key, body) => objects.put(key, body),
  get: key => objects.get(key),
  list: prefix => objects.list(prefix),
  delete: keys => objects.delete(keys),
  close: () => objects.close()
})

t.test('another lake in the same place is noticed, not mixed', async t => {
  const objects = new MemoryObjects()
  const [one, two] = [await world(t), await world(t)]
  await one.log.send(records(one.codec, 0, 100))
  await flushed(lakeOptions(one, objects))
  await two.log.send(records(two.codec, 7, 100))
  await t.rejects(flushed(lakeOptions(two, objects)), {
    name: 'LakeConflictError',
    message: /has rows of spotify-\w+-\d, such as .*, and this log has never written there\. Give this one a lake of its own/
  })
  t.equal(await sameAsLog(t, one, objects), 100)
})
