import type { OpenStore, TaskStore } from '../store.js'
import type { View, ViewBatch, ViewSpace, ViewValues } from './view.js'

export interface LocalViewOptions {
  /** Where the values are kept: an adapter of the Store port. */
  readonly openStore: OpenStore
  /** A value from its Avro bytes. */
  readonly decode: <S extends ViewSpace>(space: S, bytes: Uint8Array) => ViewValues[S]
  /** Encoded bytes of the values that are kept decoded in memory. Default 32 MiB. */
  readonly cacheBytes?: number
}

/** Beside the values: positions by `topic/partition`. The store's own position per keyspace is not used. */
const POSITIONS = 'positions'
const UNUSED = 0

/** Opens the view of a single process, kept in `directory`. */
export async function openLocalView(directory: string, options: LocalViewOptions): Promise<View> {
  return new LocalView(await options.openStore(directory), options)
}

interface Cached {
  readonly value: ViewValues[ViewSpace]
  readonly bytes: number
}

/** Values stay on disk as bytes; those asked for lately are kept decoded, least recently used out first. */
class LocalView implements View {
  readonly #cache = new Map<string, Cached>()
  readonly #listeners = new Set<(space: ViewSpace, keys: readonly string[]) => void>()
  #cached = 0

  constructor(
    private readonly store: TaskStore,
    private readonly options: LocalViewOptions
  ) {}

  async get<S extends ViewSpace>(space: S, key: string): Promise<ViewValues[S] | undefined> {
    return this.#read(space, key)
  }

  async getMany<S extends ViewSpace>(space: S, keys: readonly string[]): Promise<(ViewValues[S] | undefined)[]> {
    return keys.map(key => this.#read(space, key))
  }

  async scan<S extends ViewSpace>(
    space: S,
    { prefix = '', after, limit }: { prefix?: string; after?: string; limit: number }
  ): Promise<[string, ViewValues[S]][]> {
    const found: [string, ViewValues[S]][] = []
    const from = after !== undefined && after >= prefix ? after : prefix
    for (const [key, bytes] of this.store.range(space, { gte: from })) {
      if (!key.startsWith(prefix) || found.length === limit) break
      if (key !== after) found.push([key, this.options.decode(space, bytes)])
    }
    return found
  }

  async apply({ topic, partition, from, to, entries }: ViewBatch): Promise<boolean> {
    if (((await this.position(topic, partition)) ?? 0) !== from) return false
    const spaces = new Map<ViewSpace, Map<string, Buffer | null>>()
    for (const { space, key, value } of entries) {
      const values = spaces.get(space) ?? new Map<string, Buffer | null>()
      spaces.set(space, values.set(key, value))
    }
    const position: [string, Buffer][] = [[positionKey(topic, partition), Buffer.from(String(to))]]
    await this.store.write([
      ...[...spaces].map(([space, values]) => ({ space, entries: values, position: UNUSED })),
      { space: POSITIONS, entries: position, position: UNUSED }
    ])
    for (const [space, values] of spaces) this.#changed(space, [...values.keys()])
    return true
  }

  async position(topic: string, partition: number): Promise<number | undefined> {
    const bytes = this.store.get(POSITIONS, positionKey(topic, partition))
    return bytes === undefined ? undefined : Number(Buffer.from(bytes).toString())
  }

  onChange(callback: (space: ViewSpace, keys: readonly string[]) => void): () => void {
    this.#listeners.add(callback)
    return () => this.#listeners.delete(callback)
  }

  async clear(): Promise<void> {
    const spaces: Record<ViewSpace, true> = {
      'track-neighbours': true,
      'user-sessions': true,
      'artist-affinity': true,
      'track-details': true,
      'artist-details': true,
      charts: true,
      'play-statistics': true,
      'user-days': true,
      'pipeline-counts': true
    }
    for (const space of [POSITIONS, ...Object.keys(spaces)]) await this.store.clear(space)
    this.#cache.clear()
    this.#cached = 0
  }

  close(): Promise<void> {
    return this.store.close()
  }

  #read<S extends ViewSpace>(space: S, key: string): ViewValues[S] | undefined {
    const name = cacheKey(space, key)
    const cached = this.#cache.get(name)
    if (cached !== undefined) {
      this.#cache.delete(name)
      this.#cache.set(name, cached)
      return cached.value as ViewValues[S]
    }
    const bytes = this.store.get(space, key)
    if (bytes === undefined) return undefined
    const value = this.options.decode(space, bytes)
    this.#remember(name, { value, bytes: bytes.length })
    return value
  }

  #remember(name: string, cached: Cached): void {
    this.#cache.set(name, cached)
    this.#cached += cached.bytes
    for (const [oldest, { bytes }] of this.#cache) {
      if (this.#cached <= (this.options.cacheBytes ?? 32 * 1024 * 1024)) break
      this.#cache.delete(oldest)
      this.#cached -= bytes
    }
  }

  #changed(space: ViewSpace, keys: readonly string[]): void {
    for (const key of keys) {
      const name = cacheKey(space, key)
      this.#cached -= this.#cache.get(name)?.bytes ?? 0
      this.#cache.delete(name)
    }
    for (const listener of this.#listeners) listener(space, keys)
  }
}

const positionKey = (topic: string, partition: number) => `${topic}/${partition}`
const cacheKey = (space: ViewSpace, key: string) => `${space}/${key}`
