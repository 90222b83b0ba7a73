import t from 'tap'
import type { TaskStore } from '../../state/store.js'
import { PoisonRecordError } from '../../streams/poison.js'
import { MergeCache } from '../../streams/stores/merge-store.js'
import { TopologyTestDriver } from '../../streams/test-driver.js'
import { MapStore } from './map-store.js'
import { codec, wordCount } from './word-count.js'

const options = { applicationId: 'wc', topology: wordCount(), codec, mergeStores: { operandBytes: 1000, cache: new MergeCache(1e6) } }

t.test('words are counted through both sub-topologies', async t => {
  const driver = await TopologyTestDriver.create(options, async () => new MapStore())
  driver.pipe('lines', 'k', 'to be or not to be', 1)
  await driver.commit()
  driver.pipe('lines', 'k', 'or so', 2)
  await driver.commit()
  const counts = new Map(driver.take<number>('counts').map(({ key, value }) => [key, value]))
  t.same(Object.fromEntries(counts), { to: 2, be: 2, or: 2, not: 1, so: 1 })
  t.same(driver.take('counts'), [], 'taken once')
})

t.test('what is not committed is not there after a restart; what is committed is', async t => {
  const stores = new Map<string, TaskStore>()
  const open = async (task: string) => stores.get(task) ?? stores.set(task, new MapStore()).get(task)!
  const first = await TopologyTestDriver.create(options, open)
  first.pipe('lines', 'k', 'a b', 5)
  await first.commit()
  first.pipe('lines', 'k', 'a a a', 9)
  const second = await TopologyTestDriver.create(options, open)
  second.pipe('lines', 'k', 'a', 3)
  await second.commit()
  t.same(Object.fromEntries(second.take<number>('counts').map(({ key, value }) => [key, value])), { a: 2 })
  t.equal(Math.max(...second.tasks.map(task => task.streamTime)), 5, 'stream time survives and never falls')
})

t.test('poison: undecodable bytes are dead letters, a processor that throws names the record', async t => {
  const driver = await TopologyTestDriver.create(options, async () => new MapStore())
  driver.pipeBytes('lines', 'k', Buffer.from('{'), 1)
  driver.pipeBytes('lines', 'k', null, 1)
  driver.pipe('lines', 'k', 'fine', 1)
  await driver.commit()
  const letters = driver.take<{ code: string; offset: number; reason: string }>('letters').map(({ value }) => value!)
  t.same(
    letters.map(({ code, offset }) => [code, offset]),
    [
      ['UNDECODABLE', 0],
      ['UNDECODABLE', 1]
    ]
  )
  t.match(letters[1]!.reason, /no value/)
  t.equal(driver.take('counts').length, 1, 'the stream goes on')
  t.throws(() => driver.pipe('lines', 'k', 'poison', 1), PoisonRecordError)
})
