/**
 * Listeners who are alike: of the ten most alike of all, how many the index finds, and what a request costs. 5,000 listeners
 * of one to three of 40 genres, each with 50 artists by Zipf's law; 20 to 80 plays of the last 200 days each.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { candidatesOf, similarOf } from '../api/answers/similar.js'
import { tasteOf } from '../api/answers/similarity.js'
import { affinity } from '../processors/affinity/affinity.js'
import { clean } from '../processors/clean/clean.js'
import { catalogue } from '../schemas/catalogue.js'
import { type Codec, createCodec } from '../schemas/codec.js'
import { openLocalRegistry } from '../schemas/local-registry.js'
import { openStore } from '../state/open.js'
import { openLocalView } from '../state/view/local-view.js'
import type { View } from '../state/view/view.js'
import { MergeCache } from '../streams/stores/merge-store.js'
import type { TopicCodec } from '../streams/task.js'
import { TopologyTestDriver } from '../streams/test-driver.js'
import { buildTopology } from '../streams/topology.js'
import { figure } from './figures.js'
import { generator } from './reference.js'

const LISTENERS = 5_000
const GENRES = 40
const ARTISTS = 50
const DAYS = 200
const NOW = Date.UTC(2026, 0, 1)
const SAMPLE = 60
const REQUESTS = 300
const PLACES = 10

const users = Array.from({ length: LISTENERS }, (_, i) => `user${i}`)

async function listen(driver: TopologyTestDriver): Promise<void> {
  const random = generator(42)
  const below = (limit: number) => Math.floor(random() * limit)
  for (const [i, user_id] of users.entries()) {
    const genres = Array.from({ length: 1 + below(3) }, () => below(GENRES))
    for (let plays = 20 + below(60); plays > 0; plays--) {
      const artist_id = `genre${genres[below(genres.length)]} artist${Math.floor(ARTISTS ** random())}`
      const names = { track_name: 'Track', artist_id, artist_name: artist_id, album_name: null }
      const rest = { duration_ms: null, ms_played: null, device_type: null, country: null, source: 'bench' }
      const occurred_at = NOW - below(DAYS * 86_400_000)
      driver.pipe('spotify-plays', user_id, { event_id: 'e', user_id, track_id: `track${plays}`, occurred_at, ...names, ...rest }, NOW)
    }
    if (i % 500 === 0) await driver.commit()
  }
  await driver.commit()
}

async function filled(directory: string, codec: Codec): Promise<View> {
  const topics = new Map(Object.values(catalogue).map(({ name }) => [name as string, { partitions: 1, internal: false }]))
  const options = {
    applicationId: 'bench',
    topology: buildTopology(topics, 'dead-letters', { listeners: [clean, affinity] }),
    codec: codec as TopicCodec,
    mergeStores: { operandBytes: 8 << 20, cache: new MergeCache(500 << 20) }
  }
  const driver = await TopologyTestDriver.create(options, task => openStore('memory')(join(directory, task)))
  await listen(driver)
  const decode: Codec['decodeBare'] = (space, bytes) => codec.decodeBare(space, bytes)
  const view = await openLocalView(join(directory, 'view'), { openStore: openStore('lmdb'), decode })
  for (const topic of ['artist-affinity', 'artist-listeners'] as const) {
    const values = new Map(driver.take<never>(topic).map(({ key, value }) => [key, value]))
    const entries = [...values].map(([key, value]) => ({ key, value: value === null ? null : codec.encodeBare(topic, value) }))
    await view.apply({ topic, partition: 0, from: 0, to: 1, entries })
  }
  return view
}

const directory = mkdtempSync(join(tmpdir(), 'segue-similar-'))
const view = await filled(directory, await createCodec(openLocalRegistry(join(directory, 'registry'))))
const similar = async (user: string, candidates?: readonly string[]) => {
  const taste = tasteOf(await view.get('artist-affinity', user))
  return (await similarOf(view, taste, candidates ?? (await candidatesOf(view, taste, user)))).slice(0, PLACES)
}
let found = 0
let similarity = 0
for (let i = 0; i < SAMPLE; i++) {
  const user = users[(i * 83) % LISTENERS]!
  const others = users.filter(other => other !== user)
  const best = await similar(user, others)
  const listed = await similar(user)
  const ids = new Set(best.map(({ user_id }) => user_id))
  found += listed.filter(({ user_id }) => ids.has(user_id)).length / best.length
  const sum = (list: typeof best) => list.reduce((total, one) => total + one.similarity, 0)
  similarity += sum(listed) / sum(best)
}
figure('similar listeners: of the ten most alike, found', (100 * found) / SAMPLE, '%')
figure('similar listeners: their similarity beside that of the ten', (100 * similarity) / SAMPLE, '%')
const before = process.cpuUsage()
for (let i = 0; i < REQUESTS; i++) await similar(users[(i * 17) % LISTENERS]!)
const { user, system } = process.cpuUsage(before)
figure('similar listeners: CPU', (user + system) / REQUESTS / 1000, 'ms a request')
await view.close()
rmSync(directory, { recursive: true, force: true })
