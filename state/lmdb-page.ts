import { hashKeyBytes, isSealed } from './checksum.js'

/**
 * The layout of lmdb's files (liblmdb's mdb.c, data version 2). A page has a header, an array of offsets that grows
 * upwards and nodes that grow downwards; pages 0 and 1 are the metas, of which the one with the greater transaction
 * id counts. Numbers are little-endian on every machine this program supports.
 */
export const META = { size: 168, magic: 24, version: 28, free: 48, main: 96, lastPage: 144, transaction: 152 } as const
export const MAGIC = 0xbeefc0de
export const VERSION = 2
export const DATABASE = { size: 48, pageSize: 0, depth: 6, entries: 32, root: 40 } as const
export const NO_PAGE = 2n ** 64n - 1n
export const BRANCH = 1
export const LEAF = 2
export const OVERFLOW = 4
export const BIG = 1
export const DATABASE_RECORD = 2
export const HEADER = 24
const NODE = 8
const KINDS = 0x7f

/** Says what is wrong with a page. */
export type Report = (what: string) => never

/** A page in a buffer; `at` moves it to another one. */
export class Page {
  bytes: Buffer = Buffer.alloc(0)
  /** Where the page begins in `bytes`. */
  start = 0
  readonly #size: number
  readonly #report: Report

  constructor(size: number, report: Report) {
    this.#size = size
    this.#report = report
  }

  at(bytes: Buffer, start: number): this {
    this.bytes = bytes
    this.start = start
    return this
  }

  get number(): bigint {
    return this.bytes.readBigUInt64LE(this.start)
  }
  get kind(): number {
    return u16(this.bytes, this.start + 18) & KINDS
  }
  get overflowPages(): number {
    return this.bytes.readUInt32LE(this.start + 20)
  }
  /** The number of nodes. */
  get length(): number {
    return u16(this.bytes, this.start + 20) >> 1
  }

  node(index: number): number {
    return this.start + HEADER + u16(this.bytes, this.start + HEADER + index * 2)
  }
  keyStart(node: number): number {
    return node + NODE
  }
  keyEnd(node: number): number {
    return node + NODE + u16(this.bytes, node + 6)
  }
  key(index: number): Buffer {
    const node = this.node(index)
    return Buffer.from(this.bytes.subarray(this.keyStart(node), this.keyEnd(node)))
  }
  flags(node: number): number {
    return u16(this.bytes, node + 4)
  }
  dataSize(node: number): number {
    return u16(this.bytes, node) + u16(this.bytes, node + 2) * 0x10000
  }
  child(index: number): number {
    const node = this.node(index)
    return this.dataSize(node) + this.flags(node) * 2 ** 32
  }

  /** The page is what the tree needs here: nodes within it, keys in order, from `low` (inclusive) to `high` (exclusive). */
  check(kind: number, low: Buffer | undefined, high: Buffer | undefined, numeric: boolean): void {
    const { bytes, start } = this
    const end = start + this.#size
    const lower = u16(bytes, start + 20)
    const upper = u16(bytes, start + 22)
    if (this.kind !== kind) this.#report('kind')
    if (lower === 0 || lower % 2 !== 0 || lower > upper || HEADER + upper > this.#size) this.#report('bounds')
    const compare = numeric ? compareNumbers : compareBytes
    let previous = -1
    for (let i = 0; i < lower >> 1; i++) {
      const node = this.node(i)
      if (node < start + HEADER + upper || node + NODE > end || this.keyEnd(node) > end) this.#report('offset')
      // The first key of a branch is empty and stands for everything before the second.
      if (kind === BRANCH && i === 0) continue
      const from = this.keyStart(node)
      const to = this.keyEnd(node)
      if (previous >= 0) {
        if (compare(bytes, this.keyStart(previous), this.keyEnd(previous), bytes, from, to) >= 0) this.#report('order of keys')
      } else if (low !== undefined && compare(low, 0, low.length, bytes, from, to) > 0) this.#report('order of keys')
      previous = node
    }
    if (previous >= 0 && high !== undefined && compare(bytes, this.keyStart(previous), this.keyEnd(previous), high, 0, high.length) >= 0)
      this.#report('order of keys')
  }

  /** Whether the value of a leaf's node is within the page. */
  holds(node: number): boolean {
    return this.keyEnd(node) + this.dataSize(node) <= this.start + this.#size
  }

  keyHash(node: number): number {
    return hashKeyBytes(this.bytes, this.keyStart(node), this.keyEnd(node))
  }

  isSealed(node: number): boolean {
    const start = this.keyEnd(node)
    return isSealed(this.keyHash(node), this.bytes, start, start + this.dataSize(node))
  }
}

/** Without the checks of `readUInt16LE`: the caller's. */
const u16 = (bytes: Buffer, at: number): number => bytes[at]! | (bytes[at + 1]! << 8)

function compareBytes(a: Buffer, aStart: number, aEnd: number, b: Buffer, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart)
  for (let i = 0; i < length; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!
    if (difference !== 0) return difference
  }
  return aEnd - aStart - (bEnd - bStart)
}

/** Keys of the list of free pages are transaction ids. */
function compareNumbers(a: Buffer, aStart: number, aEnd: number, b: Buffer, bStart: number, bEnd: number): number {
  if (aEnd - aStart !== 8 || bEnd - bStart !== 8) return 1
  return Number(a.readBigUInt64LE(aStart) - b.readBigUInt64LE(bStart))
}
