/** How files of the lake are called, and which of them count. docs/lake.md is the promise to readers. */
import type { ObjectInfo } from '../objects/objects.js'

export const BRONZE = 'bronze/'
export const UNDECODABLE = 'undecodable'
const HOUR_MS = 3_600_000
/** The greatest time that a Date can hold. */
const LAST_TIME = 8.64e15

/** Rows of one partition in one hour, from offset `from` to `to`, both inside. */
export interface FileName {
  readonly table: string
  /** The beginning of the hour, milliseconds since the epoch. */
  readonly hour: number
  /** Only in the table of undecodable records, which is of all topics. */
  readonly topic?: string
  readonly partition: number
  readonly from: number
  readonly to: number
  /** How often rows were erased from it; absent: never. `from` and `to` stay what they were. */
  readonly revision?: number
}

export const tableOf = (topic: string): string => topic.replaceAll('-', '_')

export const hourOf = (time: number): number => Math.floor(Math.min(Math.max(time, 0), LAST_TIME) / HOUR_MS) * HOUR_MS

/** When the hour is over, milliseconds since the epoch. */
export const endOf = (hour: number): number => hour + HOUR_MS

export const tablePrefix = (table: string): string => `${BRONZE}${table}/`

/** Ends in a slash. */
export function hourPrefix(table: string, hour: number): string {
  const date = new Date(hour)
  const two = (value: number) => String(value).padStart(2, '0')
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  return `${tablePrefix(table)}year=${year}/month=${two(date.getUTCMonth() + 1)}/day=${two(date.getUTCDate())}/hour=${two(date.getUTCHours())}/`
}

const digits = (offset: number) => String(offset).padStart(14, '0')

export function fileKey({ table, hour, topic, partition, from, to, revision }: FileName): string {
  const part = `${topic === undefined ? '' : `${topic}-`}${partition}`
  const tail = revision === undefined ? '' : `-${String(revision).padStart(4, '0')}`
  return `${hourPrefix(table, hour)}${part}-${digits(from)}-${digits(to)}${tail}.parquet`
}

const pattern =
  /^bronze\/([^/]+)\/year=(\d{4,})\/month=(\d\d)\/day=(\d\d)\/hour=(\d\d)\/(?:([^/]+)-)?(\d+)-(\d{14,})-(\d{14,})(?:-(\d{4}))?\.parquet$/

/** Undefined: it is no file of the lake. */
export function parseKey(key: string): FileName | undefined {
  const match = pattern.exec(key)
  if (match === null) return undefined
  const [, table, year, month, day, hour, topic, partition, from, to, revision] = match
  return {
    table: table!,
    hour: Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour)),
    ...(topic === undefined ? {} : { topic }),
    partition: Number(partition),
    from: Number(from),
    to: Number(to),
    ...(revision === undefined ? {} : { revision: Number(revision) })
  }
}

export interface LakeFile extends FileName, ObjectInfo {}

export interface Replaced {
  readonly file: LakeFile
  readonly by: LakeFile
}

/** The part of a name that files must share for one to replace another. */
export const groupOf = ({ table, hour, topic = '', partition }: FileName): string => `${table}|${hour}|${topic}|${partition}`

/**
 * A file counts unless another one of the same directory, topic and partition spans its offsets: is wider, or a later revision.
 * In order of groups and offsets.
 */
export function countingFiles(files: readonly LakeFile[]): { counting: LakeFile[]; replaced: Replaced[] } {
  const sorted = files.toSorted(
    (a, b) => order(groupOf(a), groupOf(b)) || a.from - b.from || b.to - a.to || (b.revision ?? 0) - (a.revision ?? 0)
  )
  const counting: LakeFile[] = []
  const replaced: Replaced[] = []
  let widest: LakeFile | undefined
  for (const file of sorted) {
    const isReplaced = widest !== undefined && groupOf(widest) === groupOf(file) && widest.to >= file.to
    if (isReplaced) replaced.push({ file, by: widest! })
    else {
      counting.push(file)
      widest = file
    }
  }
  return { counting, replaced }
}

const order = (a: string, b: string) => (a < b ? -1 : Number(a > b))

export async function lakeFiles(
  objects: { list(prefix: string): AsyncIterable<ObjectInfo> },
  prefix: string = BRONZE
): Promise<LakeFile[]> {
  const files: LakeFile[] = []
  for await (const info of objects.list(prefix)) {
    const name = parseKey(info.key)
    if (name !== undefined) files.push({ ...name, ...info })
  }
  return files
}
