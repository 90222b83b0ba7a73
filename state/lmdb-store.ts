import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { ABORT, type Database, open, type RootDatabase, type Transaction } from 'lmdb'
import { Sealer, unseal } from './checksum.js'
import { checkLmdbFile } from './lmdb-check.js'
import { encoder, keyEncoder, MAX_KEY_CHARACTERS } from './lmdb-encoding.js'
import { cause, named } from './lmdb-errors.js'
import { MappedPages } from './mapped-pages.js'
import { currentBoot, isSameBoot, readMarker, writeMarker } from './marker.js'
import { Snapshots } from './snapshots.js'
import { type RangeOptions, StoreCorruptedError, type StoreSnapshot, type StoreWrite, type TaskStore } from './store.js'

const ADAPTER = 'lmdb'
const FORMAT = 1
const META = '@meta'
/** Up to here a commit costs less CPU on the calling thread than the hand-over to lmdb's own (and blocks for less than 1 ms). */
const SYNC_ENTRIES = 100
const SYNC_BYTES = 64 * 1024
/** Entries of a range that lie together. */
const TOGETHER = 128
/** Entries prepared at a time, about 2 ms. */
const SLICE = 2000
/** Address space, not memory. Reserved at once, because a map that grows stays mapped at its old size too. */
const MAP_BYTES = 16 * 2 ** 30

type Space = Database<Buffer, string>
interface Operation {
  readonly space: Space
  readonly key: string
  readonly value: Buffer | null
}

// A failed commit rejects, beside its own promise, one of the event turn that nobody can handle: so no event turns.
const settings = { noSubdir: false, noSync: true, overlappingSync: false, eventTurnBatching: false, maxDbs: 64 } as const
const encoding = { encoder, keyEncoder, cache: false, compression: false } as const

/**
 * The store on lmdb: one environment in `directory`, one named database per keyspace.
 *
 * Writes are not synced to the device (a third of the CPU, a fifth of the time): the operating system has them when
 * `write` resolves, so a kill -9 loses nothing. A crash of the machine may leave anything behind; it is recognised
 * by the boot id in `store.json` (a closed store is synced and says `clean`), and the store is then reported as corrupted.
 * The file is checked as a whole before lmdb maps it (see `checkLmdbFile`), every value again when it is read.
 * Keys have 1 to 640 characters.
 * @throws StoreCorruptedError
 */
export async function openLmdbStore(directory: string, options: { mapBytes?: number } = {}): Promise<TaskStore> {
  const boot = currentBoot()
  const marker = readMarker(directory, ADAPTER, FORMAT)
  if (marker !== undefined) {
    if (marker.state !== 'clean' && !isSameBoot(marker.state, boot))
      throw new StoreCorruptedError(`${directory} was in use when the machine stopped; what it holds can't be trusted.`)
    checkLmdbFile(join(directory, 'data.mdb'))
  }
  let root: RootDatabase<Buffer, string> | undefined
  try {
    const openRoot = () => open<Buffer, string>({ path: directory, mapSize: options.mapBytes ?? MAP_BYTES, ...settings, ...encoding })
    root = openRoot()
    const store = new LmdbStore(directory, root, openRoot, marker?.state ?? boot)
    // Should a crash of the machine take it back, the directory has no marker and is not trusted either.
    if (marker === undefined) await writeMarker(directory, { adapter: ADAPTER, format: FORMAT, state: boot }, false)
    return store
  } catch (error) {
    await root?.close()
    throw named(error, directory)
  }
}

class LmdbStore implements TaskStore {
  readonly #directory: string
  readonly #openRoot: () => RootDatabase<Buffer, string>
  #root: RootDatabase<Buffer, string>
  #meta: Space
  #spaces = new Map<string, Space>()
  readonly #positions = new Map<string, number>()
  readonly #sealer = new Sealer()
  readonly #snapshots = new Snapshots()
  /** What the marker says. */
  #state: string
  /** Resolves when the writes begun so far have ended. */
  #last: Promise<unknown> = Promise.resolve()
  /** Writes, snapshots, and ranges being read: the file stays as it is mapped. */
  #using = 0
  readonly #mapped = new MappedPages(
    () => this.size(),
    () => this.#release()
  )

  constructor(directory: string, root: RootDatabase<Buffer, string>, openRoot: () => RootDatabase<Buffer, string>, state: string) {
    this.#directory = directory
    this.#root = root
    this.#openRoot = openRoot
    this.#state = state
    this.#meta = root.openDB(META, encoding)
    for (const [name, value] of [...this.#entries(META, this.#meta, {})]) {
      this.#positions.set(name, value.readDoubleLE(0))
      this.#spaces.set(name, root.openDB(name, encoding))
    }
  }

  get(space: string, key: string): Buffer | undefined {
    return this.#get(space, this.#spaces.get(space), key)
  }

  #get(space: string, database: Space | undefined, key: string, read: { transaction?: Transaction } = {}): Buffer | undefined {
    this.#mapped.touch(1)
    try {
      const sealed = database?.get(key, read)
      return sealed === undefined ? undefined : this.#unseal(space, key, sealed)
    } catch (error) {
      throw named(error, this.#directory)
    }
  }

  range(space: string, options: RangeOptions): Iterable<readonly [key: string, value: Buffer]> {
    const database = this.#spaces.get(space)
    return database === undefined ? [] : this.#entries(space, database, options)
  }

  snapshot(): StoreSnapshot {
    const read = { transaction: this.#root.useReadTransaction() }
    const spaces = new Map(this.#spaces)
    this.#using++
    return this.#snapshots.open({
      get: (space, key) => this.#get(space, spaces.get(space), key, read),
      range: (space, options) => (spaces.has(space) ? this.#entries(space, spaces.get(space)!, options, read) : []),
      close: async () => {
        this.#using--
        read.transaction.done()
      }
    })
  }

  *#entries(
    space: string,
    database: Space,
    options: RangeOptions,
    read: { transaction?: Transaction } = {}
  ): Iterable<readonly [key: string, value: Buffer]> {
    const { gte, lt, reverse = false, limit } = options
    const first = gte || '\0'
    const bounds = reverse
      ? { reverse, end: first, inclusiveEnd: true, ...(lt === undefined ? {} : { start: lt, exclusiveStart: true }) }
      : { start: first, ...(lt === undefined ? {} : { end: lt }) }
    if (limit !== undefined && limit <= 0) return
    this.#using++
    let count = 0
    try {
      for (const { key, value } of database.getRange({ ...bounds, ...read, ...(limit !== undefined && { limit }) })) {
        if (count++ % TOGETHER === 0) this.#mapped.touch(1)
        yield [key, this.#unseal(space, key, value)]
      }
    } catch (error) {
      throw named(error, this.#directory)
    } finally {
      this.#using--
    }
  }

  position(space: string): number | undefined {
    return this.#positions.get(space)
  }

  write(batch: readonly StoreWrite[]): Promise<void> {
    return this.#inOrder(async () => {
      const operations: Operation[] = []
      let bytes = 0
      for (const { space, entries, position } of batch) {
        const database = this.#space(space)
        for (const [key, value] of entries) {
          if (key.length === 0 || key.length > MAX_KEY_CHARACTERS)
            throw new RangeError(`A key of ${space} has ${key.length} characters; 1 to ${MAX_KEY_CHARACTERS} can be stored.`)
          const sealed = value === null ? null : this.#sealer.seal(key, value)
          bytes += sealed?.length ?? 0
          operations.push({ space: database, key, value: sealed })
          if (operations.length % SLICE === 0) await setImmediate()
        }
        const encoded = Buffer.alloc(8)
        encoded.writeDoubleLE(position)
        operations.push({ space: this.#meta, key: space, value: this.#sealer.seal(space, encoded) })
      }
      this.#mapped.touch(operations.length)
      await this.#commit(operations, operations.length <= SYNC_ENTRIES && bytes <= SYNC_BYTES)
      for (const { space, position } of batch) this.#positions.set(space, position)
    })
  }

  clear(space: string): Promise<void> {
    return this.#inOrder(async () => {
      const database = this.#spaces.get(space)
      if (database === undefined) return
      await this.#root.batch(() => {
        database.clearAsync()
        this.#meta.remove(space)
      })
      await this.#sync()
      this.#positions.delete(space)
    })
  }

  #sync(): Promise<void> {
    const root = this.#root as unknown as { sync(callback: (error: unknown) => void): void }
    return new Promise((resolve, reject) => root.sync(error => (error ? reject(error) : resolve())))
  }

  size(): number {
    return statSync(join(this.#directory, 'data.mdb'), { throwIfNoEntry: false })?.size ?? 0
  }

  /**
   * Lets the file's pages go: closes and opens the environment. Only from a turn of the event loop of its own: closing ends
   * within that turn, so that nobody reads meanwhile.
   */
  #release(): boolean {
    if (this.#using > 0) return false
    this.#last = this.#closeRoot().then(() => {
      const root = this.#openRoot()
      this.#meta = root.openDB(META, encoding)
      this.#spaces = new Map([...this.#spaces.keys()].map(name => [name, root.openDB(name, encoding)]))
      this.#root = root
    })
    this.#last.catch(() => {})
    return true
  }

  /** Closing alone would leak lmdb's list of free pages, 8 bytes for each and 2 kB at least; a transaction that is given up lets go of it. */
  #closeRoot(): Promise<void> {
    try {
      this.#root.transactionSync(() => ABORT)
    } catch {
      // An environment that is beyond use has no transactions any more, and is closed all the same.
    }
    return this.#root.close()
  }

  async close(): Promise<void> {
    this.#mapped.stop()
    await this.#last
    await this.#snapshots.close()
    await this.#sync()
    await this.#closeRoot()
    if (this.#state !== 'clean') await this.#mark('clean', false)
  }

  async #mark(state: string, durable: boolean): Promise<void> {
    await writeMarker(this.#directory, { adapter: ADAPTER, format: FORMAT, state }, durable)
    this.#state = state
  }

  async #commit(operations: readonly Operation[], small: boolean): Promise<void> {
    const apply = () => {
      for (const { space, key, value } of operations) {
        if (value === null) space.remove(key)
        else space.put(key, value)
      }
    }
    if (small) this.#root.transactionSync(apply)
    else await this.#root.batch(apply)
  }

  #space(name: string): Space {
    let space = this.#spaces.get(name)
    if (space === undefined) {
      if (name === META) throw new RangeError(`"${META}" can't be the name of a keyspace.`)
      space = this.#root.openDB(name, encoding)
      this.#spaces.set(name, space)
    }
    return space
  }

  #inOrder(action: () => Promise<void>): Promise<void> {
    this.#using++
    const done = this.#last
      // From the first write on, only this boot may trust the file.
      .then(() => (this.#state === 'clean' ? this.#mark(currentBoot(), true) : undefined))
      .then(action)
      .catch(async error => {
        throw named(await cause(error), this.#directory)
      })
      .finally(() => this.#using--)
    this.#last = done.catch(() => undefined)
    return done
  }

  #unseal(space: string, key: string, sealed: Buffer): Buffer {
    const value = unseal(key, sealed)
    if (value === undefined)
      throw new StoreCorruptedError(`The value of "${key}" in ${space} of ${this.#directory} is not what was written.`)
    return value
  }
}
