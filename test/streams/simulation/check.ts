import type { TaskStore } from '../../../state/store.js'
import type { LogRecord, TaskId } from '../../../streams/log/log.js'
import { BufferedKeyValueStore } from '../../../streams/stores/key-value-store.js'
import { BufferedMergeStore, MergeCache } from '../../../streams/stores/merge-store.js'
import { changelogTopic } from '../../../streams/topology.js'
import { MapStore } from '../map-store.js'
import { type Count, codec, FORGET, split, sum, type Word } from '../word-count.js'
import { settled } from './settled.js'
import { APPLICATION, type World } from './world.js'

/** Recomputes everything from the lines and compares. Returns what differs, in sentences. */
export async function check(world: World): Promise<string[]> {
  await world.tail.catchUp()
  const wrong: string[] = []
  const lines = all(world, 'lines').flat()
  checkLetters(lines, all(world, 'letters').flat(), wrong)
  checkWords(lines, all(world, 'words').flat(), wrong)
  for (const [partition, words] of all(world, 'words').entries()) checkCounts(words, all(world, 'counts')[partition]!, wrong)
  if (wrong.length === 0) await checkStores(world, lines, wrong)
  return [...wrong, ...world.failures.map(String)]
}

const all = (world: World, topic: string): (readonly LogRecord[])[] =>
  Array.from({ length: world.topology.topics.get(topic)!.partitions }, (_, partition) => world.tail.records(topic, partition))

const decoded = (record: LogRecord) => codec.decode(record.topic, record.value!)
const keyOf = (record: LogRecord) => record.key!.toString()

/** I6: each line that can't be processed is in the dead letters, once. */
function checkLetters(lines: readonly LogRecord[], letters: readonly LogRecord[], wrong: string[]): void {
  const expected = lines.filter(line => decoded(line) === 'poison').map(line => `lines-${line.partition}-${line.offset}`)
  compare('dead letters', expected.sort(), letters.map(keyOf).sort(), wrong)
}

/** I1: each word of each line, in order, once, with what the store said at that time. */
function checkWords(lines: readonly LogRecord[], words: readonly LogRecord[], wrong: string[]): void {
  const seen = new Map<string, number>()
  const expected = new Map<string, number[]>()
  for (const line of lines) {
    const [key, text] = [keyOf(line), decoded(line) as string]
    if (text === FORGET) seen.delete(key)
    if (text === FORGET || text === 'poison') continue
    const nth = (seen.get(key) ?? 0) + 1
    seen.set(key, nth)
    for (const word of text.split(' ')) add(expected, `${word} of ${key}`, nth)
  }
  const found = new Map<string, number[]>()
  for (const record of words) {
    const { word, key, nth } = decoded(record) as Word
    add(found, `${word} of ${key}`, nth)
  }
  for (const name of new Set([...expected.keys(), ...found.keys()])) compare(name, expected.get(name) ?? [], found.get(name) ?? [], wrong)
}

/**
 * I1, I3: a count that was emitted is that of the words up to where the task's input was committed: in order, there is such
 * a place for each of them, and it never goes back. The last one of a word is the count of all.
 */
function checkCounts(words: readonly LogRecord[], counts: readonly LogRecord[], wrong: string[]): void {
  const places = new Map<string, number[]>()
  for (const [place, record] of words.entries()) add(places, (decoded(record) as Word).word, place)
  const last = new Map<string, number>()
  let committed = 0
  for (const record of counts) {
    const [word, count] = [keyOf(record), decoded(record) as number]
    const own = places.get(word) ?? []
    committed = Math.max(committed, (own[count - 1] ?? Number.POSITIVE_INFINITY) + 1)
    if (committed > (own[count] ?? words.length)) {
      wrong.push(
        `${word} was counted ${count} at ${record.topic}-${record.partition}@${record.offset}, which follows from no part of the input`
      )
      return
    }
    last.set(word, count)
  }
  for (const [word, own] of places) if (last.get(word) !== own.length) wrong.push(`${word} is counted ${last.get(word)}, not ${own.length}`)
}

/** I2: store = fold(changelog) = fold(input). And a clean stop and start wipes and restores nothing. */
async function checkStores(world: World, lines: readonly LogRecord[], wrong: string[]): Promise<void> {
  for (const host of world.busyHosts) await world.close(host)
  const host = world.hosts[0]!
  await startAndClose(world)
  const wipes = host.disk.wipes
  const restored = await startAndClose(world)
  if (restored > 0 || host.disk.wipes !== wipes) wrong.push(`a clean stop and start restored ${restored} records`)
  for (const unit of world.topology.units.values())
    for (let partition = 0; partition < unit.partitions; partition++) {
      const task = { unit: unit.name, partition }
      const disk = host.disk.latest(task)
      const folded = await foldOf(world, task)
      for (const space of unit.stores.keys()) compare(`store ${space}-${partition}`, dump(folded, space), dump(disk, space), wrong)
      checkContents(world, task, disk, lines, wrong)
    }
}

/** On the first host. Returns how many changelog records were restored. */
async function startAndClose(world: World): Promise<number> {
  const host = world.hosts[0]!
  world.start(host)
  while (!(await settled(world))) await world.clock.sleep(50)
  const restored = host.running!.application.tasks.reduce((count, task) => count + task.restoring.restored, 0)
  await world.close(host)
  return restored
}

async function foldOf(world: World, { unit, partition }: TaskId): Promise<MapStore> {
  const store = new MapStore()
  for (const space of world.topology.units.get(unit)!.stores.keys()) {
    const changelog = { topic: changelogTopic(APPLICATION, space), partition }
    const end = await world.log!.endOffset(changelog)
    for (let next = 0; next < end; ) {
      const { records, nextOffset } = await world.log!.fetch(changelog, next, 1 << 20)
      await store.write([{ space, entries: records.map(record => [keyOf(record), record.value]), position: nextOffset }])
      next = nextOffset
    }
  }
  return store
}

const dump = (store: TaskStore, space: string) =>
  [...store.range(space, {})].map(([key, value]) => `${key}=${Buffer.from(value).toString('base64')}`)

function checkContents(world: World, { unit, partition }: TaskId, disk: TaskStore, lines: readonly LogRecord[], wrong: string[]): void {
  if (unit === 'lines') {
    const seen = new Map<string, number>()
    for (const line of lines.filter(own => own.partition === partition)) {
      if (decoded(line) === FORGET) seen.delete(keyOf(line))
      else if (decoded(line) !== 'poison') seen.set(keyOf(line), (seen.get(keyOf(line)) ?? 0) + 1)
    }
    const store = new BufferedKeyValueStore('seen', disk, split.stores.seen.serde)
    compare('seen', [...seen].map(String).sort(), [...store.range({})].map(String), wrong)
    return
  }
  const store = new BufferedMergeStore<Count, number>('counts', disk, sum, { operandBytes: 1e6, cache: new MergeCache(1e6) })
  const counts = new Map<string, number[]>()
  for (const record of world.tail.records('words', partition)) add(counts, (decoded(record) as Word).word, 1)
  for (const [word, ones] of counts) compare(`stored count of ${word}`, [ones.length], [store.get(word)?.count], wrong)
}

function add<V>(to: Map<string, V[]>, key: string, value: V): void {
  const list = to.get(key)
  if (list === undefined) to.set(key, [value])
  else list.push(value)
}

function compare(name: string, expected: readonly unknown[], found: readonly unknown[], wrong: string[]): void {
  const [wanted, got] = [JSON.stringify(expected), JSON.stringify(found)]
  if (wanted !== got) wrong.push(`${name}: expected ${wanted}, found ${got}`)
}
