import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { InputTopic } from '../../schemas/catalogue.js'
import { createCodec } from '../../schemas/codec.js'
import type { ArtistAffinity, PipelineCounts, TrackNeighbours } from '../../schemas/events.js'
import { fromJson } from '../../schemas/json.js'
import { openLocalRegistry } from '../../schemas/local-registry.js'
import { projectRoot } from '../../schemas/root.js'
import { openStore, type StoreKind } from '../../state/open.js'
import { MergeCache } from '../../streams/stores/merge-store.js'
import type { TopicCodec } from '../../streams/task.js'
import { TopologyTestDriver } from '../../streams/test-driver.js'
import { type Dump, writeDump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { segueTopology } from '../../tools/topology.js'

const fixture = (name: string) => readFileSync(join(projectRoot, 'test/fixtures/vectors', name), 'utf8')
const now = Date.UTC(2026, 0, 1)

async function run(name: string, store: StoreKind, commitEvery: number, directory: string): Promise<Dump> {
  const codec = await createCodec(openLocalRegistry(join(directory, 'registry')))
  const options = {
    applicationId: 'segue',
    topology: segueTopology(3),
    codec: codec as TopicCodec,
    mergeStores: { operandBytes: 20_000, cache: new MergeCache(100_000) }
  }
  const open = openStore(store)
  const driver = await TopologyTestDriver.create(options, task => open(join(directory, task)))
  const lines = fixture(`${name}.jsonl`).trim().split('\n')
  for (const [i, line] of lines.entries()) {
    const { topic, event } = JSON.parse(line) as { topic: InputTopic; event: { user_id: string } }
    driver.pipe(topic, event.user_id, fromJson(topic, event), now)
    if (i % commitEvery === commitEvery - 1) await driver.commit(i % 2 === 0)
  }
  await driver.commit()
  const last = <V>(topic: string) => new Map(driver.take<V>(topic).map(({ key, value }) => [key, value] as const)).values()
  const values = <V>(topic: string) => [...last<V>(topic)].filter(value => value !== null)
  const pieces = writeDump(
    values<PipelineCounts>('pipeline-counts'),
    values<ArtistAffinity>('artist-affinity'),
    values<TrackNeighbours>('track-neighbours')
  )
  return JSON.parse(await text(Readable.from(pieces))) as Dump
}

for (const name of ['hand', 'awkward'])
  for (const store of ['memory', 'lmdb', 'level'] as const)
    for (const commitEvery of store === 'memory' ? [1, 7, 10_000] : [100])
      t.test(`${name}, ${store}, a commit every ${commitEvery} records`, async t => {
        const directory = mkdtempSync(join(tmpdir(), 'segue-vectors-'))
        t.teardown(() => rmSync(directory, { recursive: true, force: true }))
        const expected = JSON.parse(fixture(`${name}.expected.json`)) as Dump
        t.same(differences(expected, await run(name, store, commitEvery, directory)), [])
      })
