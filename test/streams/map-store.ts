import type { RangeOptions, StoreWrite, TaskStore } from '../../state/store.js'
import { compareKeys } from '../../streams/stores/key-value-store.js'

/** The plainest store: for tests of what is above the port. */
export class MapStore implements TaskStore {
  readonly #spaces = new Map<string, Map<string, Uint8Array>>()
  readonly #positions = new Map<string, number>()

  copy(): MapStore {
    const copy = new MapStore()
    for (const [space, entries] of this.#spaces) copy.#spaces.set(space, new Map(entries))
    for (const [space, position] of this.#positions) copy.#positions.set(space, position)
    return copy
  }

  get(space: string, key: string): Uint8Array | undefined {
    return this.#spaces.get(space)?.get(key)
  }
  *range(space: string, { gte = '', lt, reverse, limit = Number.POSITIVE_INFINITY }: RangeOptions): Iterable<[string, Uint8Array]> {
    const entries = [...(this.#spaces.get(space) ?? [])]
      .filter(([key]) => compareKeys(key, gte) >= 0 && (lt === undefined || compareKeys(key, lt) < 0))
      .sort(([a], [b]) => compareKeys(a, b))
    if (reverse) entries.reverse()
    yield* entries.slice(0, limit)
  }
  position(space: string): number | undefined {
    return this.#positions.get(space)
  }
  async write(batch: readonly StoreWrite[]): Promise<void> {
    for (const { space, entries, position } of batch) {
      const map = this.#spaces.get(space) ?? new Map()
      this.#spaces.set(space, map)
      for (const [key, value] of entries) value === null ? map.delete(key) : map.set(key, Buffer.from(value))
      this.#positions.set(space, position)
    }
  }
  async clear(space: string): Promise<void> {
    this.#spaces.delete(space)
    this.#positions.delete(space)
  }
  snapshot(): MapStore {
    return this.copy()
  }
  size(): number {
    return 0
  }
  async close(): Promise<void> {}
}
