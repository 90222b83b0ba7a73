import type { ByteReader, ByteWriter, MergeFold } from '../../streams/processor.js'
import type { NameOrder } from '../ranking/order.js'
import { readSigned, readWeight, writeSigned, writeWeight } from '../ranking/packing.js'
import { FewNeighbours } from './few.js'
import { ManyNeighbours } from './many.js'

/** Up to here one array needs less memory than columns (314 bytes against 1,060 for 8 neighbours). */
const FEW = 32

/** One track's share of a TrackUpdates record: the entries `from` to `to` (exclusive) of its columns. */
export interface TrackDelta {
  readonly sessions: number
  readonly n: number
  /** Dictionary ids of the store. */
  readonly others: ArrayLike<number>
  readonly together: ArrayLike<number>
  readonly weight: ArrayLike<number>
  readonly from: number
  readonly to: number
}

/** What is known of one track: sessions(a), N(a), and together(a, b) and W(a -> b) for each neighbour b. */
export class TrackVector {
  sessions = 0
  n = 0
  #neighbours: FewNeighbours | ManyNeighbours

  /** `expected`: how many neighbours will be added. */
  constructor(expected = 0) {
    this.#neighbours = expected <= FEW ? new FewNeighbours() : new ManyNeighbours(expected + (expected >>> 3))
  }

  add(id: number, together: number, weight: number): void {
    if (this.#neighbours instanceof FewNeighbours && this.#neighbours.size === FEW) this.#neighbours = many(this.#neighbours)
    this.#neighbours.add(id, together, weight)
  }

  each(visit: (id: number, together: number, weight: number) => void): void {
    this.#neighbours.each(visit)
  }

  /** The published neighbours, in their order. */
  list(order: NameOrder, visit: (id: number, together: number, weight: number) => void): void {
    if (this.#neighbours instanceof ManyNeighbours) {
      this.#neighbours.list(order, visit)
    } else {
      this.#neighbours.sort(order)
      this.#neighbours.each(visit)
    }
  }

  /** About how much memory it occupies. */
  get bytes(): number {
    return 60 + this.#neighbours.bytes
  }

  /** Makes the next `list` select anew. */
  invalidate(): void {
    if (this.#neighbours instanceof ManyNeighbours) this.#neighbours.invalidate()
  }
}

function many(few: FewNeighbours): ManyNeighbours {
  const more = new ManyNeighbours(FEW * 2)
  few.each((id, together, weight) => more.add(id, together, weight))
  return more
}

export const cooccurrenceFold: MergeFold<TrackVector, TrackDelta> = {
  version: 1,
  empty: () => new TrackVector(),
  merge(vector, { sessions, n, others, together, weight, from, to }) {
    vector.sessions += sessions
    vector.n += n
    for (let i = from; i < to; i++) vector.add(others[i]!, together[i]!, weight[i]!)
  },
  writeOperand({ sessions, n, others, together, weight, from, to }, out) {
    writeHead(out, sessions, n, to - from)
    for (let i = from; i < to; i++) writePair(out, others[i]!, together[i]!, weight[i]!)
  },
  readOperand(input) {
    const sessions = readSigned(input)
    const n = readWeight(input)
    const to = input.varint()
    const delta = { sessions, n, others: new Uint32Array(to), together: new Int32Array(to), weight: new Float64Array(to), from: 0, to }
    for (let i = 0; i < to; i++) {
      delta.others[i] = input.varint()
      delta.together[i] = readSigned(input)
      delta.weight[i] = readWeight(input)
    }
    return delta
  },
  write(vector, out) {
    let size = 0
    vector.each(() => size++)
    writeHead(out, vector.sessions, vector.n, size)
    vector.each((id, together, weight) => writePair(out, id, together, weight))
  },
  read(input: ByteReader) {
    const sessions = readSigned(input)
    const n = readWeight(input)
    const size = input.varint()
    const vector = new TrackVector(size)
    vector.sessions = sessions
    vector.n = n
    for (let i = 0; i < size; i++) vector.add(input.varint(), readSigned(input), readWeight(input))
    return vector
  },
  sizeOf: vector => vector.bytes
}

function writeHead(out: ByteWriter, sessions: number, n: number, size: number): void {
  writeSigned(out, sessions)
  writeWeight(out, n)
  out.varint(size)
}

function writePair(out: ByteWriter, id: number, together: number, weight: number): void {
  out.varint(id)
  writeSigned(out, together)
  writeWeight(out, weight)
}
