import t from 'tap'
import { describeMermaid, describeText, graphOf } from '../../streams/describe.js'
import { keyValueStore, type Processor } from '../../streams/processor.js'
import { buildTopology, TopologyError } from '../../streams/topology.js'
import { count, split, topics, wordCount } from './word-count.js'

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
  refused({ a: [named('p', { stores: { s: store } })], b: [named('q', { stores: { s: store } })] }, /store s has two writers/)
  refused(
    { a: [named('p', { stores: { s: store } }), named('q', { stores: { s: keyValueStore('s', serde) } })] },
    /Two different stores are named s/
  )
  refused({ a: [named('p', { from: ['words'] })] }, /internal topic words, which no processor writes/)
  const uneven = topics(2).set('counts', { partitions: 3, internal: false })
  refused({ a: [named('p', { from: ['lines', 'counts'] })] }, /not co-partitioned: lines has 2, counts has 3/, uneven)
  t.throws(() => buildTopology(topics(1), 'grave', { a: [parent] }), /dead-letter topic grave/)
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
