import { nameOf } from './by-topic.js'
import type { Connection } from './connection.js'
import { type FetchedPartition, type FetchFrom, fetchFrom } from './fetch.js'

const REPLY_BYTES = 16 * 1024 * 1024

interface Wanted {
  readonly from: FetchFrom
  resolve(reply: FetchedPartition): void
  reject(error: unknown): void
}

/** Fetches that don't wait for records. One is under way at a time; what is asked for meanwhile goes together into the next. */
export class Reads {
  #wanted: Wanted[] = []
  #running = false

  constructor(private readonly connection: Connection) {}

  fetch(from: FetchFrom): Promise<FetchedPartition> {
    return new Promise((resolve, reject) => {
      this.#wanted.push({ from, resolve, reject })
      if (!this.#running) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#wanted.length > 0) {
      await new Promise(resolve => setImmediate(resolve))
      await this.#round(this.#take())
    }
    this.#running = false
  }

  /** A request asks for a partition once. */
  #take(): Wanted[] {
    const taken = new Map<string, Wanted>()
    const later: Wanted[] = []
    for (const one of this.#wanted) {
      const name = nameOf(one.from)
      if (taken.has(name)) later.push(one)
      else taken.set(name, one)
    }
    this.#wanted = later
    return [...taken.values()]
  }

  async #round(wanted: readonly Wanted[]): Promise<void> {
    try {
      const byName = new Map(wanted.map(one => [nameOf(one.from), one]))
      const leaders = await this.connection.byLeader(wanted.map(({ from }) => from))
      await Promise.all(
        [...leaders].map(([broker, own]) =>
          this.#from(
            broker,
            own.map(at => byName.get(nameOf(at))!)
          )
        )
      )
    } catch (error) {
      for (const { reject } of wanted) reject(error)
    }
  }

  async #from(broker: Parameters<typeof fetchFrom>[1], wanted: readonly Wanted[]): Promise<void> {
    try {
      const maxBytes = Math.min(
        REPLY_BYTES,
        wanted.reduce((sum, { from }) => sum + from.maxBytes, 0)
      )
      const from = wanted.map(one => one.from)
      const replies = await fetchFrom(this.connection, broker, from, { maxWaitMs: 0, maxBytes })
      const byName = new Map(replies.map(reply => [nameOf(reply), reply]))
      for (const one of wanted) {
        const reply = byName.get(nameOf(one.from))!
        // The others left no room for it: it is asked for again.
        const crowdedOut = wanted.length > 1 && !reply.error && reply.bytes.length === 0 && reply.lastStableOffset > one.from.offset
        if (crowdedOut) await this.#from(broker, [one])
        else one.resolve(reply)
      }
    } catch (error) {
      for (const { reject } of wanted) reject(error)
    }
  }
}
