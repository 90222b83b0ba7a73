/** The lake sink: a member of a consumer group, with one writer for each input partition that it is given. */
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type SourceTopic, sourceTopics } from '../../schemas/catalogue.js'
import { type Consumer, ProducerFencedError, type TaskId, type TopicPartition } from '../../streams/log/log.js'
import { Encoder } from './encoder.js'
import { Janitor } from './janitor.js'
import { type LakeOptions, RETRY_MS } from './options.js'
import { PartitionWriter } from './partition-writer.js'
import { Turns } from './turns.js'

/** `position`: the first record that is not in the lake. */
export type LakeLag = TopicPartition & { readonly records: number; readonly position: number }

export interface LakeSink {
  /** Records that are in the log and not yet in the lake, of the partitions that are written here. */
  lag(): Promise<LakeLag[]>
  /** Writes what is in the log at the call; resolves when it is in the lake. Rejects with the reason when an attempt fails. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Of each partition, how often to look for something to write: an eighth of the age of a file, in these bounds. */
const LEAST_TICK_MS = 20
const MOST_TICK_MS = 2_000
/** Files that are encoded or on their way at a time: bounds the memory. */
const AT_ONCE = 2
/** Long enough to hear from the group that the partition went elsewhere. */
const FENCED_MS = 500
/** An upload that takes longer is left to itself: whoever comes next repeats its plan. */
const STOP_MS = 3_000

/** Joins the group; returns when the first assignment may come. What fails later is tried again for ever, and told. */
export async function startLake(options: LakeOptions): Promise<LakeSink> {
  const sink = new Sink(options)
  await sink.start()
  return sink
}

interface Running {
  readonly writer: PartitionWriter
  readonly stop: AbortController
  readonly ended: Promise<void>
}

class Sink implements LakeSink {
  readonly #running = new Map<string, Running>()
  readonly #turns = new Turns(AT_ONCE)
  readonly #encoder: Encoder
  readonly #janitor: Janitor
  readonly #tickMs: number
  #consumer: Consumer | undefined
  #flushes: { readonly ends: Map<string, number>; resolve(): void; reject(error: unknown): void }[] = []

  constructor(private readonly options: LakeOptions) {
    this.#encoder = new Encoder(options.registry)
    this.#janitor = new Janitor(options, this.#encoder, ({ topic, partition }) => this.#running.has(nameOf(topic, partition)))
    this.#tickMs = Math.min(Math.max(options.rotation.ageMs / 8, LEAST_TICK_MS), MOST_TICK_MS)
  }

  async start(): Promise<void> {
    const units = sourceTopics.map(topic => ({ name: topic, topics: [topic] }))
    this.#consumer = await this.options.log.join(this.options.group, units, {
      assigned: async tasks => tasks.forEach(this.#begin),
      revoked: tasks => this.#end(tasks),
      lost: tasks => this.#end(tasks)
    })
    this.#janitor.start()
  }

  async lag(): Promise<LakeLag[]> {
    const { log } = this.options
    return Promise.all(
      [...this.#running.values()].map(async ({ writer: { id, position } }) => ({
        ...id,
        position,
        records: Math.max(0, (await log.endOffset(id)) - position)
      }))
    )
  }

  async flush(): Promise<void> {
    const ends = new Map<string, number>()
    for (const topic of sourceTopics)
      for (const { writer } of this.#running.values())
        if (writer.id.topic === topic) ends.set(nameOf(topic, writer.id.partition), await this.options.log.endOffset(writer.id))
    await new Promise<void>((resolve, reject) => {
      this.#flushes.push({ ends, resolve, reject })
      this.#flushed()
    })
  }

  async close(): Promise<void> {
    await this.#janitor.close()
    await this.#consumer?.close()
    await this.#end([...this.#running.values()].map(({ writer: { id } }) => ({ unit: id.topic, partition: id.partition })))
    await this.#encoder.close()
    for (const { reject } of this.#flushes.splice(0)) reject(new Error('The lake was closed.'))
  }

  readonly #begin = ({ unit, partition }: TaskId): void => {
    const writer = new PartitionWriter({ topic: unit as SourceTopic, partition }, this.options, this.#encoder)
    const stop = new AbortController()
    setMaxListeners(0, stop.signal)
    this.#running.set(nameOf(unit, partition), { writer, stop, ended: this.#run(writer, stop.signal) })
  }

  async #end(tasks: readonly TaskId[]): Promise<void> {
    const ending = tasks.map(({ unit, partition }) => nameOf(unit, partition)).filter(name => this.#running.has(name))
    for (const name of ending) this.#running.get(name)!.stop.abort()
    const ended = Promise.all(ending.map(name => this.#running.get(name)!.ended))
    await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })])
    for (const name of ending) this.#running.delete(name)
  }

  /** Writes until it is stopped. An attempt that fails begins anew from what was committed. */
  async #run(writer: PartitionWriter, signal: AbortSignal): Promise<void> {
    const { retryMs = RETRY_MS } = this.options
    let failures = 0
    let isOpen = false
    while (!signal.aborted) {
      try {
        if (!isOpen) await writer.open()
        isOpen = true
        const wrote = (await writer.isDue(this.#isFlushing(writer))) && (await this.#turns.take(() => this.#write(writer, signal)))
        if (failures > 0) this.options.onNotice(`${labelOf(writer)} is written to the lake again.`)
        failures = 0
        this.#flushed()
        if (!wrote) await sleep(this.#flushes.length > 0 ? LEAST_TICK_MS : this.#tickMs, undefined, { signal }).catch(() => {})
      } catch (error) {
        isOpen = false
        const wait = error instanceof ProducerFencedError ? FENCED_MS : retryMs[Math.min(failures, retryMs.length - 1)]!
        for (const { reject } of this.#flushes.splice(0)) reject(error)
        if (failures++ < retryMs.length && !signal.aborted) this.#tell(writer, error, wait)
        await sleep(wait, undefined, { signal }).catch(() => {})
      }
    }
    await writer.close()
  }

  /** True: there may be more. */
  async #write(writer: PartitionWriter, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    const keys = await writer.write()
    for (const key of keys ?? []) this.#janitor.wrote(key)
    return keys !== undefined
  }

  #tell(writer: PartitionWriter, error: unknown, wait: number): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.options.onNotice(`${labelOf(writer)} can't be written to the lake. ${reason} The next attempt is in ${wait} ms.`)
  }

  #isFlushing({ id, position }: PartitionWriter): boolean {
    return this.#flushes.some(({ ends }) => (ends.get(nameOf(id.topic, id.partition)) ?? 0) > position)
  }

  #flushed(): void {
    const positions = new Map([...this.#running].map(([name, { writer }]) => [name, writer.position]))
    this.#flushes = this.#flushes.filter(({ ends, resolve }) => {
      const isDone = [...ends].every(([name, end]) => (positions.get(name) ?? end) >= end)
      if (isDone) resolve()
      return !isDone
    })
  }
}

const nameOf = (topic: string, partition: number) => `${topic}-${partition}`
const labelOf = ({ id }: PartitionWriter) => nameOf(id.topic, id.partition)
