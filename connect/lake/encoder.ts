/** Encodes plans and merges files in a thread of its own, one request after the other. */
import { Worker } from 'node:worker_threads'
import { catalogue, type SourceTopic, sourceTopics } from '../../schemas/catalogue.js'
import { ExpiringSet } from '../../schemas/expiring-set.js'
import { type Registry, subjectOf } from '../../schemas/registry.js'
import { readSchema } from '../../schemas/sources.js'
import { type EncodedFile, type PlanRecord, schemaIdOf } from './encode.js'
import type { Reply, Request, ThreadData } from './encoder-thread.js'
import { DamagedFileError } from './file-reader.js'
import type { Coverage } from './file-writer.js'
import type { Part } from './merge.js'
import { buffersOf, packRecords } from './packed-records.js'
import { Turns } from './turns.js'

const ABSENT_MS = 60_000
const ABSENT_LIMIT = 1_000
const THREAD_MB = 512
/** Rows are garbage soon: more room for them makes it no faster. */
const YOUNG_MB = 8

/** One plan's way to files. */
export interface Encoding {
  /** Schema ids that the registry did not have. */
  readonly absent: ReadonlySet<number>
  /** @throws RegistryUnavailableError try the plan again later. */
  add(records: readonly PlanRecord[]): Promise<void>
  finish(covers: Coverage): Promise<EncodedFile[]>
}

export class Encoder {
  #thread: Promise<Worker> | undefined
  readonly #known = new Set<number>()
  readonly #absent = new ExpiringSet(ABSENT_MS, ABSENT_LIMIT, Date.now)
  readonly #waiting: { resolve(value: unknown): void; reject(error: unknown): void }[] = []
  readonly #turns = new Turns(1)

  constructor(private readonly registry: Registry) {}

  /** Runs `work` when no other plan is being encoded. `absent` is given where a plan is written again. */
  encode<T>(
    topic: SourceTopic,
    partition: number,
    absent: readonly number[] | undefined,
    work: (encoding: Encoding) => Promise<T>
  ): Promise<T> {
    return this.#turns.take(async () => {
      await this.#request({ op: 'begin', topic, partition })
      const missing = new Set(absent)
      const add = async (records: readonly PlanRecord[]) => {
        await this.#learn(records, missing, absent === undefined)
        const packed = packRecords(records)
        await this.#request({ op: 'add', records: packed, absent: [...missing] }, buffersOf(packed))
      }
      return work({ absent: missing, add, finish: covers => this.#request({ op: 'finish', covers }) as Promise<EncodedFile[]> })
    })
  }

  /** @throws DamagedFileError */
  merge(parts: readonly Part[]): Promise<{ bytes: Uint8Array; rows: number }> {
    return this.#turns.take(() => this.#request({ op: 'merge', parts }) as Promise<{ bytes: Uint8Array; rows: number }>)
  }

  async close(): Promise<void> {
    const thread = await this.#thread?.catch(() => undefined)
    await thread?.terminate()
  }

  /** Tells the thread the schemas that the records name. A plan that is written again knows which ones were absent. */
  async #learn(records: readonly PlanRecord[], missing: Set<number>, isNew: boolean): Promise<void> {
    for (const { value } of records) {
      const id = schemaIdOf(value)
      if (id === undefined || this.#known.has(id) || missing.has(id)) continue
      const schema = isNew && this.#absent.has(id) ? undefined : await this.registry.schema(id)
      if (schema === undefined) {
        this.#absent.add(id)
        missing.add(id)
      } else {
        await this.#request({ op: 'schema', id, schema })
        this.#known.add(id)
      }
    }
  }

  async #request(request: Request, transfer: ArrayBuffer[] = []): Promise<unknown> {
    this.#thread ??= this.#start().catch(error => {
      this.#thread = undefined
      throw error
    })
    const thread = await this.#thread
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      thread.ref()
      thread.postMessage(request, transfer)
    })
  }

  async #start(): Promise<Worker> {
    const ids = new Map<string, number>()
    for (const topic of sourceTopics)
      ids.set(subjectOf(topic), await this.registry.register(subjectOf(topic), readSchema(catalogue[topic].schema)))
    const thread = new Worker(new URL('./encoder-thread.js', import.meta.url), {
      workerData: { ids } satisfies ThreadData,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MB, maxYoungGenerationSizeMb: YOUNG_MB }
    })
    thread.on('message', (reply: Reply) => {
      const { resolve, reject } = this.#waiting.shift()!
      if (this.#waiting.length === 0) thread.unref()
      if ('value' in reply) resolve(reply.value)
      else reject(reply.name === 'DamagedFileError' ? new DamagedFileError(reply.error) : new Error(reply.error))
    })
    thread.on('error', error => this.#ended(error))
    thread.on('exit', () => this.#ended(new Error('The thread that writes the lake ended.')))
    thread.unref()
    return thread
  }

  /** Whoever waits tries again, with a new thread. */
  #ended(error: unknown): void {
    this.#thread = undefined
    this.#known.clear()
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
