import t from 'tap'
import { describeMermaid, describeText, graphOf } from '../../streams/describe.js'
import { keyValueStore, type Processor } from '../../streams/processor.js'
import { MergeCache } from '../../streams/stores/merge-store.js'
import { TopologyTestDriver } from '../../streams/test-driver.js'
import { buildTopology, TopologyError } from '../../streams/topology.js'
import { MapStore } from './map-store.js'
import { codec, count, split, topics, wordCount } from './word-count.js'

const serde = split.stores.seen.serde
const named = (name: string, rest: Partial<Processor>): Processor => ({
  name,
  from: ['lines'],
  to: [],
  stores: {},
  create: () => ({ process() {} }),
  ...rest
})
const build = (units: Record<string, Processor[]>, catalogue = topics(2)) => buildTopology(catalogue, 'letters', units)

t.test('what makes no sense is refused with a sentence', async t => {
  const refused = (units: Record<string, Processor[]>, pattern: RegExp, catalogue = topics(2)) => {
    t.throws(() => build(units, catalogue), pattern)
    t.throws(() => build(units, catalogue), TopologyError)
  }
  refused({ a: [] }, /sub-topology a has no processors/)
  refused({ a: [named('p', { from: ['nowhere'] })] }, /p reads the topic nowhere, which is not in the catalogue/)
  refused({ a: [named('p', { to: ['nowhere'] })] }, /p writes the topic nowhere/)
  refused({ a: [named('p', { from: [] })] }, /p reads nothing/)
  refused({ a: [named('p', {}), named('p', {})] }, /Two processors are named p/)
  refused({ a: [named('p', {})], b: [named('p', {})] }, /Two processors are named p/)
  const parent = named('parent', {})
  refused({ a: [named('child', { from: [parent] }), parent] }, /child reads from parent, which does not come before it/)
  refused({ a: [parent], b: [named('child', { from: [parent] })] }, /child reads from parent/)
  const store = keyValueStore('s', serde)
  refused(
    { a: [named('p', { stores: { s: store } })], b: [named('q', { from: ['counts'], stores: { s: store } })] },
    /store s has two writers/
  )
  refused(
    { a: [named('p', { stores: { s: store } }), named('q', { stores: { s: keyValueStore('s', serde) } })] },
    /Two different stores are named s/
  )
  refused({ a: [named('p', { from: ['words'] })] }, /internal topic words, which no processor writes/)
  const uneven = topics(2).set('counts', { partitions: 3, internal: false })
  refused({ a: [named('p', { from: ['lines', 'counts'] })] }, /not co-partitioned: lines has 2, counts has 3/, uneven)
  t.throws(() => buildTopology(topics(1), 'grave', { a: [parent] }), /dead-letter topic grave/)
  refused({}, /no sub-topologies/)
  refused({ a: [named('p', { to: ['words'] })] }, /internal topic words is written, but no sub-topology reads it/)
  refused({ a: [named('p', {})], b: [named('q', { from: ['lines'] })] }, /topic lines is read by two sub-topologies: a and b/)
  refused({ a: [named('p', { from: ['letters'] })] }, /a reads the dead letters, letters/)
  refused({ a: [named('p', { from: ['lines', 'lines'] })] }, /p reads from lines twice/)
  refused({ a: [parent, named('child', { from: [parent, parent] })] }, /child reads from parent twice/)
  refused({ a: [named('p', { stores: { s: keyValueStore('a-stream-time', serde) } })] }, /a-stream-time is the engine's own/)
  refused({ 'a b': [named('p', {})] }, /sub-topology can't be named 'a b'/)
  refused({ a: [named('p', { stores: { s: keyValueStore('../s', serde) } })] }, /store can't be named '..\/s'/)
})

t.test('processors can not be in a cycle: each reads from those before it', async t => {
  const first = named('first', {})
  const second = named('second', { from: [first] })
  const [from, itself] = [[second], [] as Processor[]]
  t.throws(() => build({ a: [Object.assign(first, { from }), second] }), /first reads from second, which does not come before it/)
  itself.push(named('itself', { from: itself }))
  t.throws(() => build({ a: itself }), /itself reads from itself, which does not come before it/)
})

t.test('a topic that a processor does not list can not be written', async t => {
  const writer = named('writer', { to: ['counts'], create: ({ send }) => ({ process: () => send('lines', 'k', 'v') }) })
  const options = {
    applicationId: 'wc',
    topology: build({ a: [writer] }),
    codec,
    mergeStores: { operandBytes: 1, cache: new MergeCache(1) }
  }
  const driver = await TopologyTestDriver.create(options, async () => new MapStore())
  t.throws(() => driver.pipe('lines', 'k', 'v', 1), /writer does not list lines among the topics it writes/)
})

t.test('a topology can be printed and drawn', async t => {
  const text = describeText(wordCount())
  for (const line of ['Sub-topology lines (2 tasks)', 'Processor: split', '--> words', 'stores: seen', 'Dead letters: letters'])
    t.match(text, line)
  const mermaid = describeMermaid(wordCount())
  t.match(mermaid, 't_lines --> p_split')
  t.match(mermaid, 'p_count -.- s_counts')
  t.equal(graphOf(wordCount()).nodes.filter(node => node.kind === 'store').length, 2)
  t.same(wordCount().units.get('words')!.topics, [...count.from])
})
