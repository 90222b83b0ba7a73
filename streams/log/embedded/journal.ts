/**
 * The journal: every entry (a record batch, or a change of metadata) under the next sequence number, in one database.
 * Because keys only grow, LevelDB's tables never overlap: it moves them down its levels without ever rewriting them, which
 * costs less than half of the CPU of keys ordered by topic and partition (figures: bench/log.ts). That holds as long as
 * hardly anything else is written there, so the index lives in another database and removals are saved up (purger.ts).
 */
import { randomUUID } from 'node:crypto'
import { LogConfigError } from '../log.js'
import { corrupted, guarded } from './errors.js'
import { FORMAT_KEY, MAX_OFFSET, sequenceKey, sequenceOf } from './keys.js'
import type { Database } from './options.js'

const FORMAT = '1'

interface RangeCompaction {
  compactRange(start: Buffer, end: Buffer): Promise<void>
}

export class Journal {
  /** Given once, when the journal is created. */
  id = ''
  /** The sequence number of the next entry. */
  next = 0
  /** Bytes read since the database was opened. */
  #bytesRead = 0
  #running = 0
  #idle: (() => void) | undefined
  #gate: Promise<void> | undefined

  constructor(
    readonly db: Database,
    readonly name: string,
    readonly fsync: boolean,
    /** Reopens the database after so many bytes were read; 0: never. */
    readonly recycleBytes: number
  ) {}

  /** Opens it and finds its end. */
  async open(): Promise<void> {
    await guarded(this.name, async () => {
      await this.db.open()
      this.id = (await this.db.get(FORMAT_KEY))?.toString() ?? ''
      this.next = await this.#end()
      if (this.id === '') {
        if (this.next > 0) throw corrupted(this.name, 'its first key is missing')
        this.id = `${FORMAT}:${randomUUID()}`
        await this.db.put(FORMAT_KEY, Buffer.from(this.id))
      }
      const [format] = this.id.split(':')
      if (format !== FORMAT)
        throw new LogConfigError(
          `The log in ${this.name} has format ${format}, this version reads format ${FORMAT}. Start the version that wrote it, or choose another directory.`
        )
    })
  }

  /** Appends entries as one atomic write; when it resolves they have their sequence numbers, from the former `next` on. */
  append(values: readonly Buffer[]): Promise<void> {
    return this.#run(async () => {
      const operations = values.map((value, i) => ({ type: 'put' as const, key: sequenceKey('d', this.next + i), value }))
      await this.db.batch(operations, this.fsync ? ({ sync: true } as object) : {})
      this.next += values.length
    })
  }

  async read(sequences: readonly number[]): Promise<(Buffer | undefined)[]> {
    const keys = sequences.map(sequence => sequenceKey('d', sequence))
    const values = await this.#run(() => this.db.getMany(keys, { fillCache: false } as object))
    for (const value of values) this.#bytesRead += value?.length ?? 0
    // Should it fail, so does what comes next, which then opens it again.
    if (this.recycleBytes > 0 && this.#bytesRead > this.recycleBytes && !this.#gate) this.reopen().catch(() => {})
    return values
  }

  /** Calls back with all entries from a sequence number on, in order. */
  scan(sequence: number, each: (sequence: number, value: Buffer) => Promise<void> | undefined): Promise<void> {
    const range = { gte: sequenceKey('d', sequence), lte: sequenceKey('d', MAX_OFFSET), fillCache: false, highWaterMarkBytes: 1 << 18 }
    return this.#run(async () => {
      for await (const [key, value] of this.db.iterator(range)) await each(sequenceOf(key), value)
    })
  }

  remove(sequences: readonly number[]): Promise<void> {
    return this.#run(() => this.db.batch(sequences.map(sequence => ({ type: 'del' as const, key: sequenceKey('d', sequence) }))))
  }

  /** Gives back the space of removed entries in a range. */
  compact(from: number, to: number): Promise<void> {
    const db = this.db as Database & Partial<RangeCompaction>
    return this.#run(async () => db.compactRange?.(sequenceKey('d', from), sequenceKey('d', to)))
  }

  /**
   * Closes and opens the database; what runs is awaited, what comes waits. After a failed write it drops a torn one (LevelDB
   * would misread what follows it); at other times it lets go of the files that LevelDB has mapped into memory.
   */
  async reopen(): Promise<void> {
    while (this.#gate) await this.#gate
    let open = () => {}
    this.#gate = new Promise(resolve => {
      open = resolve
    })
    try {
      if (this.#running > 0) {
        await new Promise<void>(resolve => {
          this.#idle = resolve
        })
      }
      await guarded(this.name, async () => {
        await this.db.close()
        await this.db.open()
      })
      this.#bytesRead = 0
    } finally {
      this.#gate = undefined
      open()
    }
  }

  async close(): Promise<void> {
    while (this.#gate) await this.#gate
    await guarded(this.name, () => this.db.close())
  }

  async #end(): Promise<number> {
    const [last] = await this.db.keys({ gte: sequenceKey('d', 0), lte: sequenceKey('d', MAX_OFFSET), reverse: true, limit: 1 }).all()
    return last === undefined ? 0 : sequenceOf(last) + 1
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    while (this.#gate) await this.#gate
    this.#running++
    try {
      return await guarded(this.name, work)
    } finally {
      if (--this.#running === 0) this.#idle?.()
    }
  }
}
