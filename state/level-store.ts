import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import { Sealer, unseal } from './checksum.js'
import { checkLevelLogs, checkLevelTables } from './level-check.js'
import { endReading, readRange } from './level-reader.js'
import { readMarker, writeMarker } from './marker.js'
import { Snapshots } from './snapshots.js'
import { type RangeOptions, StoreCorruptedError, StoreFullError, type StoreSnapshot, type StoreWrite, type TaskStore } from './store.js'

const ADAPTER = 'level'
const FORMAT = 1
/** Ends the name of a keyspace within a key. */
const END = '\0'
const AFTER_END = '\x01'
const META = `@meta${END}`
const CLEARING = `@clearing${END}`
const encodings = { keyEncoding: 'utf8', valueEncoding: 'buffer' } as const
type Database = Level<string, Buffer>
type Frozen = ReturnType<Database['snapshot']>

/**
 * The store on LevelDB: one database in `directory`, keyspaces as prefixes of keys. `level` iterates asynchronously only,
 * so `range` has its pages read by a worker thread that shares the database, and waits for it (some 100 microseconds a
 * page): bounded memory and an immediate start, where an index of all keys in memory would have neither.
 *
 * Writes are not synced: a kill -9 loses nothing; a crash of the machine loses the last writes together with
 * their positions. The files are checked when they are opened (2 ms per MB), every value again when it is read.
 * @throws StoreCorruptedError
 */
export async function openLevelStore(directory: string): Promise<TaskStore> {
  const isNew = readMarker(directory, ADAPTER, FORMAT) === undefined
  if (!isNew) checkLevelLogs(directory)
  const database: Database = new Level(directory, { ...encodings, compression: false, multithreading: true, createIfMissing: isNew })
  try {
    await database.open()
    checkLevelTables(directory, tablesOf(database))
    for (const [space] of await metadata(directory, database, CLEARING)) await empty(database, space)
    const positions = new Map<string, number>()
    for (const [space, value] of await metadata(directory, database, META)) positions.set(space, value.readDoubleLE(0))
    if (isNew) await writeMarker(directory, { adapter: ADAPTER, format: FORMAT, state: 'open' }, false)
    return new LevelStore(directory, database, positions)
  } catch (error) {
    await database.close()
    throw named(error, directory)
  }
}

/** The numbers of the tables in use. `level` is `classic-level` on Node.js, whose property its types leave out. */
function tablesOf(database: Database): number[] {
  const tables = (database as unknown as { getProperty(name: string): string }).getProperty('leveldb.sstables')
  return [...tables.matchAll(/^ (\d+):/gm)].map(match => Number(match[1]))
}

async function metadata(directory: string, database: Database, prefix: string): Promise<[space: string, value: Buffer][]> {
  const entries = await database.iterator({ gte: prefix, lt: prefix.slice(0, -1) + AFTER_END }).all()
  return entries.map(([key, sealed]) => [key.slice(prefix.length), open(directory, key, sealed)])
}

async function empty(database: Database, space: string): Promise<void> {
  await database.clear({ gte: space + END, lt: space + AFTER_END })
  await database.del(CLEARING + space)
}

class LevelStore implements TaskStore {
  readonly #sealer = new Sealer()
  readonly #snapshots = new Snapshots()
  #last: Promise<unknown> = Promise.resolve()
  #failed = false

  constructor(
    private readonly directory: string,
    private readonly database: Database,
    private readonly positions: Map<string, number>
  ) {}

  get(space: string, key: string): Buffer | undefined {
    return this.#get(space, key, {})
  }

  #get(space: string, key: string, read: { snapshot?: Frozen }): Buffer | undefined {
    const name = space + END + key
    try {
      const sealed = this.database.getSync(name, read)
      return sealed === undefined ? undefined : open(this.directory, name, sealed)
    } catch (error) {
      throw named(error, this.directory)
    }
  }

  *range(space: string, options: RangeOptions): Iterable<readonly [key: string, value: Buffer]> {
    const prefix = space + END
    const gte = prefix + (options.gte ?? '')
    const lt = options.lt === undefined ? space + AFTER_END : prefix + options.lt
    try {
      for (const [key, sealed] of readRange(this.directory, gte, lt, options.reverse ?? false, options.limit ?? Number.POSITIVE_INFINITY)) {
        yield [key.slice(prefix.length), open(this.directory, key, sealed)]
      }
    } catch (error) {
      throw named(error, this.directory)
    }
  }

  snapshot(): StoreSnapshot {
    const snapshot = this.database.snapshot()
    return this.#snapshots.open({
      get: (space, key) => this.#get(space, key, { snapshot }),
      range: (space, options) => this.#frozenRange(snapshot, space, options),
      close: () => snapshot.close()
    })
  }

  async *#frozenRange(snapshot: Frozen, space: string, options: RangeOptions): AsyncIterable<readonly [key: string, value: Buffer]> {
    const prefix = space + END
    const bounds = { gte: prefix + (options.gte ?? ''), lt: options.lt === undefined ? space + AFTER_END : prefix + options.lt }
    const { reverse = false, limit = -1 } = options
    try {
      for await (const [key, sealed] of this.database.iterator({ ...bounds, reverse, limit, snapshot }))
        yield [key.slice(prefix.length), open(this.directory, key, sealed)]
    } catch (error) {
      throw named(error, this.directory)
    }
  }

  position(space: string): number | undefined {
    return this.positions.get(space)
  }

  write(batch: readonly StoreWrite[]): Promise<void> {
    return this.#inOrder(async () => {
      const chain = this.database.batch()
      for (const { space, entries, position } of batch) {
        const prefix = space + END
        for (const [key, value] of entries) {
          const name = prefix + key
          if (value === null) chain.del(name)
          else chain.put(name, this.#sealer.seal(name, value))
        }
        const encoded = Buffer.alloc(8)
        encoded.writeDoubleLE(position)
        chain.put(META + space, this.#sealer.seal(META + space, encoded))
      }
      await chain.write()
      for (const { space, position } of batch) this.positions.set(space, position)
    })
  }

  /** Takes more than one batch: what a kill interrupts is finished when the store is opened again. */
  clear(space: string): Promise<void> {
    return this.#inOrder(async () => {
      const mark = this.#sealer.seal(CLEARING + space, Buffer.alloc(0))
      await this.database
        .batch()
        .del(META + space)
        .put(CLEARING + space, mark)
        .write({ sync: true })
      this.positions.delete(space)
      await empty(this.database, space)
    })
  }

  size(): number {
    return readdirSync(this.directory).reduce(
      (sum, file) => sum + (statSync(join(this.directory, file), { throwIfNoEntry: false })?.size ?? 0),
      0
    )
  }

  async close(): Promise<void> {
    await this.#last
    await this.#snapshots.close()
    endReading(this.directory)
    await this.database.close()
  }

  #inOrder(action: () => Promise<void>): Promise<void> {
    const done = this.#last
      .then(() => (this.#failed ? this.#reopen() : undefined))
      .then(action)
      .catch(error => {
        this.#failed = true
        throw named(error, this.directory)
      })
    this.#last = done.catch(() => undefined)
    return done
  }

  /** LevelDB goes on writing behind the torn end of its log, where nothing would be found again: it needs a new log. */
  async #reopen(): Promise<void> {
    endReading(this.directory)
    await this.database.close()
    await this.database.open()
    this.#failed = false
  }
}

function open(directory: string, key: string, sealed: Buffer): Buffer {
  const value = unseal(key, sealed)
  if (value === undefined)
    throw new StoreCorruptedError(`The value of "${key.replace(END, '" "')}" in ${directory} is not what was written.`)
  return value
}

/** Names an error of LevelDB by the reaction it asks for. */
function named(error: unknown, directory: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreCorruptedError) return error
  const cause = error.cause instanceof Error ? error.cause : error
  const { code } = cause as { code?: string }
  if (code === 'ENOSPC' || /no space left|quota exceeded|file too large/i.test(cause.message))
    return new StoreFullError(`There is no room left on the device to write ${directory}.`, { cause: error })
  if (code === 'LEVEL_CORRUPTION' || /corruption|does not exist|no such file/i.test(cause.message))
    return new StoreCorruptedError(`LevelDB can't use ${directory}: ${cause.message}.`, { cause: error })
  return error
}
