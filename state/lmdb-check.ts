import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isSealed } from './checksum.js'
import { BIG, BRANCH, DATABASE, DATABASE_RECORD, HEADER, LEAF, MAGIC, META, NO_PAGE, OVERFLOW, Page, VERSION } from './lmdb-page.js'
import { StoreCorruptedError } from './store.js'

const MAX_DEPTH = 32
const WINDOW = 1024 * 1024

interface Tree {
  readonly kind: 'free' | 'main' | 'data'
  readonly depth: number
  readonly entries: bigint
  found: number
}
interface LeafPage {
  readonly tree: Tree
  readonly number: number
  readonly low: Buffer | undefined
  readonly high: Buffer | undefined
}
interface LargeValue {
  readonly number: number
  readonly size: number
  readonly keyHash: number
}

/**
 * Reads every page that is in use and checks that trees are trees (each page used once, offsets within pages, keys in
 * order and between their separators), that free pages are free, and that each value has its checksum. lmdb itself
 * trusts its file: a damaged one makes it kill the process or answer wrongly.
 * @throws StoreCorruptedError
 */
export function checkLmdbFile(path: string): void {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    throw new StoreCorruptedError(`${path} can't be opened.`, { cause: error })
  }
  try {
    new Check(path, file).run()
  } finally {
    closeSync(file)
  }
}

class Check {
  readonly #path: string
  readonly #file: number
  readonly #size: number
  #pageSize = 0
  #lastPage = 0
  #used = new Uint8Array(0)
  #current = 0
  readonly #trees: Tree[] = []
  readonly #leaves: LeafPage[] = []
  readonly #large: LargeValue[] = []

  constructor(path: string, file: number) {
    this.#path = path
    this.#file = file
    this.#size = fstatSync(file).size
  }

  run(): void {
    const first = this.#meta(0)
    this.#pageSize = first.readUInt32LE(META.free + DATABASE.pageSize)
    this.#demand(this.#pageSize >= 512 && this.#pageSize <= 65536 && (this.#pageSize & (this.#pageSize - 1)) === 0, 'page size')
    const second = this.#meta(this.#pageSize)
    const meta = first.readBigUInt64LE(META.transaction) >= second.readBigUInt64LE(META.transaction) ? first : second
    this.#lastPage = this.#pageNumber(meta.readBigUInt64LE(META.lastPage))
    this.#used = new Uint8Array(Math.floor(this.#size / this.#pageSize / 8) + 1)
    this.#tree(meta, META.main, 'main')
    this.#data()
    for (const value of this.#large) this.#largeValue(value)
    this.#tree(meta, META.free, 'free')
    for (const tree of this.#trees) this.#demand(BigInt(tree.found) === tree.entries, 'number of entries')
  }

  #meta(offset: number): Buffer {
    const page = Buffer.alloc(META.size)
    this.#demand(readSync(this.#file, page, 0, page.length, offset) === page.length, 'size of the file')
    this.#demand(page.readUInt32LE(META.magic) === MAGIC && (page.readUInt32LE(META.version) & 0xffff) === VERSION, 'meta page')
    return page
  }

  /** Walks the branches of the tree whose record is at `offset`; the leaves of a data tree are left for `#data`. */
  #tree(record: Buffer, offset: number, kind: Tree['kind']): void {
    const root = record.readBigUInt64LE(offset + DATABASE.root)
    const depth = record.readUInt16LE(offset + DATABASE.depth)
    const tree: Tree = { kind, depth, entries: record.readBigUInt64LE(offset + DATABASE.entries), found: 0 }
    if (root === NO_PAGE) {
      this.#demand(tree.entries === 0n && depth === 0, 'empty tree')
      return
    }
    this.#demand(depth > 0 && depth < MAX_DEPTH, 'depth')
    this.#trees.push(tree)
    const from = this.#leaves.length
    this.#walk(tree, this.#pageNumber(root), depth, undefined, undefined)
    if (kind === 'data') return
    for (const leaf of this.#leaves.splice(from)) this.#leaf(leaf, this.#read(leaf.number, 1), 0)
  }

  #walk(tree: Tree, number: number, depth: number, low: Buffer | undefined, high: Buffer | undefined): void {
    this.#use(number, 1)
    if (depth === 1) {
      this.#leaves.push({ tree, number, low, high })
      return
    }
    const page = this.#page(this.#read(number, 1), 0, number)
    page.check(BRANCH, low, high, tree.kind === 'free')
    let from = low
    for (let i = 0; i < page.length; i++) {
      const to = i + 1 < page.length ? page.key(i + 1) : high
      this.#walk(tree, page.child(i), depth - 1, from, to)
      from = to
    }
  }

  /** The leaves of all data trees in the order of the file, through a window that moves over it. */
  #data(): void {
    const leaves = this.#leaves.sort((a, b) => a.number - b.number)
    const pages = WINDOW / this.#pageSize
    let window: Buffer = Buffer.alloc(0)
    let first = 0
    for (const leaf of leaves) {
      this.#current = leaf.number
      this.#inFile(leaf.number, 1)
      if (leaf.number >= first + window.length / this.#pageSize) {
        first = leaf.number
        window = this.#read(first, Math.min(pages, Math.floor(this.#size / this.#pageSize) - first), window)
      }
      this.#leaf(leaf, window, (leaf.number - first) * this.#pageSize)
    }
  }

  #leaf({ tree, number, low, high }: LeafPage, bytes: Buffer, start: number): void {
    const page = this.#page(bytes, start, number)
    page.check(LEAF, low, high, tree.kind === 'free')
    for (let i = 0; i < page.length; i++) {
      const node = page.node(i)
      if (page.flags(node) === BIG) this.#bigNode(tree, page, node)
      else {
        this.#demand(page.flags(node) === (tree.kind === 'main' ? DATABASE_RECORD : 0) && page.holds(node), 'size')
        if (tree.kind === 'data') this.#demand(page.isSealed(node), 'checksum')
        else if (tree.kind === 'free') this.#free(bytes.subarray(page.keyEnd(node), page.keyEnd(node) + page.dataSize(node)))
        else {
          this.#demand(page.dataSize(node) === DATABASE.size, 'database record')
          this.#tree(bytes, page.keyEnd(node), 'data')
        }
      }
    }
    tree.found += page.length
  }

  #bigNode(tree: Tree, page: Page, node: number): void {
    this.#demand(tree.kind !== 'main' && page.keyEnd(node) + 24 <= page.start + this.#pageSize, 'size')
    const number = this.#pageNumber(page.bytes.readBigUInt64LE(page.keyEnd(node)))
    const size = page.dataSize(node)
    if (tree.kind === 'free') this.#free(this.#overflow(number, size))
    else this.#large.push({ number, size, keyHash: page.keyHash(node) })
  }

  #largeValue({ number, size, keyHash }: LargeValue): void {
    const value = this.#overflow(number, size)
    this.#demand(isSealed(keyHash, value, 0, value.length), 'checksum')
  }

  #overflow(number: number, size: number): Buffer {
    const count = Math.ceil((HEADER + size) / this.#pageSize)
    this.#inFile(number, count)
    this.#use(number, count)
    const bytes = this.#read(number, count)
    const page = this.#page(bytes, 0, number)
    this.#demand(page.kind === OVERFLOW && page.overflowPages >= count, 'large value')
    return bytes.subarray(HEADER, HEADER + size)
  }

  /** A list of free pages: its length, then numbers; a negative one is the length of the run that starts at the next. */
  #free(list: Buffer): void {
    const room = list.length / 8 - 1
    this.#demand(room >= 0 && list.readBigUInt64LE(0) <= BigInt(Math.floor(room)), 'list of free pages')
    const end = Number(list.readBigUInt64LE(0))
    let run = 1
    for (let i = 1; i <= end; i++) {
      const entry = Number(list.readBigInt64LE(i * 8))
      if (entry < 0) run = -entry
      else if (entry > 0) {
        this.#demand(entry >= 2 && entry + run - 1 <= this.#lastPage, 'list of free pages')
        this.#use(entry, run)
        run = 1
      }
    }
  }

  /** Each page has one use. Pages behind the end of the file can only be free. */
  #use(number: number, count: number): void {
    for (let page = number; page < number + count; page++) {
      const byte = page >> 3
      if (byte >= this.#used.length) return
      const bit = 1 << (page & 7)
      this.#demand((this.#used[byte]! & bit) === 0, `page ${page} used twice`)
      this.#used[byte]! |= bit
    }
  }

  #inFile(number: number, count: number): void {
    this.#demand(number >= 2 && number + count - 1 <= this.#lastPage, 'number of a page')
    this.#demand((number + count) * this.#pageSize <= this.#size, 'size of the file')
  }

  #read(number: number, count: number, target?: Buffer): Buffer {
    this.#inFile(number, 1)
    const length = count * this.#pageSize
    const bytes = target?.length === length ? target : Buffer.allocUnsafe(length)
    this.#demand(readSync(this.#file, bytes, 0, length, number * this.#pageSize) === length, 'size of the file')
    return bytes
  }

  #page(bytes: Buffer, start: number, number: number): Page {
    this.#current = number
    const page = new Page(this.#pageSize, what => this.#fail(what)).at(bytes, start)
    this.#demand(page.number === BigInt(number), 'number')
    return page
  }

  #pageNumber(number: bigint): number {
    this.#demand(number <= BigInt(Number.MAX_SAFE_INTEGER), 'number of a page')
    return Number(number)
  }

  #demand(holds: boolean, what: string): void {
    if (!holds) this.#fail(what)
  }

  #fail(what: string): never {
    throw new StoreCorruptedError(`${this.#path} is damaged at page ${this.#current}: ${what}.`)
  }
}
