/**
 * The view of many processes, in Redis. An application writes values of its own and answers from those of the live
 * application: its own, or the one that `segue:live` names. Changes are told to all processes.
 */
import { randomUUID } from 'node:crypto'
import { compareKeys } from '../sorted-keys.js'
import { DecodedCache, decodedBytes } from './decoded-cache.js'
import { RedisConnection, type RedisSettings } from './redis-connection.js'
import { type Change, changesChannel, LIVE_CHANNEL, LIVE_KEY, orderKey, positionField, valuesKey } from './redis-keys.js'
import { applyScript, positionScript, scanScript } from './redis-scripts.js'
import { type OnChange, type View, type ViewBatch, type ViewSpace, type ViewValues, viewSpaces } from './view.js'

export interface RedisViewOptions extends RedisSettings {
  /** Whose values are written. */
  readonly application: string
  readonly codec: ViewCodec
}

/** Values lie in Redis as in the topics, with the id of their schema: old ones are read after the schema changed. */
export interface ViewCodec {
  /** Goes before a bare value. */
  header(space: ViewSpace): Buffer
  /** @throws Error named SchemaPendingError: to be resolved first */
  decode<S extends ViewSpace>(space: S, bytes: Uint8Array): ViewValues[S]
  resolve(id: number): Promise<void>
}

const CACHE_BYTES = 32 * 1024 * 1024

/**
 * Its values are large, and read for many listeners: Redis is not asked again until a change is told, some milliseconds after it.
 * For all other spaces it is asked each time.
 */
const REMEMBERED: ViewSpace = 'track-neighbours'
/** Then it is asked all the same: a connection that died without a sign tells nothing. */
const REMEMBERED_MS = 30_000

/** A value, and what it was decoded from: equal bytes are not decoded again. */
interface Decoded {
  readonly bytes: Buffer
  readonly value: object
  /** Milliseconds; until then it stands for what Redis has, unless a change was told since. */
  until: number
}

/** Resolves when Redis answers, or after the time of a command all the same: a view that can't be reached says so when it is asked. */
export async function openRedisView(options: RedisViewOptions): Promise<View> {
  const view = new RedisView(options)
  await view.ready()
  return view
}

class RedisView implements View {
  readonly #redis: RedisConnection
  readonly #subscriber: RedisConnection
  /** In whose name changes are told: what one's own process did it knows. */
  #me = randomUUID()
  readonly #listeners = new Set<OnChange>()
  readonly #decoded = new DecodedCache(CACHE_BYTES)
  /** The application that is answered from; undefined: not known yet, or not any more. */
  #live: Promise<string> | undefined
  #listening: Promise<void> | undefined
  /** Whether all changes of the remembered space are told. */
  #isTold = false
  /** How often such a change was told: what was read meanwhile may be older. */
  #changes = 0

  constructor(private readonly options: RedisViewOptions) {
    this.#redis = new RedisConnection(options)
    this.#subscriber = new RedisConnection(
      { url: options.url },
      () => {
        this.#isTold = false
        this.#listening = this.#listen()
      },
      (channel, message) => this.#told(channel, message)
    )
  }

  async ready(): Promise<void> {
    await Promise.all([this.#redis.ready, this.#subscriber.ready])
    await this.#listening
  }

  async get<S extends ViewSpace>(space: S, key: string): Promise<ViewValues[S] | undefined> {
    return (await this.getMany(space, [key]))[0]
  }

  async getMany<S extends ViewSpace>(space: S, keys: readonly string[]): Promise<(ViewValues[S] | undefined)[]> {
    if (space !== REMEMBERED) return this.#read(space, keys)
    const remembered = keys.map(key => this.#remembered<S>(key))
    const missing = keys.filter((_, i) => remembered[i] === undefined)
    const changes = this.#changes
    const read = await this.#read(space, missing)
    if (this.#isTold && changes === this.#changes) this.#remember(missing)
    let next = 0
    return remembered.map(value => value ?? read[next++])
  }

  /** From Redis. */
  async #read<S extends ViewSpace>(space: S, keys: readonly string[]): Promise<(ViewValues[S] | undefined)[]> {
    if (keys.length === 0) return []
    const values = await this.#redis.command<(Buffer | null)[]>('HMGET', valuesKey(await this.#application(), space), ...keys)
    return this.#decodeAll(space, keys, values)
  }

  #remembered<S extends ViewSpace>(key: string): ViewValues[S] | undefined {
    const known = this.#decoded.get(REMEMBERED, key) as Decoded | undefined
    const stands = known !== undefined && this.#isTold && this.#subscriber.isConnected && Date.now() < known.until
    return stands ? (known.value as ViewValues[S]) : undefined
  }

  #remember(keys: readonly string[]): void {
    const until = Date.now() + REMEMBERED_MS
    for (const key of keys) {
      const known = this.#decoded.get(REMEMBERED, key) as Decoded | undefined
      if (known !== undefined) known.until = until
    }
  }

  async scan<S extends ViewSpace>(
    space: S,
    { prefix = '', after, limit }: { prefix?: string; after?: string; limit: number }
  ): Promise<[string, ViewValues[S]][]> {
    if (limit < 1) return []
    // Above all positions, which begin with \0.
    const least = prefix === '' ? '\x01' : prefix
    const from = after !== undefined && compareKeys(after, least) >= 0 ? `(${after}` : `[${least}`
    const end = Buffer.concat([Buffer.from(`[${prefix}`), Buffer.from([0xff])])
    const application = await this.#application()
    const [values, order] = [valuesKey(application, space), orderKey(application, space)]
    const found = await this.#redis.run<Buffer[]>(scanScript, values, order, from, end, limit)
    const keys = found.filter((_, i) => i % 2 === 0).map(String)
    const decoded = await this.#decodeAll(
      space,
      keys,
      found.filter((_, i) => i % 2 === 1)
    )
    return decoded.map((value, i): [string, ViewValues[S]] => [keys[i]!, value!])
  }

  async apply({ topic, partition, from, to, entries }: ViewBatch): Promise<boolean> {
    const { application, codec } = this.options
    const header = codec.header(topic)
    const values = new Map(entries.map(({ key, value }) => [key, value]))
    const removed: string[] = []
    const put: (string | Buffer)[] = []
    for (const [key, value] of values) {
      if (value === null) removed.push(key)
      else put.push(key, Buffer.concat([header, value]))
    }
    const keys = [...values.keys()]
    const change: Change = { by: this.#me, space: topic, keys }
    const message = keys.length === 0 ? '' : JSON.stringify(change)
    const [hash, order, field] = [valuesKey(application, topic), orderKey(application, topic), positionField(partition)]
    const start = [hash, order, field, from, to, changesChannel(application), message, removed.length]
    const applied = (await this.#run(...start, ...removed, ...put)) === 1
    if (applied && keys.length > 0 && (await this.#application()) === application) this.#changed(topic, keys)
    return applied
  }

  async #run(...args: (string | Buffer | number)[]): Promise<number> {
    try {
      return await this.#redis.run<number>(applyScript, ...args)
    } catch (error) {
      // It may be applied all the same, now or later: its message then comes as if from another process.
      this.#me = randomUUID()
      throw error
    }
  }

  async position(topic: ViewSpace, partition: number): Promise<number | undefined> {
    const { application } = this.options
    const keys = [valuesKey(application, topic), orderKey(application, topic)]
    const position = await this.#redis.run<Buffer | null>(positionScript, ...keys, positionField(partition))
    return position === null ? undefined : Number(position)
  }

  onChange(callback: OnChange): () => void {
    this.#listeners.add(callback)
    return () => this.#listeners.delete(callback)
  }

  async clear(topic?: ViewSpace): Promise<void> {
    const { application } = this.options
    const spaces = topic === undefined ? viewSpaces : [topic]
    await this.#redis.command('UNLINK', ...spaces.flatMap(space => [valuesKey(application, space), orderKey(application, space)]))
    this.#forget(undefined)
  }

  async close(): Promise<void> {
    this.#subscriber.close()
    this.#redis.close()
  }

  #application(): Promise<string> {
    this.#live ??= this.#redis
      .command<Buffer | null>('GET', LIVE_KEY)
      .then(live => live?.toString() ?? this.options.application)
      .catch(error => {
        this.#live = undefined
        throw error
      })
    return this.#live
  }

  async #decodeAll<S extends ViewSpace>(
    space: S,
    keys: readonly string[],
    values: readonly (Buffer | null)[]
  ): Promise<(ViewValues[S] | undefined)[]> {
    for (;;) {
      try {
        return values.map((bytes, i) => (bytes === null ? undefined : this.#decode(space, keys[i]!, bytes)))
      } catch (error) {
        if ((error as Error).name !== 'SchemaPendingError') throw error
        await this.options.codec.resolve((error as Error & { id: number }).id)
      }
    }
  }

  #decode<S extends ViewSpace>(space: S, key: string, bytes: Buffer): ViewValues[S] {
    const known = this.#decoded.get(space, key) as Decoded | undefined
    if (known?.bytes.equals(bytes)) return known.value as ViewValues[S]
    const value = this.options.codec.decode(space, bytes)
    // A reply is a part of all that was received at once, which it would keep.
    this.#decoded.set(space, key, { bytes: Buffer.from(bytes), value, until: 0 }, bytes.length + decodedBytes(bytes.length))
    return value
  }

  /** What was told while nobody listened is not known: anything may have changed. */
  async #listen(): Promise<void> {
    try {
      await this.#subscriber.listen(LIVE_CHANNEL, changesChannel('*'))
      this.#reset()
      this.#isTold = true
    } catch {
      // It was disconnected again; the next connection listens.
    }
  }

  #told(channel: string, message: string): void {
    if (channel === LIVE_CHANNEL) this.#reset()
    else void this.#toldOfChange(channel, JSON.parse(message) as Change)
  }

  async #toldOfChange(channel: string, { by, space, keys }: Change): Promise<void> {
    if (by === this.#me) return
    const live = await this.#application().catch(() => undefined)
    if (live !== undefined && channel === changesChannel(live)) this.#changed(space, keys)
  }

  #reset(): void {
    this.#live = undefined
    for (const space of viewSpaces) this.#changed(space, undefined)
  }

  #changed(space: ViewSpace, keys: readonly string[] | undefined): void {
    if (space === REMEMBERED) this.#forget(keys)
    for (const listener of this.#listeners) listener(space, keys)
  }

  /** Redis is asked for these again, or for all. */
  #forget(keys: readonly string[] | undefined): void {
    this.#changes++
    if (keys === undefined) this.#decoded.clear()
    else for (const key of keys) this.#decoded.delete(REMEMBERED, key)
  }
}
