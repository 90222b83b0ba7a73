import t from 'tap'
import {
  catalogue,
  chartKey,
  countsKey,
  experimentKey,
  factTopics,
  inputTopics,
  qualityKey,
  statisticsKey,
  topicNames,
  topicSpecs,
  userDayKey
} from '../../schemas/catalogue.js'
import { schemaNames } from '../../schemas/sources.js'
import { derivedNames } from '../../tools/topic-names.js'
import { segueTopology } from '../../tools/topology.js'

t.test('every topic has a schema, every schema a topic', async t => {
  t.strictSame(topicNames.map(name => catalogue[name].schema).sort(), schemaNames())
})

t.test('every topic has the same number of partitions', async t => {
  t.ok(topicSpecs().every(({ partitions }) => partitions === 3))
  t.ok(topicSpecs(7).every(({ partitions }) => partitions === 7))
  t.equal(topicSpecs().length, topicNames.length)
})

t.test('the input is kept for ever; what is compacted is never deleted by age', async t => {
  const specs = new Map(topicSpecs().map(spec => [spec.name, spec]))
  for (const name of inputTopics) t.match(specs.get(name), { cleanup: 'delete', retentionMs: -1 })
  for (const { cleanup, retentionMs } of specs.values()) t.ok(cleanup === 'delete' || retentionMs === -1)
  t.equal(specs.get('listening-events')!.retentionMs, 30 * 86_400_000)
  t.equal(specs.get('dead-letters')!.retentionMs, 90 * 86_400_000)
})

t.test('keys', async t => {
  t.equal(chartKey('tracks', 'day', null, 2), 'tracks|day|*|2')
  t.equal(chartKey('artists', 'all', 'DE', 0), 'artists|all|DE|0')
  t.equal(statisticsKey('hour', '2026-01-31T17', 1), 'hour|2026-01-31T17|1')
  t.equal(userDayKey('a|b', '2026-01-31'), 'a|b|2026-01-31')
  t.equal(countsKey(2), '2')
  t.equal(qualityKey('session', 'hour', 17, 1), 'session|hour|17|1')
  t.equal(experimentKey(null, 'session', 2), '*|session|2')
})

t.test('source topics are those that are read and never written: nothing may delete them as computed', async t => {
  const units = [...segueTopology(3).units.values()]
  const written = new Set(units.flatMap(unit => unit.processors.flatMap(processor => [...processor.to] as string[])))
  const read = new Set(units.flatMap(unit => unit.topics))
  t.strictSame([...read].filter(topic => !written.has(topic)).sort(), [...factTopics, 'repairs'].sort())
  const renamed = derivedNames('another')
  t.notOk(factTopics.some(topic => renamed.has(topic)))
})
