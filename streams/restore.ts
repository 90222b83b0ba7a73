import type { StoreWrite, TaskStore } from '../state/store.js'
import { type Log, OffsetOutOfRangeError, type TopicPartition } from './log/log.js'
import { changelogTopic, type Unit } from './topology.js'

const FETCH_BYTES = 4 * 1024 * 1024

export interface RestoreProgress {
  readonly store: string
  readonly remaining: number
}

/**
 * Brings each store of a task to the end of its changelog. Ends when the position has reached the read-committed end,
 * never by counting records: control records occupy offsets too. A position that the changelog does not have (before its
 * beginning, beyond its end) means that store and changelog are not of one history: the store is emptied and restored.

 * `onProgress` returns whether to go on.
 */
export async function restore(
  log: Log,
  applicationId: string,
  unit: Unit,
  partition: number,
  store: TaskStore,
  onProgress: (progress: RestoreProgress) => boolean
): Promise<void> {
  for (const space of unit.stores.keys())
    await restoreSpace(log, { topic: changelogTopic(applicationId, space), partition }, store, space, onProgress)
}

async function restoreSpace(
  log: Log,
  changelog: TopicPartition,
  store: TaskStore,
  space: string,
  onProgress: (progress: RestoreProgress) => boolean
): Promise<void> {
  const beginning = await log.beginningOffset(changelog)
  const end = await log.endOffset(changelog)
  let position = store.position(space)
  if (position === undefined || position > end || position < beginning) {
    if (position !== undefined) await store.clear(space)
    position = beginning
  }
  while (position < end) {
    try {
      position = await restoreOnce(log, changelog, store, space, position)
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error
      await store.clear(space)
      position = await log.beginningOffset(changelog)
    }
    if (!onProgress({ store: space, remaining: Math.max(0, end - position) })) return
  }
}

async function restoreOnce(log: Log, changelog: TopicPartition, store: TaskStore, space: string, from: number): Promise<number> {
  const { records, nextOffset } = await log.fetch(changelog, from, FETCH_BYTES)
  const entries = new Map<string, Uint8Array | null>()
  for (const record of records) entries.set(record.key!.toString(), record.value)
  const write: StoreWrite = { space, entries, position: nextOffset }
  await store.write([write])
  return nextOffset
}
