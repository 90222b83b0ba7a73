import type { Log, LogRecord, TopicPartition } from '../../../streams/log/log.js'

/** Reads topics as they grow, before anything of them is purged or compacted. What is committed is read once, in order. */
export class Tail {
  readonly #records = new Map<string, LogRecord[]>()
  readonly #next = new Map<string, number>()
  #reading: Promise<void> = Promise.resolve()
  #stop: () => void = () => {}
  #log: Log | undefined

  constructor(private readonly partitions: readonly TopicPartition[]) {}

  /** Reads on in a log, from then on whenever something is appended. What the log has lost is forgotten. */
  async follow(log: Log): Promise<void> {
    this.#stop()
    this.#log = log
    await this.#reading
    for (const partition of this.partitions) {
      const name = `${partition.topic}/${partition.partition}`
      const end = await log.endOffset(partition)
      this.#next.set(name, Math.min(end, this.#next.get(name) ?? 0))
      this.#records.get(name)?.splice(end)
    }
    this.#stop = log.onAppend([...new Set(this.partitions.map(({ topic }) => topic))], () => void this.catchUp())
  }

  catchUp(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read(this.#log!))
    return this.#reading
  }

  records(topic: string, partition: number): readonly LogRecord[] {
    return this.#records.get(`${topic}/${partition}`) ?? []
  }

  async #read(log: Log): Promise<void> {
    for (const partition of this.partitions) {
      const name = `${partition.topic}/${partition.partition}`
      const records = this.#records.get(name) ?? []
      this.#records.set(name, records)
      const end = await log.endOffset(partition)
      for (let next = this.#next.get(name) ?? 0; next < end; this.#next.set(name, next)) {
        const fetched = await log.fetch(partition, next, 1 << 20)
        if (log !== this.#log) return
        for (const record of fetched.records) {
          if (record.offset !== records.length) throw new Error(`${name} has a hole before offset ${record.offset}`)
          records.push(record)
        }
        next = fetched.nextOffset
      }
    }
  }
}
