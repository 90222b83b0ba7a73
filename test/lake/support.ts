import { isDeepStrictEqual } from 'node:util'
import type { Test } from 'tap'
import { FileReader } from '../../connect/lake/file-reader.js'
import { countingFiles, type LakeFile, lakeFiles, parseKey } from '../../connect/lake/names.js'
import type { LakeOptions } from '../../connect/lake/options.js'
import { type LakeSink, startLake } from '../../connect/lake/sink.js'
import type { Objects } from '../../connect/objects/objects.js'
import { inputTopics, sourceTopics, topicSpecs } from '../../schemas/catalogue.js'
import { type Codec, createCodec, UndecodableError } from '../../schemas/codec.js'
import type { Registry } from '../../schemas/registry.js'
import { createEmbeddedLog } from '../../streams/log/embedded/log.js'
import type { Log, LogRecord, NewRecord } from '../../streams/log/log.js'
import { readAll } from '../contract/log-helpers.js'
import { memory } from '../log/harness.js'
import { MemoryRegistry } from '../schemas/memory-registry.js'
import { play, playbackEvent } from '../schemas/samples.js'

export const PARTITIONS = 2
export const HOUR = 3_600_000
export const START = Date.UTC(2026, 0, 31, 17)

export interface World {
  readonly log: Log
  readonly codec: Codec
  readonly registry: Registry
}

export async function world(t: Test, registry = new MemoryRegistry()): Promise<World & { registry: MemoryRegistry }> {
  const log = await createEmbeddedLog(memory(), { housekeepingMs: 0 })
  t.teardown(() => log.close())
  await log.ensureTopics(topicSpecs(PARTITIONS))
  return { log, codec: await createCodec(registry), registry }
}

export const lakeOptions = (world: World, objects: Objects, more: Partial<LakeOptions> = {}): LakeOptions => ({
  group: 'segue-lake',
  ...world,
  objects,
  rotation: { rows: 1_000, bytes: 1_000_000, ageMs: 1_000_000 },
  onNotice: () => {},
  retryMs: [1, 5],
  ...more
})

/** A lake with all partitions, for as long as it is used. */
export async function withLake(options: LakeOptions, use: (sink: LakeSink) => Promise<void>): Promise<void> {
  const sink = await startLake(options)
  try {
    while ((await assigned(sink)) < sourceTopics.length * PARTITIONS) await new Promise(resolve => setImmediate(resolve))
    await use(sink)
  } finally {
    await sink.close()
  }
}

/** Runs a lake until all that is in the log is written. */
export const flushed = (options: LakeOptions) => withLake(options, sink => sink.flush())

const assigned = async (sink: LakeSink) => (await sink.lag()).length

/** `count` records from number `first` on, of all topics; every now and then one that can't be decoded, or is odd in another way. */
export function records(codec: Codec, first: number, count: number, time: (n: number) => number = n => START + n * 1000): NewRecord[] {
  return Array.from({ length: count }, (_, i) => record(codec, first + i, time(first + i)))
}

function record(codec: Codec, n: number, timestamp: number): NewRecord {
  const user_id = n % 50 === 0 ? '' : `user ${n % 7}`
  const fields = { ...play, event_id: `e${n}`, user_id, artist_id: n % 3 ? `a${n % 5}` : null, occurred_at: timestamp - 5, country: 'ÅX' }
  const value = [
    () => codec.encode('spotify-plays', { ...fields, ms_played: n % 2 ? n * 1000 : null }),
    () => codec.encode('spotify-skips', { ...fields, duration_ms: 2 ** 40 + n }),
    () => codec.encode('spotify-likes', { ...fields, liked: n % 4 === 0 }),
    () => codec.encode('spotify-events', { ...playbackEvent, ...fields, event_type: n % 2 ? 'pause' : 'seek' })
  ][n % 4]!()
  const topic = inputTopics[n % 4]!
  const key = n % 11 === 0 ? null : Buffer.from(n % 13 === 0 ? 'another' : user_id)
  const odd: Record<number, Buffer | null> = {
    3: null,
    8: Buffer.from('no Avro'),
    17: Buffer.from([0, 0, 1, 1, 1, 7]),
    25: value.subarray(0, 9)
  }
  const body = n % 40 in odd ? odd[n % 40]! : value
  return { topic, partition: Math.floor(n / 4) % PARTITIONS, timestamp, key, value: body }
}

/** A row as it has to be, from the record itself. */
export function expectedRow(codec: Codec, record: LogRecord): Record<string, unknown> {
  const { topic, partition, offset, timestamp, key, value } = record
  const at = { topic, partition, offset: BigInt(offset), record_time: BigInt(timestamp) }
  try {
    if (value === null) throw new UndecodableError('It has no value.')
    const decoded = codec.decode(topic as 'spotify-plays', value)
    const cell = (field: unknown) => (typeof field === 'number' ? BigInt(field) : Array.isArray(field) ? JSON.stringify(field) : field)
    const fields = Object.entries(decoded).map(([name, field]) => [name, cell(field)])
    const record_key = key === null ? '' : key.equals(Buffer.from(decoded.user_id)) ? null : key.toString('latin1')
    return { table: topic.replace('-', '_'), ...Object.fromEntries(fields), ...at, schema_id: value.readUInt32BE(1), record_key }
  } catch (error) {
    const bytes = { key: key?.toString('latin1') ?? null, value: value?.toString('latin1') ?? null }
    return { table: 'undecodable', ...at, schema_id: null, ...bytes, reason: reasonOf(error as Error, value) }
  }
}

const reasonOf = (error: Error, value: Buffer | null) =>
  error.name === 'SchemaPendingError' ? `It names schema ${value!.readUInt32BE(1)}, which the registry does not have.` : error.message

/** Every row of the lake, by `topic-partition`, in the order of offsets. Fails where a file is not called after its rows. */
export async function lakeRows(t: Test, objects: Objects): Promise<Map<string, Record<string, unknown>[]>> {
  const rows = new Map<string, Record<string, unknown>[]>()
  for (const { key } of countingFiles(await lakeFiles(objects)).counting) {
    const name = parseKey(key)!
    const own: Record<string, unknown>[] = []
    for await (const row of new FileReader(key, (await objects.get(key))!).objects()) own.push(row)
    const [first, last] = [own[0]!, own.at(-1)!]
    t.strictSame([first.offset, last.offset, first.partition], [BigInt(name.from), BigInt(name.to), name.partition], key)
    if (own.some(row => Math.floor(Number(row.record_time) / HOUR) * HOUR !== name.hour)) t.fail(`${key} has a row of another hour`)
    const group = `${first.topic}-${name.partition}`
    const texts = own.map(row =>
      Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v instanceof Uint8Array ? Buffer.from(v).toString('latin1') : v]))
    )
    rows.set(group, [...(rows.get(group) ?? []), ...texts.map(row => ({ table: name.table, ...row }))])
  }
  for (const all of rows.values()) all.sort((a, b) => Number(a.offset) - Number(b.offset))
  return rows
}

/** The lake has every record of the log once, as it has to be, and nothing else. */
export async function sameAsLog(t: Test, { log, codec }: World, objects: Objects): Promise<number> {
  const rows = await lakeRows(t, objects)
  let count = 0
  for (const topic of sourceTopics)
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const expected = (await readAll(log, { topic, partition })).map(record => expectedRow(codec, record))
      const found = rows.get(`${topic}-${partition}`) ?? []
      // strictSame is slow; it shows the difference where there is one.
      const differing = expected.findIndex((row, i) => !isDeepStrictEqual({ ...found[i] }, row))
      if (differing >= 0) t.strictSame(found[differing], expected[differing], `${topic}-${partition} at ${differing}`)
      t.equal(found.length, expected.length, `rows of ${topic}-${partition}`)
      count += expected.length
    }
  return count
}

export const filesOf = (objects: Objects): Promise<LakeFile[]> => lakeFiles(objects)
