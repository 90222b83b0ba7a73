import { setTimeout as sleep } from 'node:timers/promises'
import type { TopicPartition } from '../log.js'
import { nameOf } from './by-topic.js'
import type { Connection } from './connection.js'
import { type FetchedPartition, fetchFrom } from './fetch.js'
import { END, type Offsets } from './offsets.js'

const MAX_WAIT_MS = 250
const BACK_OFF_MS = 500
/** What is committed at about the same time is told of at once. */
const PAUSE_MS = 5
/** The least a broker sends: what is waited for is the end, not the records. */
const LEAST_BYTES = 1
/** Of a partition that is read as soon as it has something. */
const AHEAD_BYTES = 256 * 1024

type Callback = (topic: string, partition: number) => void

/**
 * Tells of topics to which something was committed: a fetch at the end waits at the broker until it moves. It brings the records
 * along of those partitions whose last records were taken, so that a reader who keeps up needs no request of its own.
 */
export class Watcher {
  readonly #callbacks = new Map<string, Set<Callback>>()
  readonly #ends = new Map<string, number>()
  /** Partitions that were read at their end. */
  readonly #wanted = new Set<string>()
  readonly #ahead = new Map<string, { readonly offset: number; readonly reply: FetchedPartition }>()
  #running: Promise<void> | undefined

  /** @param connection of this watcher alone */
  constructor(
    private readonly connection: Connection,
    private readonly offsets: Offsets
  ) {}

  watch(topics: readonly string[], callback: Callback): () => void {
    for (const topic of topics) this.#callbacks.set(topic, (this.#callbacks.get(topic) ?? new Set()).add(callback))
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return () => {
      for (const topic of topics) {
        const callbacks = this.#callbacks.get(topic)
        callbacks?.delete(callback)
        if (callbacks?.size === 0) this.#callbacks.delete(topic)
      }
    }
  }

  /** What the watch brought along from this offset on. */
  take(partition: TopicPartition, offset: number): FetchedPartition | undefined {
    const name = nameOf(partition)
    const ahead = this.#ahead.get(name)
    this.#ahead.delete(name)
    if (ahead?.offset === offset || this.#ends.get(name) === offset) this.#wanted.add(name)
    return ahead?.offset === offset ? ahead.reply : undefined
  }

  async close(): Promise<void> {
    this.#callbacks.clear()
    await this.connection.close()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#callbacks.size > 0) {
      try {
        await this.#wait()
        await sleep(PAUSE_MS)
      } catch {
        if (this.connection.closed) return
        this.connection.forget()
        this.#ends.clear()
        this.#ahead.clear()
        await sleep(BACK_OFF_MS)
      }
    }
  }

  async #wait(): Promise<void> {
    const partitions: TopicPartition[] = []
    for (const topic of this.#callbacks.keys())
      for (let partition = 0; partition < (await this.connection.partitions(topic)); partition++) partitions.push({ topic, partition })
    const unknown = partitions.filter(partition => !this.#ends.has(nameOf(partition)))
    const ends = await Promise.all(unknown.map(partition => this.offsets.at(partition, END)))
    for (const [i, partition] of unknown.entries()) this.#moved(partition, ends[i]!)
    await Promise.all(
      [...(await this.connection.byLeader(partitions))].map(async ([broker, own]) => {
        const from = own.map(partition => ({ ...partition, offset: this.#ends.get(nameOf(partition))!, maxBytes: this.#bytes(partition) }))
        const maxBytes = from.reduce((sum, one) => sum + one.maxBytes, 0)
        const fetched = await fetchFrom(this.connection, broker, from, { maxWaitMs: MAX_WAIT_MS, maxBytes })
        for (const reply of fetched) this.#arrived(reply)
      })
    )
  }

  #bytes(partition: TopicPartition): number {
    return this.#wanted.has(nameOf(partition)) ? AHEAD_BYTES : LEAST_BYTES
  }

  #arrived(reply: FetchedPartition): void {
    if (reply.error !== undefined) throw reply.error
    const name = nameOf(reply)
    const offset = this.#ends.get(name)!
    if (reply.lastStableOffset <= offset) return
    // Without bytes others may have left no room for what there is.
    if (this.#wanted.delete(name) && reply.bytes.length > 0) this.#ahead.set(name, { offset, reply })
    this.#moved(reply, reply.lastStableOffset)
  }

  #moved(partition: TopicPartition, end: number): void {
    this.#ends.set(nameOf(partition), end)
    for (const callback of this.#callbacks.get(partition.topic) ?? []) callback(partition.topic, partition.partition)
  }
}
