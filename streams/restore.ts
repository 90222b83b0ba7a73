import type { TaskStore } from '../state/store.js'
import { type Log, OffsetOutOfRangeError, type TopicPartition } from './log/log.js'
import { changelogTopic, type Unit } from './topology.js'

const FETCH_BYTES = 4 * 1024 * 1024

export interface RestoreOptions {
  readonly log: Log
  readonly applicationId: string
}

export interface RestoreControl {
  onProgress(remaining: number, restored: number): void
  /** Ends it between two fetches; what was restored stays. */
  readonly signal: AbortSignal
}

/**
 * Brings each store of a task to the end of its changelog. Ends when the position has reached the read-committed end,
 * never by counting records: control records occupy offsets too. A position that the changelog does not have (before its
 * beginning, beyond its end) means that store and changelog are not of one history: the store is emptied and restored.
 */
export async function restore(
  options: RestoreOptions,
  unit: Unit,
  partition: number,
  store: TaskStore,
  control: RestoreControl
): Promise<void> {
  for (const space of unit.stores.keys()) {
    const changelog = { topic: changelogTopic(options.applicationId, space), partition }
    await restoreSpace(options.log, changelog, store, space, control)
  }
}

async function restoreSpace(log: Log, changelog: TopicPartition, store: TaskStore, space: string, control: RestoreControl): Promise<void> {
  const beginning = await log.beginningOffset(changelog)
  const end = await log.endOffset(changelog)
  let position = store.position(space)
  if (position === undefined || position > end || position < beginning) {
    if (position !== undefined) await store.clear(space)
    position = beginning
  }
  while (position < end && !control.signal.aborted) {
    try {
      const { records, nextOffset } = await log.fetch(changelog, position, FETCH_BYTES)
      const entries = new Map(records.map(record => [record.key!.toString(), record.value]))
      await store.write([{ space, entries, position: nextOffset }])
      position = nextOffset
      control.onProgress(Math.max(0, end - position), records.length)
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error
      await store.clear(space)
      position = await log.beginningOffset(changelog)
    }
  }
}
