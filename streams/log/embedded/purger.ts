import type { State } from './state.js'

/** Removals in one write. */
const SLICE = 1000
/** Give space back after this many bytes: a bound on how long closing the log may have to wait. */
const COMPACT_BYTES = 32 << 20

/**
 * Removes the entries that nothing refers to any more, oldest first. It waits until there are many: a removal touches an old
 * key, and makes LevelDB rewrite what lies near it.
 */
export async function purge({ index, journal }: State, stop: () => boolean): Promise<void> {
  let from = -1
  let bytes = 0
  while (!stop()) {
    const entries = await index.garbage(SLICE)
    const last = entries.at(-1)
    if (last) {
      await journal.remove(entries.map(({ sequence }) => sequence))
      await index.purged(entries)
      if (from < 0) from = entries[0]!.sequence
      bytes += entries.reduce((sum, entry) => sum + entry.bytes, 0)
    }
    if (bytes > 0 && (!last || bytes > COMPACT_BYTES)) {
      await journal.compact(from, last?.sequence ?? journal.next)
      from = -1
      bytes = 0
    }
    if (!last) return
  }
}
