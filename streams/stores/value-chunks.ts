import type { TaskStore } from '../../state/store.js'
import { Bytes, BytesReader } from '../bytes.js'
import type { StoreEntry } from './managed-store.js'

/** Well below a Kafka broker's default limit of a megabyte a record. */
const CHUNK_BYTES = 128 * 1024

/** Full values of a merge store, each with the commit up to which it is folded, in chunks that fit a changelog record. */
export class ValueChunks {
  /** Of values with more than one. */
  readonly #chunks = new Map<number, number>()

  constructor(
    private readonly store: TaskStore,
    private readonly space: string
  ) {}

  read(id: number): { sequence: number; value: BytesReader } | undefined {
    const first = this.store.get(this.space, keyOf(id, 0))
    if (first === undefined) return undefined
    const header = new BytesReader(first)
    const sequence = header.varint()
    const count = header.varint()
    if (count === 1) return { sequence, value: header }
    const parts = [first.subarray(header.offset)]
    for (let chunk = 1; chunk < count; chunk++) {
      const part = this.store.get(this.space, keyOf(id, chunk))
      if (part === undefined) throw new Error(`chunk ${chunk} of ${count} of a value of the store ${this.space} is missing`)
      parts.push(part)
    }
    this.#chunks.set(id, count)
    return { sequence, value: new BytesReader(Buffer.concat(parts)) }
  }

  write(id: number, sequence: number, value: Buffer): StoreEntry[] {
    const count = Math.max(1, Math.ceil(value.length / CHUNK_BYTES))
    const header = new Bytes(16)
    header.varint(sequence)
    header.varint(count)
    const entries: StoreEntry[] = [[keyOf(id, 0), Buffer.concat([header.take(), value.subarray(0, CHUNK_BYTES)])]]
    for (let chunk = 1; chunk < count; chunk++)
      entries.push([keyOf(id, chunk), value.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES)])
    for (let chunk = count; chunk < (this.#chunks.get(id) ?? 1); chunk++) entries.push([keyOf(id, chunk), null])
    if (count > 1) this.#chunks.set(id, count)
    else this.#chunks.delete(id)
    return entries
  }
}

const keyOf = (id: number, chunk: number) => `v/${id.toString(36)}/${chunk}`
