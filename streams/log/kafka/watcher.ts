import { setTimeout as sleep } from 'node:timers/promises'
import type { TopicPartition } from '../log.js'
import { nameOf } from './by-topic.js'
import type { Connection } from './connection.js'
import { fetchFrom } from './fetch.js'
import { END, type Offsets } from './offsets.js'

const MAX_WAIT_MS = 250
const BACK_OFF_MS = 500
/** The least a broker sends: what is waited for is the end, not the records. */
const LEAST_BYTES = 1

type Callback = (topic: string) => void

/** Tells of topics to which something was committed: a fetch at the end waits at the broker until it moves. */
export class Watcher {
  readonly #callbacks = new Map<string, Set<Callback>>()
  readonly #ends = new Map<string, number>()
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

  async close(): Promise<void> {
    this.#callbacks.clear()
    await this.connection.close()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#callbacks.size > 0) {
      try {
        await this.#wait()
      } catch {
        if (this.connection.closed) return
        this.connection.forget()
        this.#ends.clear()
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
        const from = own.map(partition => ({ ...partition, offset: this.#ends.get(nameOf(partition))!, maxBytes: LEAST_BYTES }))
        const fetched = await fetchFrom(this.connection, broker, from, { maxWaitMs: MAX_WAIT_MS, maxBytes: LEAST_BYTES })
        for (const { topic, partition, error, lastStableOffset } of fetched) {
          if (error !== undefined) throw error
          if (lastStableOffset > this.#ends.get(nameOf({ topic, partition }))!) this.#moved({ topic, partition }, lastStableOffset)
        }
      })
    )
  }

  #moved(partition: TopicPartition, end: number): void {
    this.#ends.set(nameOf(partition), end)
    for (const callback of this.#callbacks.get(partition.topic) ?? []) callback(partition.topic)
  }
}
