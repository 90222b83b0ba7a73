import type { PairTable } from './pair-table.js'
import { withRoom } from './row-index.js'

/** The changed pairs by owner: row x 2 for the direction a -> b, row x 2 + 1 for b -> a. What came to nothing is left out. */
export class Adjacency {
  #entries = new Int32Array(0)
  #owners: number[] = []
  /** Per owner: where its entries begin, and how many there are. */
  #from = new Int32Array(0)
  #degree = new Int32Array(0)

  constructor(private readonly pairs: PairTable) {}

  /** Returns the tracks that own a changed pair. `tracks`: all ids are below. */
  build(tracks: number): readonly number[] {
    const entries = this.pairs.size * 2
    this.#reset(tracks, entries)
    for (let entry = 0; entry < entries; entry++) {
      if (this.isZero(entry)) continue
      const track = this.owner(entry)
      if (this.#degree[track]!++ === 0) this.#owners.push(track)
    }
    let from = 0
    for (const track of this.#owners) {
      this.#from[track] = from
      from += this.#degree[track]!
      this.#degree[track] = 0
    }
    for (let entry = 0; entry < entries; entry++) {
      if (this.isZero(entry)) continue
      const track = this.owner(entry)
      this.#entries[this.#from[track]! + this.#degree[track]!++] = entry
    }
    return this.#owners
  }

  #reset(tracks: number, entries: number): void {
    for (const track of this.#owners) this.#degree[track] = 0
    this.#owners = []
    this.#degree = withRoom(this.#degree, tracks)
    this.#from = withRoom(this.#from, tracks)
    if (this.#entries.length < entries) this.#entries = new Int32Array(entries * 2)
  }

  degree(track: number): number {
    return this.#degree[track] ?? 0
  }

  entry(track: number, index: number): number {
    return this.#entries[this.#from[track]! + index]!
  }

  isZero(entry: number): boolean {
    return this.pairs.together[entry >> 1] === 0 && this.weight(entry) === 0
  }

  owner(entry: number): number {
    return (entry & 1) === 0 ? this.pairs.a[entry >> 1]! : this.pairs.b[entry >> 1]!
  }

  other(entry: number): number {
    return (entry & 1) === 0 ? this.pairs.b[entry >> 1]! : this.pairs.a[entry >> 1]!
  }

  weight(entry: number): number {
    return (entry & 1) === 0 ? this.pairs.forward[entry >> 1]! : this.pairs.backward[entry >> 1]!
  }

  together(entry: number): number {
    return this.pairs.together[entry >> 1]!
  }
}
