import { MemoryLevel } from 'memory-level'
import { generator } from '../../bench/reference.js'
import type { TaskStore } from '../../state/store.js'
import { StreamsApplication } from '../../streams/application.js'
import { createEmbeddedLog } from '../../streams/log/embedded/log.js'
import { type Log, OutcomeUnknownError, RetriableLogError, type TaskId, type TransactionalProducer } from '../../streams/log/log.js'
import type { CommitStep, RunnerOptions } from '../../streams/runner-options.js'
import { MapStore } from './map-store.js'
import { codec, wordCount } from './word-count.js'

const PARTITIONS = 2
const LINES = 60
const WORDS = ['a', 'b', 'c', 'd', 'e']

class Killed extends Error {}

/** Faults by chance, all from one seed: the same seed gives the same faults. */
class Faults {
  readonly random: () => number
  on = true

  constructor(seed: number) {
    this.random = generator(seed)
  }

  chance(probability: number): boolean {
    return this.on && this.random() < probability
  }
}

/** A log whose commits fail: before anything is written, or after, with the reply lost. */
function faulty(log: Log, faults: Faults): Log {
  const producer = async (id: string): Promise<TransactionalProducer> => {
    const inner = await log.transactionalProducer(id)
    return {
      close: () => inner.close(),
      commit: async transaction => {
        if (faults.chance(0.05)) throw new RetriableLogError('nothing was written')
        if (faults.chance(0.03)) throw new OutcomeUnknownError('the request may be lost')
        const result = await inner.commit(transaction)
        if (faults.chance(0.05)) throw new OutcomeUnknownError('the reply was lost')
        return result
      }
    }
  }
  return new Proxy(log, {
    get: (target, name) => {
      if (name === 'transactionalProducer') return producer
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

/** What a crash leaves of a task's store: any state it once had. */
class Disk {
  readonly #states = new Map<string, MapStore[]>()

  constructor(private readonly faults: Faults) {}

  open(task: TaskId): TaskStore {
    const states = this.#states.get(`${task.unit}-${task.partition}`) ?? [new MapStore()]
    this.#states.set(`${task.unit}-${task.partition}`, states)
    const lost = this.faults.chance(0.3) ? Math.floor(this.faults.random() * states.length) : 0
    states.length -= lost
    if (states.length === 0) states.push(new MapStore())
    const store = states.at(-1)!.copy()
    const write = store.write.bind(store)
    store.write = async batch => {
      await write(batch)
      states.push(store.copy())
      if (states.length > 8) states.shift()
    }
    return store
  }
}

export interface Outcome {
  readonly expected: Record<string, number>
  readonly counts: Record<string, number>
  readonly crashes: number
}

/** Lines through the word count, while instances crash, replies are lost, stores lose their tails and zombies go on. */
export async function simulate(seed: number): Promise<Outcome> {
  const faults = new Faults(seed)
  const log = createEmbeddedLog(new MemoryLevel({ keyEncoding: 'buffer', valueEncoding: 'buffer' }) as never, { housekeepingMs: 0 })
  const opened = await log
  await opened.ensureTopics(
    ['lines', 'words', 'counts', 'letters'].map(name => ({
      name,
      partitions: name === 'letters' ? 1 : PARTITIONS,
      cleanup: 'delete',
      retentionMs: -1
    }))
  )
  const world = new World(opened, faults)
  const expected: Record<string, number> = {}
  await world.start()
  for (let line = 0; line < LINES; line++) {
    const words = Array.from({ length: 1 + Math.floor(faults.random() * 4) }, () => WORDS[Math.floor(faults.random() * WORDS.length)]!)
    for (const word of words) expected[word] = (expected[word] ?? 0) + 1
    await opened.send([{ topic: 'lines', key: Buffer.from(`k${line % 7}`), value: codec.encode('lines', words.join(' ')) }])
    if (faults.random() < 0.2) await new Promise(resolve => setTimeout(resolve, faults.random() * 4))
    if (faults.chance(0.06)) await world.crash()
    else if (faults.chance(0.04)) await world.start()
  }
  faults.on = false
  if (world.instances.length === 0) await world.start()
  const counts = await world.finish(expected)
  await opened.close()
  return { expected, counts, crashes: world.crashes }
}

class World {
  readonly instances: StreamsApplication[] = []
  crashes = 0
  readonly #disk: Disk

  constructor(
    private readonly log: Log,
    private readonly faults: Faults
  ) {
    this.#disk = new Disk(faults)
  }

  async start(): Promise<void> {
    const killAt = (['processed', 'prepared', 'log-committed', 'store-written'] as CommitStep[])[Math.floor(this.faults.random() * 4)]!
    const options: RunnerOptions = {
      applicationId: 'wc',
      topology: wordCount(PARTITIONS),
      codec,
      log: faulty(this.log, this.faults),
      mergeStores: { operandBytes: 120, cacheBytes: 200 },
      openStore: async task => this.#disk.open(task),
      wipeStore: async () => {},
      resolveSchema: async () => {},
      maxCommitRecords: 5,
      commitIntervalMs: 3,
      now: Date.now,
      onNotice: () => {},
      onStep: step => {
        if (step === killAt && this.faults.chance(0.04)) throw new Killed()
      }
    }
    const instance: StreamsApplication = new StreamsApplication(options, error => {
      if (!(error instanceof Killed)) throw error
      // A killed instance commits nothing more; the others learn of it when it leaves the group.
      setTimeout(() => void this.#bury(instance))
    })
    this.instances.push(instance)
    await instance.start()
  }

  async crash(): Promise<void> {
    const instance = this.instances[Math.floor(this.faults.random() * this.instances.length)]
    if (instance !== undefined) await this.#bury(instance)
    if (this.instances.length === 0) await this.start()
  }

  async #bury(instance: StreamsApplication): Promise<void> {
    const at = this.instances.indexOf(instance)
    if (at < 0) return
    this.instances.splice(at, 1)
    this.crashes++
    await instance.abandon()
    await instance.close()
    if (this.instances.length === 0) await this.start()
  }

  /** Liveness: when the faults end, everything comes to rest at the right counts. */
  async finish(expected: Record<string, number>): Promise<Record<string, number>> {
    let counts: Record<string, number> = {}
    for (let round = 0; round < 3000; round++) {
      await new Promise(resolve => setTimeout(resolve, 10))
      counts = await this.#counts()
      if (Object.keys(expected).every(word => counts[word] === expected[word])) break
    }
    await Promise.all(this.instances.map(instance => instance.close()))
    return this.#counts()
  }

  async #counts(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const end = await this.log.endOffset({ topic: 'counts', partition })
      for (let offset = 0; offset < end; ) {
        const { records, nextOffset } = await this.log.fetch({ topic: 'counts', partition }, offset, 1 << 20)
        for (const record of records) counts[record.key!.toString()] = codec.decode('counts', record.value!) as number
        offset = nextOffset
      }
    }
    return counts
  }
}
