import type { StoreEntry as Entry, StoreSnapshot, TaskStore } from '../../state/store.js'
import { BytesReader } from '../bytes.js'
import type { MergeFold } from '../processor.js'
import { StoreDictionary } from './dictionary.js'
import { OperandRing } from './operand-ring.js'
import { ValueChunks } from './value-chunks.js'

type Reads = Pick<TaskStore, 'get' | 'range'>

/** The entries of a few ranges of a snapshot, to be read without waiting; `get` sees all of it. */
export async function prefetched(snapshot: StoreSnapshot, space: string, ranges: readonly { gte: string; lt: string }[]): Promise<Reads> {
  const entries = new Map<string, Entry[]>()
  for (const range of ranges) {
    const found: Entry[] = []
    for await (const entry of snapshot.range(space, range)) found.push(entry)
    entries.set(range.gte, found)
  }
  return { get: (name, key) => snapshot.get(name, key), range: (_, { gte = '' }) => entries.get(gte) ?? [] }
}

/**
 * A merge store whose keys have no windows as it was committed, value by value. In memory are its names and the operands that are
 * not yet in the values, as in the task that owns it, and one value.
 */
export class MergeReader<V, Op> {
  private constructor(
    readonly dictionary: StoreDictionary,
    private readonly values: ValueChunks,
    private readonly ring: OperandRing,
    private readonly fold: MergeFold<V, Op>
  ) {}

  static async open<V, Op>(snapshot: StoreSnapshot, name: string, fold: MergeFold<V, Op>): Promise<MergeReader<V, Op>> {
    const store = (await prefetched(snapshot, name, [
      { gte: 'd/', lt: 'd0' },
      { gte: 'o/', lt: 'o0' }
    ])) as TaskStore
    const dictionary = new StoreDictionary()
    for (const [, block] of store.range(name, { gte: 'd/', lt: 'd0' })) dictionary.loadBlock(block)
    const ring = OperandRing.load(store, name, fold.version, dictionary)
    return new MergeReader(dictionary, new ValueChunks(store, name), ring, fold)
  }

  /** Once. */
  *entries(): Iterable<[key: string, value: V]> {
    for (let id = 0; id < this.dictionary.size; id++) {
      const written = this.values.read(id)
      const pending = this.ring.takePending(id)
      if (written === undefined && pending.length === 0) continue
      const value = written === undefined ? this.fold.empty() : this.fold.read(written.value)
      for (const { sequence, bytes } of pending)
        if (sequence > (written?.sequence ?? 0)) this.fold.merge(value, this.fold.readOperand(new BytesReader(bytes)))
      yield [this.dictionary.name(id), value]
    }
  }
}
