import { withRoom } from './row-index.js'
import type { Names } from './session.js'

/** Remembers the partition of each id. */
export class Partitions {
  /** One more than the partition; 0: not known yet. */
  #known = new Int32Array(1024)

  constructor(
    private readonly names: Names,
    private readonly partitionFor: (key: string) => number
  ) {}

  /** The partition of a name, given by its id. */
  of(id: number): number {
    this.#known = withRoom(this.#known, id)
    if (this.#known[id] === 0) this.#known[id] = this.partitionFor(this.names.name(id)) + 1
    return this.#known[id]! - 1
  }

  /** The names' ids became invalid. */
  clear(): void {
    this.#known.fill(0)
  }
}
