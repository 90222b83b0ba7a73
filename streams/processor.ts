/**
 * What a processor is: a named value that lists its edges (topics and processors it reads, topics it writes, stores it
 * owns) and creates its instance for one task. Everything here is synchronous: nothing interleaves, so a replay is
 * deterministic. The names are Kafka Streams'.
 */
import type { TaskId } from './log/log.js'

/** Maps a topic's name to the type of its values; keys are strings. */
export type TopicTypes = object

export interface Serde<V> {
  encode(value: V): Uint8Array
  decode(bytes: Uint8Array): V
}

/** The record being processed: where it came from. `timestamp` is its record time. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
}

/** What arrives from a topic. The value is decoded; a record that can't be is given to `undecodable`. */
export type TopicRecord<T, N extends keyof T = keyof T> = {
  [K in N]: { readonly topic: K; readonly key: string; readonly value: T[K] } & Omit<RecordMetadata, 'topic'>
}[N]

/** An ordered key-value store with a changelog; reads see this task's own uncommitted writes. */
export interface KeyValueStore<V> {
  get(key: string): V | undefined
  put(key: string, value: V): void
  delete(key: string): void
  /** In the order of the keys' UTF-8 bytes; `gte` inclusive, `lt` exclusive. */
  range(options: { gte?: string; lt?: string; reverse?: boolean; limit?: number }): Iterable<[string, V]>
}

/** A dictionary of strings that lives beside a merge store: ids are small, dense, never reused. */
export interface Dictionary {
  intern(name: string): number
  /** Undefined: never interned. */
  find(name: string): number | undefined
  name(id: number): string
  readonly size: number
}

/**
 * The fold of a merge store. Folding must be associative over a key's operands: a value restored from its last full copy
 * and the operands since is the value that was. `Op` is written once per commit and key in packed form.
 */
export interface MergeFold<V, Op> {
  /** Written into the changelog: restoring from another version wipes and restores. */
  readonly version: number
  empty(): V
  /** Folds in place; may keep nothing of `operand`. */
  merge(value: V, operand: Op): void
  writeOperand(operand: Op, out: ByteWriter): void
  readOperand(input: ByteReader): Op
  write(value: V, out: ByteWriter): void
  read(input: ByteReader): V
  /** About how many bytes of memory it occupies. */
  sizeOf(value: V): number
}

/**
 * RocksDB's merge operator as a store: values in memory, operands in the changelog, full values written later. A key may have a value
 * for each of many windows (days, for example): 0, which is the default, to 2^29 - 1. The names of all keys stay in memory, windows do not.
 */
export interface MergeStore<V, Op> {
  readonly dictionary: Dictionary
  /** Undefined: no operand was ever merged under the key. */
  get(key: string, window?: number): V | undefined
  merge(key: string, operand: Op, window?: number): void
  /** As `merge` in window 0, by the key's id of the dictionary. */
  mergeAt(id: number, operand: Op): void
}

export interface ByteWriter {
  u8(value: number): void
  u32(value: number): void
  i32(value: number): void
  varint(value: number): void
  f64(value: number): void
  string(value: string): void
  bytes(value: Uint8Array): void
}
export interface ByteReader {
  readonly remaining: number
  u8(): number
  u32(): number
  i32(): number
  varint(): number
  f64(): number
  string(): string
  bytes(length: number): Uint8Array
}

export type StoreSpec<V = any, Op = any> =
  | { readonly kind: 'keyValue'; readonly name: string; readonly serde: Serde<V> }
  | { readonly kind: 'merge'; readonly name: string; readonly fold: MergeFold<V, Op> }

export const keyValueStore = <V>(name: string, serde: Serde<V>) => ({ kind: 'keyValue', name, serde }) as const
export const mergeStore = <V, Op>(name: string, fold: MergeFold<V, Op>) => ({ kind: 'merge', name, fold }) as const

export type StoreOf<S> = S extends { kind: 'keyValue'; serde: Serde<infer V> }
  ? KeyValueStore<V>
  : S extends { kind: 'merge'; fold: MergeFold<infer V, infer Op> }
    ? MergeStore<V, Op>
    : never
export type StoresOf<S> = { readonly [K in keyof S]: StoreOf<S[K]> }

export interface Context<T, To extends keyof T, S, Down> {
  readonly task: TaskId
  /** Partitions of the topics written with `send`'s `partition`. */
  partitions(topic: To): number
  /** The partition that a key of a topic belongs to: murmur2 over its UTF-8 bytes, as Kafka's own clients do. */
  partitionFor(topic: To, key: string): number
  /** The greatest record time this task has read; -1 before the first. */
  readonly streamTime: number
  /** The record being processed. */
  readonly record: RecordMetadata
  readonly stores: StoresOf<S>
  /** To a topic, in this commit's transaction. Partitioned by the key unless told. Null: a tombstone. */
  send<N extends To>(topic: N, key: string, value: T[N] | null, partition?: number): void
  /** To the processors that name this one in `from`, at once. */
  forward(value: Down): void
  /** The record being processed can't be accepted: to the dead-letter topic with its original bytes, in this transaction. */
  reject(code: string, reason: string): void
  /** Counts something for who observes (a metric's label); counted when the commit is. */
  count(what: string): void
}

export interface ProcessorInstance<In> {
  process(input: In): void
  /** A record of one of its topics could not be decoded: the engine has sent it to the dead letters. */
  undecodable?(): void
  /** Once per minute of stream time, rising. */
  punctuate?(streamTime: number): void
  /** Before a commit: send what was merged since the last one. Nothing may be remembered beyond it. */
  flush?(): void
  /**
   * For a processor with a merge store: send what downstream should know of a changed key. Called in the commit while the
   * task keeps up with its input; later, once for many changes, while it is behind (Kafka Streams' `suppress`). Never lost:
   * keys not yet emitted are part of the state.
   */
  emit?(key: string, window: number): void
}

export interface Processor<T = any, In = any, To extends keyof T = any, S extends Record<string, StoreSpec> = any, Down = any> {
  readonly name: string
  /** Topics, or processors whose `forward` it receives. */
  readonly from: readonly (string | Processor)[]
  readonly to: readonly To[]
  readonly stores: S
  create(context: Context<T, To, S, Down>): ProcessorInstance<In>
}
