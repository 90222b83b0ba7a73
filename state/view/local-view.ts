import { rm } from 'node:fs/promises'
import { compareKeys } from '../sorted-keys.js'
import { type OpenStore, StoreCorruptedError, type StoreWrite, type TaskStore } from '../store.js'
import { DecodedCache, decodedBytes } from './decoded-cache.js'
import { type OnChange, type View, type ViewBatch, type ViewSpace, type ViewValues, viewSpaces } from './view.js'

export interface LocalViewOptions {
  /** Where the values are kept: an adapter of the Store port. */
  readonly openStore: OpenStore
  /** A value from its Avro bytes. */
  readonly decode: <S extends ViewSpace>(space: S, bytes: Uint8Array) => ViewValues[S]
  /** About how much memory the values may take that are kept decoded. Default 32 MiB. */
  readonly cacheBytes?: number
  /** Takes sentences for the log. */
  readonly onNotice?: (sentence: string) => void
}

/** Beside the values: positions by `topic/partition`. The store's own position per keyspace is not used. */
const POSITIONS = 'positions'
const UNUSED = 0

/**
 * Opens the view of a single process, kept in `directory`: values stay there as bytes, those asked for lately are kept
 * decoded (and are shared: nobody may change them). A view that is damaged is emptied, now or when that is noticed; the
 * mirror fills it again.
 */
export async function openLocalView(directory: string, options: LocalViewOptions): Promise<View> {
  const view = new LocalView(await openOrWipe(directory, options), options)
  await view.finishClearing()
  return view
}

async function openOrWipe(directory: string, options: LocalViewOptions): Promise<TaskStore> {
  try {
    return await options.openStore(directory)
  } catch (error) {
    if (!(error instanceof StoreCorruptedError)) throw error
    options.onNotice?.(`The view is filled anew: ${error.message}`)
    await rm(directory, { recursive: true, force: true })
    return options.openStore(directory)
  }
}

class LocalView implements View {
  readonly #cache: DecodedCache
  readonly #positions = new Map<string, number>()
  readonly #listeners = new Set<OnChange>()
  /** Changes are made one after the other: the guard of a batch holds until it is written. */
  #last: Promise<unknown> = Promise.resolve()
  #damaged = false

  constructor(
    private readonly store: TaskStore,
    private readonly options: LocalViewOptions
  ) {
    this.#cache = new DecodedCache(options.cacheBytes ?? 32 * 1024 * 1024)
    for (const [name, bytes] of store.range(POSITIONS, {})) this.#positions.set(name, Buffer.from(bytes).readDoubleLE())
  }

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
    const from = after !== undefined && compareKeys(after, prefix) >= 0 ? `${after}\0` : prefix
    try {
      for (const [key, bytes] of this.store.range(space, { gte: from })) {
        if (!key.startsWith(prefix) || found.length >= limit) break
        found.push([key, (this.#cache.get(space, key) as ViewValues[S] | undefined) ?? this.options.decode(space, bytes)])
      }
    } catch (error) {
      throw this.#noticed(error)
    }
    return found
  }

  apply(batch: ViewBatch): Promise<boolean> {
    return this.#inOrder(() => this.#apply(batch))
  }

  async position(topic: ViewSpace, partition: number): Promise<number | undefined> {
    return this.#positions.get(positionKey(topic, partition))
  }

  onChange(callback: OnChange): () => void {
    this.#listeners.add(callback)
    return () => this.#listeners.delete(callback)
  }

  clear(topic?: ViewSpace): Promise<void> {
    return this.#inOrder(() => this.#clear(topic))
  }

  async close(): Promise<void> {
    await this.#last
    await this.store.close()
  }

  /** A space without a position is empty, or was being cleared when the process ended. */
  async finishClearing(): Promise<void> {
    const filled = new Set([...this.#positions.keys()].map(name => name.slice(0, name.lastIndexOf('/'))))
    for (const space of viewSpaces) if (!filled.has(space)) await this.store.clear(space)
  }

  async #apply({ topic, partition, from, to, entries }: ViewBatch): Promise<boolean> {
    const name = positionKey(topic, partition)
    if ((this.#positions.get(name) ?? 0) !== from) return false
    const values = new Map(entries.map(({ key, value }) => [key, value]))
    const encoded = Buffer.alloc(8)
    encoded.writeDoubleLE(to)
    const write: StoreWrite = { space: topic, entries: values, position: UNUSED }
    await this.store.write([write, { space: POSITIONS, entries: [[name, encoded]], position: UNUSED }])
    this.#positions.set(name, to)
    if (values.size > 0) this.#changed(topic, [...values.keys()])
    return true
  }

  /** Positions go first: what is left of a space without any is cleared when the view is opened again. */
  async #clear(topic: ViewSpace | undefined): Promise<void> {
    const names = [...this.#positions.keys()].filter(name => topic === undefined || name.startsWith(`${topic}/`))
    await this.store.write([{ space: POSITIONS, entries: names.map(name => [name, null]), position: UNUSED }])
    for (const name of names) this.#positions.delete(name)
    for (const space of viewSpaces) if (topic === undefined || space === topic) await this.store.clear(space)
    this.#cache.clear()
  }

  #read<S extends ViewSpace>(space: S, key: string): ViewValues[S] | undefined {
    const cached = this.#cache.get(space, key)
    if (cached !== undefined) return cached as ViewValues[S]
    try {
      const bytes = this.store.get(space, key)
      if (bytes === undefined) return undefined
      const value = this.options.decode(space, bytes)
      this.#cache.set(space, key, value, decodedBytes(bytes.length))
      return value
    } catch (error) {
      throw this.#noticed(error)
    }
  }

  /** The first sign of damage empties the view. */
  #noticed(error: unknown): unknown {
    if (!(error instanceof StoreCorruptedError) || this.#damaged) return error
    this.#damaged = true
    this.options.onNotice?.(`The view is filled anew: ${error.message}`)
    this.clear().then(
      () => {
        this.#damaged = false
      },
      reason =>
        this.options.onNotice?.(`The view could not be emptied: ${reason}. Stop the process, remove the view's directory, start again.`)
    )
    return error
  }

  #changed(space: ViewSpace, keys: readonly string[]): void {
    for (const key of keys) this.#cache.delete(space, key)
    for (const listener of this.#listeners) listener(space, keys)
  }

  #inOrder<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#last.then(action)
    this.#last = done.catch(() => undefined)
    return done
  }
}

const positionKey = (topic: string, partition: number) => `${topic}/${partition}`
