/** Writes what the API tells to its topics, in the background. */
import type { AnswerTopic, TopicValues } from '../schemas/catalogue.js'
import type { Codec } from '../schemas/codec.js'
import type { Log, NewRecord } from '../streams/log/log.js'

type Fact = { [T in AnswerTopic]: { readonly topic: T; readonly value: TopicValues[T] } }[AnswerTopic]

export interface FactsOptions {
  readonly log: Pick<Log, 'send'>
  readonly codec: Pick<Codec, 'encode'>
  /** Facts that wait to be written; more are lost. */
  readonly most?: number
  /** How long the first one waits for others, milliseconds. */
  readonly lingerMs?: number
  /** Takes sentences for the log. */
  readonly onNotice: (sentence: string) => void
}

const MOST = 5_000
const LINGER_MS = 50
const BATCH = 500

/** One batch is under way at a time: a log that is slow fills the buffer, never the memory. */
export class FactWriter {
  readonly #options: Required<FactsOptions>
  #waiting: Fact[] = []
  #running: Promise<void> | undefined
  #written = 0
  #lost = 0
  #failing = false

  constructor(options: FactsOptions) {
    this.#options = { most: MOST, lingerMs: LINGER_MS, ...options }
  }

  tell(fact: Fact): void {
    if (this.#waiting.length >= this.#options.most) {
      this.#lost++
      return
    }
    this.#waiting.push(fact)
    this.#running ??= this.#run()
  }

  async write(facts: readonly Fact[]): Promise<void> {
    await this.#send(facts)
  }

  counts(): { written: number; lost: number; waiting: number } {
    return { written: this.#written, lost: this.#lost, waiting: this.#waiting.length }
  }

  /** Resolves when nothing waits any more. */
  async close(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, this.#options.lingerMs))
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH)
      try {
        await this.#send(batch)
        this.#failing = false
      } catch (error) {
        this.#lost += batch.length
        if (!this.#failing) this.#options.onNotice(`What was recommended can't be written, and is lost: ${(error as Error).message}`)
        this.#failing = true
      }
    }
    this.#running = undefined
  }

  async #send(facts: readonly Fact[]): Promise<void> {
    const { log, codec } = this.#options
    const records = facts.map(
      ({ topic, value }): NewRecord => ({ topic, key: Buffer.from(value.user_id), value: codec.encode(topic, value) })
    )
    await log.send(records)
    this.#written += facts.length
  }
}
