const BLOCK = 512

/** Strings in the order of their UTF-8 bytes, in blocks: adding or removing one among a million costs about a microsecond. */
export class SortedKeys {
  #blocks: string[][] = []

  /** `key` must not be in it. */
  add(key: string): void {
    if (this.#blocks.length === 0) {
      this.#blocks.push([key])
      return
    }
    const at = Math.max(0, this.#blockOf(key))
    const block = this.#blocks[at]!
    block.splice(position(block, key), 0, key)
    if (block.length > BLOCK) this.#blocks.splice(at + 1, 0, block.splice(BLOCK / 2))
  }

  /** `key` must be in it. */
  remove(key: string): void {
    const at = this.#blockOf(key)
    const block = this.#blocks[at]!
    block.splice(position(block, key), 1)
    if (block.length === 0) this.#blocks.splice(at, 1)
  }

  /** Upwards from `gte` (inclusive). */
  *from(gte: string): Iterable<string> {
    const first = Math.max(0, this.#blockOf(gte))
    for (let at = first; at < this.#blocks.length; at++) {
      const block = this.#blocks[at]!
      for (let i = at === first ? position(block, gte) : 0; i < block.length; i++) yield block[i]!
    }
  }

  /** Downwards from `lt` (exclusive), or from the end. */
  *below(lt: string | undefined): Iterable<string> {
    const first = lt === undefined ? this.#blocks.length - 1 : this.#blockOf(lt)
    for (let at = first; at >= 0; at--) {
      const block = this.#blocks[at]!
      for (let i = (at === first && lt !== undefined ? position(block, lt) : block.length) - 1; i >= 0; i--) yield block[i]!
    }
  }

  /** The last block that begins with the key or below it; -1 if there is none. */
  #blockOf(key: string): number {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compareKeys(this.#blocks[middle]![0]!, key) <= 0) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

/** Where the key is, or would be. */
function position(block: readonly string[], key: string): number {
  let low = 0
  let high = block.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareKeys(block[middle]!, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** The order of UTF-8 bytes: JavaScript's own, except where surrogates meet U+E000 to U+FFFF. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

const rank = (unit: number) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)
