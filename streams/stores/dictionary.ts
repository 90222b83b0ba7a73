import { Bytes, BytesReader } from '../bytes.js'
import type { Dictionary } from '../processor.js'
import type { StoreEntry } from './managed-store.js'

/** Names a block: the last block is rewritten as it grows, so it is small. */
const BLOCK = 128

/**
 * Strings and their ids. New names are announced in the operand record of the commit that first used them; before that
 * record's slot is dropped they are written in blocks.
 */
export class StoreDictionary implements Dictionary {
  readonly #names: string[] = []
  readonly #ids = new Map<string, number>()
  #written = 0

  get size(): number {
    return this.#names.length
  }

  intern(name: string): number {
    const known = this.#ids.get(name)
    if (known !== undefined) return known
    const id = this.#names.length
    this.#names.push(name)
    this.#ids.set(name, id)
    return id
  }

  find(name: string): number | undefined {
    return this.#ids.get(name)
  }

  name(id: number): string {
    const name = this.#names[id]
    if (name === undefined) throw new Error(`the dictionary has ${this.#names.length} names, id ${id} is none of them`)
    return name
  }

  /** Blocks for all names up to `end` that are not yet written in one. */
  blocks(end: number): StoreEntry[] {
    if (end <= this.#written) return []
    const entries: StoreEntry[] = []
    for (let block = Math.floor(this.#written / BLOCK); block * BLOCK < this.size; block++) {
      const out = new Bytes(4096)
      for (const name of this.#names.slice(block * BLOCK, (block + 1) * BLOCK)) out.string(name)
      entries.push([`d/${block.toString().padStart(8, '0')}`, out.take()])
    }
    this.#written = this.size
    return entries
  }

  /** In the order of the blocks, once, before anything is interned. */
  loadBlock(bytes: Uint8Array): void {
    const input = new BytesReader(bytes)
    while (input.remaining > 0) this.intern(input.string())
    this.#written = this.size
  }
}
