import type { StoreWrite, TaskStore } from '../state/store.js'
import type { Clock } from './clock.js'
import { type Log, OffsetOutOfRangeError, type TopicPartition } from './log/log.js'
import { changelogTopic, type Unit } from './topology.js'

const FETCH_BYTES = 4 * 1024 * 1024
/** Compaction keeps a tombstone for a day at least; an hour less, as the clocks of two machines may differ. */
const STALE_MS = 23 * 3_600_000
/** The engine's own keyspace in a task's store; it has no changelog. No store of a topology is named like this. */
const FRESH_SPACE = '~fresh'

export interface RestoreOptions {
  readonly log: Log
  readonly applicationId: string
  readonly clock: Clock
}

export interface RestoreControl {
  onProgress(remaining: number, restored: number): void
  /** Ends it between two fetches; what was restored stays. */
  readonly signal: AbortSignal
}

/** To be written with each commit. `at`: a time before the commit, when all positions were the changelogs' ends. */
export const freshAt = (at: number): StoreWrite => ({ space: FRESH_SPACE, entries: [['at', Buffer.from(String(at))]], position: 0 })

/**
 * Brings each store of a task to the end of its changelog. Ends when the position has reached the read-committed end,
 * never by counting records: control records occupy offsets too. A position that the changelog does not have (before its
 * beginning, beyond its end) means that store and changelog are not of one history: the store is emptied and restored. So
 * is one that is behind by so long that compaction may have removed the tombstones of keys it still has.
 */
export async function restore(
  options: RestoreOptions,
  unit: Unit,
  partition: number,
  store: TaskStore,
  control: RestoreControl
): Promise<void> {
  const { log, applicationId, clock } = options
  const changelogs = [...unit.stores.keys()].map(space => ({ space, topic: changelogTopic(applicationId, space), partition }))
  await forgetOthers(log, changelogs, store)
  for (let done = false; !done; ) {
    if (isStale(store, clock)) await refresh(log, changelogs, store, clock.now())
    done = true
    for (const changelog of changelogs) {
      await restoreSpace(log, changelog, store, control, () => isStale(store, clock))
      done &&= control.signal.aborted || !isStale(store, clock)
    }
  }
}

function isStale(store: TaskStore, clock: Clock): boolean {
  const fresh = store.get(FRESH_SPACE, 'at')
  const age = fresh === undefined ? Number.POSITIVE_INFINITY : clock.now() - Number(Buffer.from(fresh).toString())
  return age < 0 || age > STALE_MS
}

type Changelog = TopicPartition & { readonly space: string }

/** A changelog that was deleted and made anew, as a replay does, has nothing to do with what was restored from the one before. */
async function forgetOthers(log: Log, changelogs: readonly Changelog[], store: TaskStore): Promise<void> {
  const ids = await log.topicIds(changelogs.map(({ topic }) => topic))
  for (const { space, topic } of changelogs) {
    const id = ids.get(topic)
    const known = store.get(FRESH_SPACE, `id of ${space}`)
    if (id === undefined || (known !== undefined && Buffer.from(known).toString() === id)) continue
    if (known !== undefined) await store.clear(space)
    await store.write([{ space: FRESH_SPACE, entries: [[`id of ${space}`, Buffer.from(id)]], position: 0 }])
  }
}

/** Empties what is behind; what is left, and what is restored from the beginning, is as fresh as now. */
async function refresh(log: Log, changelogs: readonly Changelog[], store: TaskStore, now: number): Promise<void> {
  for (const changelog of changelogs) {
    const position = store.position(changelog.space)
    if (position !== undefined && position < (await log.endOffset(changelog))) await store.clear(changelog.space)
  }
  await store.write([freshAt(now)])
}

async function restoreSpace(
  log: Log,
  changelog: Changelog,
  store: TaskStore,
  control: RestoreControl,
  isStale: () => boolean
): Promise<void> {
  const { space } = changelog
  const beginning = await log.beginningOffset(changelog)
  const end = await log.endOffset(changelog)
  let position = store.position(space)
  if (position === undefined || position > end || position < beginning) {
    if (position !== undefined) await store.clear(space)
    position = beginning
  }
  control.onProgress(Math.max(0, end - position), 0)
  while (position < end && !control.signal.aborted) {
    try {
      const { records, nextOffset } = await log.fetch(changelog, position, FETCH_BYTES)
      if (isStale()) return
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
