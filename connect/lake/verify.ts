/** Checks the lake against itself: every file is what was written, every offset is there once, and none is missing. */
import type { Objects } from '../objects/objects.js'
import { ownerOf } from './compaction.js'
import { DamagedFileError, FileReader } from './file-reader.js'
import type { Coverage } from './file-writer.js'
import { countingFiles, hourOf, type LakeFile, lakeFiles, tableOf, UNDECODABLE } from './names.js'
import { OffsetSet } from './offset-set.js'

export interface VerifiedPartition {
  readonly topic: string
  readonly partition: number
  readonly files: number
  readonly rows: number
  readonly undecodable: number
  /** Offsets of which the rows were erased. */
  readonly erased: number
  /** The first offset that the lake covers, and the one after the last. */
  readonly from: number
  readonly next: number
}

export interface Verification {
  readonly partitions: readonly VerifiedPartition[]
  /** Sentences; none: all is well. */
  readonly problems: readonly string[]
}

/** Of one topic's partition. */
class Seen {
  files = 0
  rows = 0
  undecodable = 0
  erased = 0
  doubled = 0
  readonly offsets = new OffsetSet()
  readonly covers = new Map<string, Coverage>()
}

/** Reads every file. @throws ObjectsError */
export async function verifyLake(objects: Objects, onFile: (done: number, all: number) => void = () => {}): Promise<Verification> {
  const problems: string[] = []
  const seen = new Map<string, Seen>()
  const { counting } = countingFiles(await lakeFiles(objects))
  for (const [i, file] of counting.entries()) {
    try {
      await readFile(objects, file, seen, problems)
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error
      problems.push(error.message)
    }
    onFile(i + 1, counting.length)
  }
  const names = [...seen.keys()].sort()
  return { partitions: names.map(name => judge(name, seen.get(name)!, problems)), problems }
}

async function readFile(objects: Objects, file: LakeFile, seen: Map<string, Seen>, problems: string[]): Promise<void> {
  const bytes = await objects.get(file.key)
  if (bytes === undefined) {
    problems.push(`${file.key} was listed and is gone. If it was replaced meanwhile, verify again.`)
    return
  }
  const reader = new FileReader(file.key, bytes)
  const strangers = new Set<string>()
  let [first, last] = [Number.POSITIVE_INFINITY, -1]
  const seenOf = (name: string) => {
    const here = seen.get(name) ?? new Seen()
    seen.set(name, here)
    return here
  }
  const count = (here: Seen, offset: number) => {
    first = Math.min(first, offset)
    last = Math.max(last, offset)
    if (!here.offsets.add(offset)) here.doubled++
  }
  for await (const group of reader.groups(['topic', 'partition', 'offset', 'record_time'])) {
    const [topics, partitions, offsets, times] = [...group.values()] as [string[], number[], bigint[], bigint[]]
    for (let i = 0; i < offsets.length; i++) {
      const name = `${topics[i]}-${partitions[i]}`
      const offset = Number(offsets[i])
      const here = seenOf(name)
      here.rows++
      if (file.table === UNDECODABLE) here.undecodable++
      count(here, offset)
      if (!belongs(file, topics[i]!, partitions[i]!, Number(times[i]))) strangers.add(`${name} at ${offset}`)
    }
  }
  const { topic, partition } = ownerOf(file.key) ?? { topic: file.table, partition: file.partition }
  const owner = seenOf(`${topic}-${partition}`)
  owner.files++
  for (const cover of reader.covers) owner.covers.set(cover.join(), cover)
  for (const [from, to] of reader.erased)
    for (let offset = from; offset <= to; offset++) {
      owner.erased++
      count(owner, offset)
    }
  if (first !== file.from || last !== file.to) problems.push(`${file.key} has the offsets ${first} to ${last}.`)
  if (strangers.size > 0) problems.push(`${file.key} has ${strangers.size} rows that belong elsewhere, such as ${[...strangers][0]}.`)
}

const belongs = (file: LakeFile, topic: string, partition: number, time: number) =>
  partition === file.partition &&
  hourOf(time) === file.hour &&
  (file.table === UNDECODABLE ? topic === file.topic : tableOf(topic) === file.table)

/** Compares what was found with what the files' plans say there is. */
function judge(name: string, { files, rows, undecodable, erased, doubled, offsets, covers }: Seen, problems: string[]): VerifiedPartition {
  const dash = name.lastIndexOf('-')
  const sorted = [...covers.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const from = sorted[0]?.[0] ?? 0
  let next = from
  if (doubled > 0) problems.push(`${name} has ${doubled} offsets twice.`)
  for (const [low, high, records] of sorted) {
    if (low > next) problems.push(`${name} lacks the offsets ${next} to ${low - 1}.`)
    if (low < next) problems.push(`${name} has two plans for the offsets ${low} to ${Math.min(next, high) - 1}.`)
    const found = offsets.count(low, high)
    if (found !== records) problems.push(`${name} has ${found} of the ${records} records at the offsets ${low} to ${high - 1}.`)
    next = Math.max(next, high)
  }
  return { topic: name.slice(0, dash), partition: Number(name.slice(dash + 1)), files, rows, undecodable, erased, from, next }
}
