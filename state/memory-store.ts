import { Snapshots } from './snapshots.js'
import { compareKeys, SortedKeys } from './sorted-keys.js'
import type { RangeOptions, StoreSnapshot, StoreWrite, TaskStore } from './store.js'

interface Space {
  readonly values: Map<string, Uint8Array>
  readonly keys: SortedKeys
  position: number | undefined
}

/** The store in memory, for tests and for runs that keep nothing. It holds copies of what is written. */
export function openMemoryStore(): Promise<TaskStore> {
  return Promise.resolve(new MemoryStore())
}

class MemoryStore implements TaskStore {
  readonly #spaces = new Map<string, Space>()
  readonly #snapshots = new Snapshots()
  #bytes = 0

  get(space: string, key: string): Uint8Array | undefined {
    return this.#spaces.get(space)?.values.get(key)
  }

  *range(space: string, options: RangeOptions): Iterable<readonly [key: string, value: Uint8Array]> {
    const { gte = '', lt, reverse = false, limit = Number.POSITIVE_INFINITY } = options
    const found = this.#spaces.get(space)
    if (found === undefined) return
    let count = 0
    for (const key of reverse ? found.keys.below(lt) : found.keys.from(gte)) {
      if (count++ >= limit) return
      if (reverse ? compareKeys(key, gte) < 0 : lt !== undefined && compareKeys(key, lt) >= 0) return
      yield [key, found.values.get(key)!]
    }
  }

  position(space: string): number | undefined {
    return this.#spaces.get(space)?.position
  }

  async write(batch: readonly StoreWrite[]): Promise<void> {
    // Read completely before anything changes: reading may fail.
    const complete = batch.map(write => ({ ...write, entries: [...write.entries] }))
    for (const { space, entries, position } of complete) {
      const target = this.#space(space)
      for (const [key, value] of entries) this.#put(target, key, value)
      target.position = position
    }
  }

  async clear(space: string): Promise<void> {
    for (const [key, value] of this.#spaces.get(space)?.values ?? []) this.#bytes -= key.length + value.length
    this.#spaces.delete(space)
  }

  snapshot(): StoreSnapshot {
    const copy = new MemoryStore()
    for (const [name, { values }] of this.#spaces) for (const [key, value] of values) copy.#put(copy.#space(name), key, value)
    return this.#snapshots.open(copy)
  }

  size(): number {
    return this.#bytes
  }

  async close(): Promise<void> {
    await this.#snapshots.close()
    this.#spaces.clear()
  }

  #put(space: Space, key: string, value: Uint8Array | null): void {
    const old = space.values.get(key)
    if (old !== undefined) this.#bytes -= key.length + old.length
    if (value === null) {
      if (space.values.delete(key)) space.keys.remove(key)
      return
    }
    if (old === undefined) space.keys.add(key)
    space.values.set(key, Buffer.from(value))
    this.#bytes += key.length + value.length
  }

  #space(name: string): Space {
    let space = this.#spaces.get(name)
    if (space === undefined) {
      space = { values: new Map(), keys: new SortedKeys(), position: undefined }
      this.#spaces.set(name, space)
    }
    return space
  }
}
