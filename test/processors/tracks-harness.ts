import type { TopicName, TopicValues } from '../../schemas/catalogue.js'
import { Bytes, BytesReader } from '../../streams/bytes.js'
import type {
  Context,
  Dictionary,
  KeyValueStore,
  MergeFold,
  MergeStore,
  Processor,
  ProcessorInstance,
  StoreSpec
} from '../../streams/processor.js'

export class FakeDictionary implements Dictionary {
  readonly names: string[] = []
  readonly ids = new Map<string, number>()

  intern(name: string): number {
    const known = this.ids.get(name)
    if (known !== undefined) return known
    this.ids.set(name, this.names.length)
    return this.names.push(name) - 1
  }

  find(name: string): number | undefined {
    return this.ids.get(name)
  }

  name(id: number): string {
    const name = this.names[id]
    if (name === undefined) throw new Error(`no name has the id ${id}`)
    return name
  }
  get size(): number {
    return this.names.length
  }
}

/** Numerical Recipes' linear congruential generator. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const written = <V, Op>(fold: MergeFold<V, Op>, value: V): Buffer => {
  const out = new Bytes()
  fold.write(value, out)
  return out.take()
}

/** A merge store that keeps the operands as they would be logged, and can come back from them or from full values. */
const WINDOW = '\u0000'
/** Without windows, the key itself. */
const placeOf = (key: string, window: number) => (window === 0 ? key : key + WINDOW + window)

export class FakeMergeStore<V, Op> implements MergeStore<V, Op> {
  readonly dictionary = new FakeDictionary()
  readonly #changed = new Set<string>()
  #values = new Map<string, V>()
  #operands: [key: string, bytes: Buffer][] = []

  constructor(readonly fold: MergeFold<V, Op>) {}

  get(key: string, window = 0): V | undefined {
    return this.#values.get(placeOf(key, window))
  }

  merge(key: string, operand: Op, window = 0): void {
    const out = new Bytes(64)
    const place = placeOf(key, window)
    this.fold.writeOperand(operand, out)
    this.#operands.push([place, out.take()])
    this.#apply(place, operand)
    this.#changed.add(place)
  }

  /** What was merged since this was last asked. */
  changed(): [key: string, window: number][] {
    const places = [...this.#changed].map(place => place.split(WINDOW))
    this.#changed.clear()
    return places.map(([key, window = 0]) => [key!, Number(window)])
  }

  mergeAt(id: number, operand: Op): void {
    this.merge(this.dictionary.name(id), operand)
  }

  written = (key: string): Buffer => written(this.fold, this.#values.get(key)!)

  /** As after a restart: `operands`: all of them folded anew; `values`: each value written and read. */
  restore(from: 'operands' | 'values'): void {
    const values = this.#values
    this.#values = new Map()
    if (from === 'values')
      for (const [key, value] of values) this.#values.set(key, this.fold.read(new BytesReader(written(this.fold, value))))
    else for (const [key, bytes] of this.#operands) this.#apply(key, this.fold.readOperand(new BytesReader(bytes)))
  }

  #apply(key: string, operand: Op): void {
    let value = this.#values.get(key)
    if (value === undefined) {
      value = this.fold.empty()
      this.#values.set(key, value)
    }
    this.fold.merge(value, operand)
    if (!(this.fold.sizeOf(value) > 0)) throw new Error('a value has a size')
  }
}

export class FakeKeyValueStore<V> implements KeyValueStore<V> {
  readonly values = new Map<string, V>()

  get(key: string): V | undefined {
    return this.values.get(key)
  }

  put(key: string, value: V): void {
    this.values.set(key, value)
  }

  delete(key: string): void {
    this.values.delete(key)
  }

  *range({ gte = '', lt, limit = Number.POSITIVE_INFINITY }: { gte?: string; lt?: string; limit?: number }): Iterable<[string, V]> {
    const keys = [...this.values.keys()].filter(key => key >= gte && (lt === undefined || key < lt)).sort()
    for (const key of keys.slice(0, limit)) yield [key, this.values.get(key)!]
  }
}

/** Runs one processor as one task: `send` keeps the latest value of each key of each topic. */
export class Task<In> {
  readonly merges: FakeMergeStore<any, any>
  /** Empty where the processor has no key-value store. */
  readonly keyValues: FakeKeyValueStore<any>
  readonly sent = new Map<string, TopicValues[TopicName] | null>()
  sends = 0
  streamTime = -1
  #instance: ProcessorInstance<In>
  readonly #create: () => ProcessorInstance<In>

  constructor(processor: Processor<TopicValues, In, any, Record<string, StoreSpec>, never>, partition = 0) {
    const stores: Record<string, FakeMergeStore<any, any> | FakeKeyValueStore<any>> = {}
    for (const [field, spec] of Object.entries(processor.stores)) {
      stores[field] = spec.kind === 'merge' ? new FakeMergeStore(spec.fold) : new FakeKeyValueStore()
    }
    this.merges = Object.values(stores).find(store => store instanceof FakeMergeStore)!
    this.keyValues = Object.values(stores).find(store => store instanceof FakeKeyValueStore) ?? new FakeKeyValueStore()
    const task = this
    const context: Context<TopicValues, any, any, never> = {
      task: { unit: 'test', partition },
      partitions: () => 1,
      partitionFor: () => 0,
      get streamTime() {
        return task.streamTime
      },
      record: { topic: 'test', partition, offset: 0, timestamp: 0 },
      stores,
      send: (topic: string, key: string, value: TopicValues[TopicName] | null) => {
        this.sends++
        this.sent.set(`${topic} ${key}`, value)
      },
      count: () => {},
      forward: () => {},
      reject: (code, reason) => {
        throw new Error(`${code}: ${reason}`)
      }
    }
    this.#create = () => processor.create(context)
    this.#instance = this.#create()
  }

  process(topic: TopicName, value: unknown, timestamp: number): void {
    this.streamTime = Math.max(this.streamTime, timestamp)
    this.#instance.process({ topic, key: '0', value, partition: 0, offset: 0, timestamp } as In)
  }

  punctuate(streamTime: number): void {
    this.streamTime = Math.max(this.streamTime, streamTime)
    this.#instance.punctuate?.(streamTime)
  }

  commit(emit = true): void {
    this.#instance.flush?.()
    if (!emit) return
    for (const [key, window] of this.merges.changed()) this.#instance.emit?.(key, window)
  }

  restart(from: 'operands' | 'values'): void {
    this.merges.restore(from)
    this.#instance = this.#create()
  }
}
