/** Merges the small files of an hour into large ones. The merged file replaces its parts by its name; they are deleted later. */
import { sourceTopics } from '../../schemas/catalogue.js'
import { type Objects, ObjectsError } from '../objects/objects.js'
import type { Encoder } from './encoder.js'
import { countingFiles, endOf, fileKey, groupOf, type LakeFile, parseKey, tableOf } from './names.js'
import { putOnce } from './put.js'

export interface CompactionOptions {
  readonly objects: Objects
  readonly encoder: Pick<Encoder, 'merge'>
  /** Files are merged up to this size. */
  readonly fileBytes: number
  readonly graceMs: number
  readonly settleMs: number
  readonly now: () => number
  /** Reports what was done, for people. */
  readonly onDone?: (sentence: string) => void
}

export interface CompactionResult {
  readonly merged: number
  readonly deleted: number
  /** Whether something is left for later: parts that readers may still have open, or an hour that is not over. */
  readonly isLeft: boolean
}

/** Files of any number of hours. Those of one hour have to be all there. @throws ObjectsError @throws DamagedFileError */
export async function compact(files: readonly LakeFile[], options: CompactionOptions): Promise<CompactionResult> {
  const { objects, now, graceMs, settleMs } = options
  const { counting, replaced } = countingFiles(files)
  const expired = replaced.filter(({ by }) => now() - by.modified >= graceMs)
  await objects.delete(expired.map(({ file }) => file.key))
  if (expired.length > 0) options.onDone?.(`Deleted ${expired.length} files that were merged into others.`)
  const [settled, open] = partition(counting, file => endOf(file.hour) + settleMs <= now())
  let merged = 0
  for (const parts of mergeable(settled, options.fileBytes)) {
    await merge(parts, options)
    merged += parts.length
  }
  const isOpen = groups(open).some(group => group.length > 1)
  return { merged, deleted: expired.length, isLeft: expired.length < replaced.length || merged > 0 || isOpen }
}

async function merge(parts: readonly LakeFile[], { objects, encoder, onDone }: CompactionOptions): Promise<void> {
  const bytes = await Promise.all(
    parts.map(async ({ key }) => {
      const body = await objects.get(key)
      if (body === undefined) throw new ObjectsError(`${key} has gone from ${objects.place} while it was to be merged.`)
      return { key, bytes: body }
    })
  )
  const { key, size, modified, revision, ...name } = parts[0]!
  const mergedKey = fileKey({ ...name, to: parts.at(-1)!.to })
  await putOnce(objects, { key: mergedKey, ...(await encoder.merge(bytes)) })
  onDone?.(`Merged ${parts.length} files into ${mergedKey}.`)
}

/** Neighbours that fit together into a file, from the first on, so that the same files are always merged alike. */
function mergeable(files: readonly LakeFile[], fileBytes: number): LakeFile[][] {
  const found: LakeFile[][] = []
  for (const group of groups(files)) {
    let parts: LakeFile[] = []
    let size = 0
    for (const file of group) {
      if (parts.length > 0 && size + file.size > fileBytes) {
        found.push(parts)
        parts = []
        size = 0
      }
      parts.push(file)
      size += file.size
    }
    found.push(parts)
  }
  return found.filter(parts => parts.length > 1)
}

function groups(files: readonly LakeFile[]): LakeFile[][] {
  const byGroup = new Map<string, LakeFile[]>()
  for (const file of files) byGroup.set(groupOf(file), [...(byGroup.get(groupOf(file)) ?? []), file])
  return [...byGroup.values()]
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter(item => !test(item))]
}

/** The directory of a key, with its slash. */
export const directoryOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1)

const topicOf = new Map(sourceTopics.map(topic => [tableOf(topic), topic as string]))

/** The input partition that a file's rows are of. */
export function ownerOf(key: string): { topic: string; partition: number } | undefined {
  const name = parseKey(key)
  if (name === undefined) return undefined
  const topic = name.topic ?? topicOf.get(name.table)
  return topic === undefined ? undefined : { topic, partition: name.partition }
}
