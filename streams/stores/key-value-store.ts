import type { TaskStore } from '../../state/store.js'
import type { KeyValueStore, Serde } from '../processor.js'
import type { ManagedStore, StoreEntry } from './managed-store.js'

const DELETED = Symbol('deleted')

/**
 * A key-value store behind a write buffer: writes wait in memory until the log has committed their changelog records;
 * reads see them at once.
 */
export class BufferedKeyValueStore<V> implements KeyValueStore<V>, ManagedStore {
  readonly #buffer = new Map<string, V | typeof DELETED>()
  /** The buffer's keys in order, kept from the first range read on. */
  #sorted: string[] | undefined

  constructor(
    readonly name: string,
    private readonly store: TaskStore,
    private readonly serde: Serde<V>
  ) {}

  get(key: string): V | undefined {
    const buffered = this.#buffer.get(key)
    if (buffered === DELETED) return undefined
    if (buffered !== undefined) return buffered
    const bytes = this.store.get(this.name, key)
    return bytes === undefined ? undefined : this.serde.decode(bytes)
  }

  put(key: string, value: V): void {
    this.#write(key, value)
  }

  delete(key: string): void {
    this.#write(key, DELETED)
  }

  #write(key: string, value: V | typeof DELETED): void {
    if (this.#sorted !== undefined && !this.#buffer.has(key)) this.#sorted.splice(lowerBound(this.#sorted, key), 0, key)
    this.#buffer.set(key, value)
  }

  *range(options: { gte?: string; lt?: string; reverse?: boolean; limit?: number }): Iterable<[string, V]> {
    const { gte = '', lt, reverse = false, limit = Number.POSITIVE_INFINITY } = options
    const bounds = { gte, reverse, ...(lt === undefined ? {} : { lt }) }
    this.#sorted ??= [...this.#buffer.keys()].sort(compareKeys)
    const buffered = this.#sorted.slice(lowerBound(this.#sorted, gte), lt === undefined ? undefined : lowerBound(this.#sorted, lt))
    if (reverse) buffered.reverse()
    const stored = this.store.range(this.name, bounds)[Symbol.iterator]()
    let next = stored.next()
    let at = 0
    let count = 0
    try {
      while (count < limit && (at < buffered.length || !next.done)) {
        const key = buffered[at]
        const order = key === undefined ? 1 : next.done ? -1 : compareKeys(key, next.value[0]) * (reverse ? -1 : 1)
        if (order <= 0) {
          at++
          if (order === 0) next = stored.next()
          const value = this.#buffer.get(key!)!
          if (value === DELETED) continue
          count++
          yield [key!, value]
        } else {
          const [storedKey, bytes] = next.value!
          count++
          yield [storedKey, this.serde.decode(bytes)]
          next = stored.next()
        }
      }
    } finally {
      stored.return?.()
    }
  }

  prepare(): StoreEntry[] {
    const entries: StoreEntry[] = []
    for (const [key, value] of this.#buffer) entries.push([key, value === DELETED ? null : this.serde.encode(value)])
    return entries
  }

  committed(): void {
    this.#buffer.clear()
    if (this.#sorted !== undefined) this.#sorted.length = 0
  }
}

function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys(sorted[middle]!, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** The order of UTF-8 bytes, which differs from that of UTF-16 only where surrogates meet U+E000 to U+FFFF. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    const surrogates = (x & 0xf800) === 0xd800 ? 1 : 0
    const others = (y & 0xf800) === 0xd800 ? 1 : 0
    return surrogates === others ? x - y : surrogates - others
  }
  return a.length - b.length
}
