import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { crc32c } from './crc32c.js'
import { StoreCorruptedError } from './store.js'

const LOG_BLOCK = 32768
const LOG_HEADER = 7
const LAST_RECORD_TYPE = 4
const FOOTER = 48
const BLOCK_TRAILER = 5
const TABLE_MAGIC = 0xdb4775248b80fb57n

/**
 * Checks LevelDB's write-ahead logs before they are opened. LevelDB drops a damaged record together with the rest of its block
 * of 32 KB and goes on with the next block: batches would be missing from the middle. Damage in the last block is harmless:
 * what it drops is the end, as after a kill.
 * @throws StoreCorruptedError
 */
export function checkLevelLogs(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (!name.endsWith('.log')) continue
    const bytes = readFileSync(join(directory, name))
    for (let block = 0; block + LOG_BLOCK < bytes.length; block += LOG_BLOCK) {
      if (!isIntact(bytes, block, block + LOG_BLOCK))
        throw new StoreCorruptedError(`${join(directory, name)} is damaged at byte ${block} or after it.`)
    }
  }
}

function isIntact(bytes: Buffer, start: number, end: number): boolean {
  let at = start
  while (end - at >= LOG_HEADER) {
    const length = bytes.readUInt16LE(at + 4)
    const type = bytes[at + 6]!
    const next = at + LOG_HEADER + length
    if (type === 0 || type > LAST_RECORD_TYPE || next > end) return false
    if (unmask(bytes.readUInt32LE(at)) !== crc32c(bytes, at + 6, next)) return false
    at = next
  }
  return true
}

/**
 * Checks tables of an open database: LevelDB has a checksum for each block, but verifies none when it reads. Tables that
 * were compacted away meanwhile are passed over; missing ones were noticed by LevelDB itself.
 * @param numbers of the tables in use
 * @throws StoreCorruptedError
 */
export function checkLevelTables(directory: string, numbers: readonly number[]): void {
  for (const number of numbers) {
    const path = join(directory, `${String(number).padStart(6, '0')}.ldb`)
    let file: number
    try {
      file = openSync(path, 'r')
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') continue
      throw error
    }
    try {
      new Table(path, file).check()
    } finally {
      closeSync(file)
    }
  }
}

class Table {
  readonly #size: number

  constructor(
    private readonly path: string,
    private readonly file: number
  ) {
    this.#size = fstatSync(file).size
  }

  check(): void {
    const footer = this.#read(this.#size - FOOTER, FOOTER)
    this.#demand(footer.readBigUInt64LE(FOOTER - 8) === TABLE_MAGIC)
    const reader = new Varints(footer, 0)
    this.#block(reader.next(), reader.next())
    const index = this.#block(reader.next(), reader.next())
    const restarts = index.readUInt32LE(index.length - 4)
    const end = index.length - 4 * (restarts + 1)
    const entries = new Varints(index, 0)
    while (entries.at < end) {
      entries.next()
      const key = entries.next()
      entries.next()
      entries.at += key
      this.#block(entries.next(), entries.next())
    }
  }

  /** Uncompressed, as this program writes them. */
  #block(offset: number, size: number): Buffer {
    const bytes = this.#read(offset, size + BLOCK_TRAILER)
    this.#demand(unmask(bytes.readUInt32LE(size + 1)) === crc32c(bytes, 0, size + 1) && bytes[size] === 0)
    return bytes.subarray(0, size)
  }

  #read(offset: number, length: number): Buffer {
    this.#demand(offset >= 0 && offset + length <= this.#size)
    const bytes = Buffer.allocUnsafe(length)
    this.#demand(readSync(this.file, bytes, 0, length, offset) === length)
    return bytes
  }

  #demand(holds: boolean): void {
    if (!holds) throw new StoreCorruptedError(`${this.path} is damaged.`)
  }
}

class Varints {
  constructor(
    private readonly bytes: Buffer,
    public at: number
  ) {}

  next(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.at++] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
}

/** LevelDB stores checksums rotated and shifted. */
function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0
  return ((rotated >>> 17) | (rotated << 15)) >>> 0
}
