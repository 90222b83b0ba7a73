import { readFileSync } from 'node:fs'
import t from 'tap'
import { type Difference, streamTables } from '../../api/reconciliation.js'
import type { InputTopic } from '../../schemas/catalogue.js'
import { createCodec } from '../../schemas/codec.js'
import { fromJson } from '../../schemas/json.js'
import { openMemoryStore } from '../../state/memory-store.js'
import type { TaskStore } from '../../state/store.js'
import { MergeCache } from '../../streams/stores/merge-store.js'
import type { TopicCodec } from '../../streams/task.js'
import { TopologyTestDriver } from '../../streams/test-driver.js'
import { repairs } from '../../tools/reconcile/repair.js'
import { rows } from '../../tools/reconcile/rows.js'
import { segueTopology } from '../../tools/topology.js'
import { fixture } from '../product/run.js'
import { MemoryRegistry } from '../schemas/memory-registry.js'

const AT = Date.UTC(2026, 0, 1)

interface Line {
  readonly topic: InputTopic
  readonly event: { readonly user_id: string }
}
const lines = readFileSync(fixture('awkward.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Line)

/** The application in one task of each sub-topology, with what its stores hold as numbers by key and field. */
async function application() {
  const codec = await createCodec(new MemoryRegistry())
  const stores = new Map<string, TaskStore>()
  const open = async (task: string) => stores.set(task, await openMemoryStore()).get(task)!
  const topology = segueTopology(1)
  const mergeStores = { operandBytes: 4_000, cache: new MergeCache(1e8) }
  const driver = await TopologyTestDriver.create({ applicationId: 'test', topology, codec: codec as TopicCodec, mergeStores }, open)
  const play = async (part: readonly Line[]) => {
    for (const { topic, event } of part) driver.pipe(topic, event.user_id, fromJson(topic, event), AT)
    await driver.commit()
  }
  const apply = async (differences: readonly Difference[]) => {
    for (const { topic, key, value } of repairs(differences, 1)) driver.pipe(topic, key, value, AT)
    await driver.commit()
  }
  const held = async () => {
    const numbers = new Map<string, number>()
    const tasks = [...stores].map(([task, store]) => ({ unit: task.replace(/-0$/, ''), store: store.snapshot() }))
    for (const table of streamTables)
      for await (const piece of rows(table, tasks))
        for (const line of piece.trim().split('\n'))
          for (const [name, value] of numbersOf(table, JSON.parse(line))) numbers.set(name, value)
    for (const { store } of tasks) await store.close()
    return numbers
  }
  return { play, apply, held }
}

/** One number a key and field; columns of equal length are rows. */
function* numbersOf(table: string, row: Record<string, unknown>): Iterable<[string, number]> {
  const lists = Object.entries(row).filter(([, value]) => Array.isArray(value)) as [string, unknown[]][]
  const ids = lists.find(([, values]) => typeof values[0] === 'string')?.[1] ?? [undefined]
  const keys = Object.values(row).filter(value => typeof value === 'string' || value === null)
  for (const [i, id] of ids.entries())
    for (const [field, value] of [...Object.entries(row), ...lists.map(([field, values]) => [field, values[i]] as const)])
      if (typeof value === 'number' && value !== 0) yield [[table, ...keys, ...(id === undefined ? [] : [id]), field].join(' '), value]
}

const changed = (before: Map<string, number>, after: Map<string, number>) =>
  [...after].filter(([name, value]) => value !== before.get(name)).map(([name, value]) => [name, value - (before.get(name) ?? 0)])

t.test('a repair adds the difference at the cut to whatever the stores hold by then, and to nothing else', async t => {
  const [one, other] = [await application(), await application()]
  for (const { play } of [one, other]) await play(lines.slice(0, 1_500))
  const track = { stream: { sessions: 5, n: 2.5, plays: 9 }, batch: { sessions: 7, n: 2.25, plays: 8 } }
  const differences: Difference[] = [
    { section: 'counts', keys: ['accepted', 'play'], stream: { value: 10 }, batch: { value: 7 } },
    { section: 'tracks', keys: ['track0001'], ...track },
    { section: 'pairs', keys: ['track0001', 'never heard'], stream: {}, batch: { together: 2, weight: 0.5 } },
    { section: 'charts', keys: ['tracks', '', 'track0002'], stream: { plays: 3 }, batch: { plays: 4 } },
    { section: 'charts', keys: ['artists', 'NO', 'artist001'], stream: { plays: 3 }, batch: { plays: 1 } }
  ]
  for (const { play } of [one, other]) await play(lines.slice(1_500))
  await one.apply(differences)
  t.strictSame(Object.fromEntries(changed(await other.held(), await one.held())), {
    'counts accepted play value': -3,
    'cooccurrence track0001 sessions': 2,
    'cooccurrence track0001 n': -0.25,
    'cooccurrence track0001 never heard together': 2,
    'cooccurrence track0001 never heard weights': 0.5,
    'plays track0001 plays': -1,
    'charts tracks  track0002 plays': 1,
    'charts artists NO artist001 plays': -2
  })
  await one.apply(differences.map(({ stream, batch, ...rest }) => ({ ...rest, stream: batch, batch: stream })))
  t.strictSame(await one.held(), await other.held(), 'and taking it back leaves nothing')
})

t.test('affinities of a listener: what the batch knows and the stream does not, and the other way round', async t => {
  const one = await application()
  await one.play(lines)
  const before = await one.held()
  const [, user, artist] = [...before.keys()].find(name => name.startsWith('affinity '))!.split(' ') as [string, string, string]
  const of = (field: string, id = artist) => before.get(`affinity ${user} ${id} ${field}`)!
  const values = { as_of: of('as_of'), a: of('a'), plays: of('plays'), events: of('events') }
  await one.apply([
    { section: 'affinity', keys: [user, 'new'], stream: {}, batch: { ...values, a: 3, plays: 2, events: 3 } },
    { section: 'affinity', keys: [user, artist], stream: values, batch: {} },
    { section: 'affinity', keys: ['somebody', 'new'], stream: {}, batch: { ...values, a: 1.5, plays: 1, events: 1 } }
  ])
  const after = await one.held()
  t.notOk(after.has(`affinity ${user} ${artist} a`), 'what has no event is not there')
  t.match(
    [...after]
      .filter(([name]) => name.startsWith(`affinity ${user} new`) && !name.endsWith('affinity'))
      .map(([, value]) => Math.round(value * 1e9) / 1e9),
    [values.as_of, 3, 2, 3]
  )
  t.equal(after.get('affinity somebody new as_of'), values.as_of)
  t.ok(Math.abs(after.get('affinity somebody new a')! - 1.5) < 1e-9)
  t.equal(after.get('affinity somebody new affinity'), 1)
})
