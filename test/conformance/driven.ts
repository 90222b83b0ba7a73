import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type Codec, createCodec } from '../../schemas/codec.js'
import type { ArtistAffinity, PipelineCounts, TrackNeighbours } from '../../schemas/events.js'
import { fromJson } from '../../schemas/json.js'
import { openLocalRegistry } from '../../schemas/local-registry.js'
import { openStore, type StoreKind } from '../../state/open.js'
import { MergeCache } from '../../streams/stores/merge-store.js'
import type { TopicCodec } from '../../streams/task.js'
import { TopologyTestDriver } from '../../streams/test-driver.js'
import { type Dump, writeDump } from '../../tools/dump.js'
import { segueTopology } from '../../tools/topology.js'
import type { Line } from './whole.js'

/** One for all drivers of a file: registering syncs each schema to the device. */
let codec: Promise<Codec> | undefined

/** The test driver over the whole topology, with small limits so that all of the stores' paths are taken. */
export async function openDriver(directory: string, store: StoreKind = 'memory'): Promise<TopologyTestDriver> {
  codec ??= createCodec(openLocalRegistry(join(directory, 'registry')))
  const options = {
    applicationId: 'segue',
    topology: segueTopology(3),
    codec: (await codec) as TopicCodec,
    mergeStores: { operandBytes: 20_000, cache: new MergeCache(100_000) }
  }
  const open = openStore(store)
  return TopologyTestDriver.create(options, task => open(join(directory, task)))
}

/** Pipes lines in their order, `commitEvery` to a commit; `timestamp`: their record time. */
export async function pipeLines(driver: TopologyTestDriver, lines: Iterable<Line>, commitEvery: number, timestamp: number): Promise<void> {
  let count = 0
  for (const { topic, event } of lines) {
    driver.pipe(topic, event.user_id, fromJson(topic, event), timestamp)
    if (++count % commitEvery === 0) await driver.commit(count % 2 === 0)
  }
  await driver.commit()
}

/** The last value of each key that was written since a topic was last taken. */
export const lastOf = <V>(driver: TopologyTestDriver, topic: string): Map<string, V> => {
  const last = new Map<string, V>()
  for (const { key, value } of driver.take<V>(topic)) {
    if (value === null) last.delete(key)
    else last.set(key, value)
  }
  return last
}

export async function dumpOf(driver: TopologyTestDriver): Promise<Dump> {
  const pieces = writeDump(
    lastOf<PipelineCounts>(driver, 'pipeline-counts').values(),
    lastOf<ArtistAffinity>(driver, 'artist-affinity').values(),
    lastOf<TrackNeighbours>(driver, 'track-neighbours').values()
  )
  return JSON.parse(await text(Readable.from(pieces))) as Dump
}
