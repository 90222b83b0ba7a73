/** Rewrites files without the rows of listeners who are to be forgotten. The table of erasures says who they are. */
import { type Objects, ObjectsError } from '../objects/objects.js'
import { FileReader } from './file-reader.js'
import { FileWriter, type OffsetRange } from './file-writer.js'
import { countingFiles, endOf, fileKey, type LakeFile, lakeFiles, tablePrefix, UNDECODABLE } from './names.js'
import { putOnce } from './put.js'

const ERASURES = 'erasures'

/** Until when each listener asked to be forgotten: rows of a record time up to it (milliseconds) are theirs to go. */
export type Erasures = ReadonlyMap<string, number>

export interface EraseOptions {
  readonly objects: Objects
  /** Files of hours that have been over for so long are rewritten. */
  readonly settleMs: number
  readonly now: () => number
}

export interface EraseResult {
  readonly files: number
  readonly rows: number
  /** Files of hours that are not over: what is theirs in there is left for later. */
  readonly open: number
}

/** All that the lake has of the topic. @throws ObjectsError @throws DamagedFileError */
export async function readErasures(objects: Objects): Promise<Erasures> {
  const erasures = new Map<string, number>()
  for (const { key } of countingFiles(await lakeFiles(objects, tablePrefix(ERASURES))).counting)
    for await (const { user_id, requested_at } of (await readerOf(objects, key)).objects())
      erasures.set(user_id as string, Math.max(erasures.get(user_id as string) ?? 0, Number(requested_at)))
  return erasures
}

/**
 * A file that has rows to erase gets a later revision without them, which replaces it by its name; where the rows were is kept
 * in it. May be repeated, and broken off, at any moment. @throws ObjectsError @throws DamagedFileError
 */
export async function eraseRows(files: readonly LakeFile[], erasures: Erasures, options: EraseOptions): Promise<EraseResult> {
  const { objects, settleMs, now } = options
  const isOver = ({ hour }: LakeFile) => endOf(hour) + settleMs <= now()
  const candidates = countingFiles(files).counting.filter(({ table }) => table !== ERASURES)
  let [rewritten, rows] = [0, 0]
  for (const file of candidates.filter(isOver)) {
    const erased = await eraseFrom(file, erasures, objects)
    if (erased === 0) continue
    rewritten++
    rows += erased
  }
  return { files: rewritten, rows, open: candidates.filter(file => !isOver(file)).length }
}

/** How many rows were erased. */
async function eraseFrom(file: LakeFile, erasures: Erasures, objects: Objects): Promise<number> {
  const reader = await readerOf(objects, file.key)
  const going = await rowsToErase(file, reader, erasures)
  if (going.size === 0) return 0
  const writer = new FileWriter(reader.columns)
  for await (const group of reader.groups()) {
    const columns = [...group.values()]
    const offsets = group.get('offset')!
    for (let i = 0; i < offsets.length; i++) if (!going.has(Number(offsets[i]))) writer.append(columns.map(column => column[i] ?? null))
  }
  const bytes = writer.finish(reader.covers, ranges([...reader.erased.flatMap(offsetsOf), ...going]))
  const { key, size, modified, revision = 0, ...name } = file
  await putOnce(objects, { key: fileKey({ ...name, revision: revision + 1 }), bytes, rows: writer.rows })
  return going.size
}

/** Offsets of the rows whose user, or key, is a listener's who asked for it later. */
async function rowsToErase({ table }: LakeFile, reader: FileReader, erasures: Erasures): Promise<Set<number>> {
  const names = table === UNDECODABLE ? ['offset', 'record_time', 'key'] : ['offset', 'record_time', 'record_key', 'user_id']
  const going = new Set<number>()
  for await (const group of reader.groups(names)) {
    const [offsets, times, keys, users] = names.map(name => group.get(name)!)
    for (let i = 0; i < offsets!.length; i++) {
      const until = Math.max(erasures.get(users?.[i] as string) ?? -1, erasures.get(textOf(keys![i])) ?? -1)
      if (Number(times![i]) <= until) going.add(Number(offsets![i]))
    }
  }
  return going
}

const textOf = (bytes: unknown): string => (bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : '')

async function readerOf(objects: Objects, key: string): Promise<FileReader> {
  const bytes = await objects.get(key)
  if (bytes === undefined) throw new ObjectsError(`${key} has gone from ${objects.place} while it was to be read. Try again.`)
  return new FileReader(key, bytes)
}

const offsetsOf = ([from, to]: OffsetRange) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** Offsets as ranges, in order. */
function ranges(offsets: readonly number[]): OffsetRange[] {
  const found: [number, number][] = []
  for (const offset of offsets.toSorted((a, b) => a - b)) {
    const last = found.at(-1)
    if (last !== undefined && offset === last[1] + 1) last[1] = offset
    else found.push([offset, offset])
  }
  return found
}
