import { MemoryLevel } from 'memory-level'
import { StreamsApplication } from '../../../streams/application.js'
import { createEmbeddedLog, type EmbeddedLog } from '../../../streams/log/embedded/log.js'
import type { Database } from '../../../streams/log/embedded/options.js'
import type { TopicPartition } from '../../../streams/log/log.js'
import type { CommitStep, RunnerOptions } from '../../../streams/runner-options.js'
import { MergeCache } from '../../../streams/stores/merge-store.js'
import type { Topology } from '../../../streams/topology.js'
import { EchoTracer } from '../../observe/echo-tracer.js'
import { codec, wordCount } from '../word-count.js'
import { VirtualClock } from './clock.js'
import { Disk } from './disk.js'
import { overNetwork } from './network.js'
import { Process } from './process.js'
import { Chance } from './random.js'
import { Tail } from './tail.js'

export const APPLICATION = 'wc'
/** A power cut may lose what came last: so many writes of the log. */
const MOST_LOST = 20
const STEPS: readonly CommitStep[] = ['processed', 'prepared', 'log-committed', 'store-written']

type Operation = { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer } | { readonly type: 'del'; readonly key: Buffer }

class Killed extends Error {}

interface Host {
  readonly disk: Disk
  running?: { readonly process: Process; readonly application: StreamsApplication; readonly cache: MergeCache } | undefined
}

/** A log, hosts with disks, one process of the application at most on each, and all that may befall them. */
export class World {
  readonly chance: Chance
  readonly clock: VirtualClock
  readonly topology: Topology
  readonly partitions: number
  readonly hosts: readonly Host[]
  readonly tail: Tail
  /** What ended an application that nobody killed. */
  readonly failures: unknown[] = []
  /** How often what befell. */
  readonly faults = { kills: 0, pauses: 0, crashes: 0, powerCuts: 0, jumps: 0, closes: 0 }
  /** Undefined while it is down. */
  log: EmbeddedLog | undefined
  /** How old lines are when they are sent: a task that is behind holds back what it emits. */
  readonly lag: number
  /** Every other world follows each line through headers: nothing else may change by it. */
  readonly tracer: EchoTracer | undefined
  /** What the log has written, in order. */
  #writes: Operation[][] = []
  /** How many of them created the topics. */
  #begun = 0
  /** Counts the log's lives. */
  #life = 0
  readonly #settings: {
    readonly maxCommitRecords: number
    readonly operandBytes: number
    readonly cacheBytes: number
  }

  constructor(seed: number) {
    this.chance = new Chance(seed)
    this.tracer = seed % 2 === 1 ? new EchoTracer() : undefined
    this.clock = new VirtualClock(() => this.chance.share())
    this.partitions = 1 + this.chance.below(2)
    this.topology = wordCount(this.partitions)
    this.hosts = Array.from({ length: this.chance.pick([1, 3, 3]) }, () => ({ disk: new Disk(this.clock, this.chance) }))
    this.lag = this.chance.pick([0, 5_000])
    this.tail = new Tail(this.#followed())
    this.#settings = {
      maxCommitRecords: this.chance.pick([3, 5, 20]),
      operandBytes: this.chance.pick([1, 60, 120, 2000]),
      cacheBytes: this.chance.pick([100, 200, 1e6])
    }
  }

  async openLog(): Promise<void> {
    const life = ++this.#life
    const onError = (error: Error) => {
      if (life === this.#life) this.failures.push(error)
    }
    const db = memory()
    for (const operations of this.#writes) await db.batch(operations)
    this.#crashing(db, life)
    const log = await createEmbeddedLog(db, { housekeepingMs: 0, rebalanceTimeoutMs: 300, clock: this.clock, purgeBytes: 1, onError })
    const topics = ['lines', 'words', 'counts', 'letters']
    const specOf = (name: string) => ({ name, partitions: this.#partitionsOf(name), cleanup: 'delete' as const, retentionMs: -1 })
    await log.ensureTopics(topics.map(specOf))
    if (life !== this.#life) return
    if (life === 1) this.#begun = this.#writes.length
    await this.tail.follow(log)
    if (life === this.#life) this.log = log
  }

  get idleHosts(): readonly Host[] {
    return this.hosts.filter(host => host.running === undefined)
  }

  get busyHosts(): readonly Host[] {
    return this.hosts.filter(host => host.running !== undefined)
  }

  /** Starts a process on a host, unless the log is down. */
  start(host: Host): void {
    if (this.log === undefined) return
    const process = new Process(this.clock, () => this.#work())
    const killAt = this.chance.pick(STEPS)
    const { maxCommitRecords, operandBytes, cacheBytes } = this.#settings
    const cache = new MergeCache(cacheBytes)
    const options: RunnerOptions = {
      maxCommitRecords,
      tracer: this.tracer,
      mergeStores: { operandBytes, operandShare: operandBytes === 60 ? 0.5 : 0, cache },
      applicationId: APPLICATION,
      topology: this.topology,
      codec,
      log: overNetwork(this.log, process, this.clock, this.chance),
      openStore: task => host.disk.open(task, process),
      wipeStore: task => host.disk.wipe(task),
      resolveSchema: async () => {},
      commitIntervalMs: 3,
      clock: process.clock,
      onNotice: () => {},
      onStep: step => {
        if (step !== killAt || !process.alive || !this.chance.fault(0.02)) return
        this.kill(host)
        throw new Killed()
      }
    }
    const application = new StreamsApplication(options, error => process.alive && this.failures.push(error))
    host.running = { process, application, cache }
    application.start().catch(error => process.alive && this.failures.push(error))
  }

  /** Now and then work takes longer than a slice of it may. */
  #work(): void {
    if (this.chance.happens(0.02)) this.clock.jump(this.chance.below(8))
  }

  kill(host: Host): void {
    const { process } = host.running!
    this.faults.kills++
    host.running = undefined
    process.kill()
    host.disk.crash()
    void this.clock.sleep(this.chance.below(200)).then(() => process.mourn())
  }

  /** SIGSTOP: others may take over meanwhile; then it goes on. */
  async pause(host: Host): Promise<void> {
    const { process } = host.running!
    this.faults.pauses++
    process.pause()
    await this.clock.sleep(this.chance.below(2_000))
    process.resume()
  }

  /** A clean stop. */
  async close(host: Host): Promise<void> {
    if (host.running === undefined) return
    const { process, application, cache } = host.running
    this.faults.closes++
    await Promise.race([application.close(), new Promise<void>(resolve => process.onDeath(resolve))])
    if (process.alive && cache.used !== 0) this.failures.push(new Error(`${cache.used} bytes of values were not let go of`))
    if (host.running?.process === process) host.running = undefined
  }

  /** Between two compactions it is later by more than a tombstone is kept. */
  async sleepLong(): Promise<void> {
    this.faults.jumps++
    await this.compact()
    this.clock.jump(30 * 3_600_000)
    await this.compact()
  }

  async compact(): Promise<void> {
    await this.log?.compact().catch(error => this.failures.push(error))
  }

  /**
   * Everything dies at once. What the log was writing is there or not. After a power cut more is missing; with several
   * hosts that would be another fault, a broker that forgets what it has acknowledged.
   */
  #crash(): void {
    this.faults.crashes++
    for (const host of this.busyHosts) this.kill(host)
    if (this.hosts.length === 1 && this.chance.happens(0.5)) {
      this.faults.powerCuts++
      this.#writes.length = Math.max(this.#begun, this.#writes.length - this.chance.below(MOST_LOST))
    }
    this.log = undefined
    void this.openLog()
  }

  /** Notes what is written, and crashes in the middle of it. */
  #crashing(db: Database, life: number): void {
    const put = db.put.bind(db)
    db.put = ((key: Buffer, value: Buffer) => {
      this.#writes.push([{ type: 'put', key, value }])
      return put(key, value)
    }) as Database['put']
    const batch = db.batch.bind(db) as (operations: Operation[], ...rest: unknown[]) => Promise<void>
    db.batch = (async (operations: Operation[], ...rest: unknown[]) => {
      if (life !== this.#life) return new Promise(() => {})
      const crashes = this.chance.fault(this.hosts.length === 1 ? 0.006 : 0.002)
      if (!crashes || this.chance.happens(0.5)) this.#writes.push(operations)
      if (!crashes) return batch(operations, ...rest)
      this.#crash()
      return new Promise(() => {})
    }) as unknown as Database['batch']
  }

  #partitionsOf(topic: string): number {
    return this.topology.topics.get(topic)!.partitions
  }

  #followed(): TopicPartition[] {
    return ['lines', 'words', 'counts', 'letters'].flatMap(topic =>
      Array.from({ length: this.#partitionsOf(topic) }, (_, partition) => ({ topic, partition }))
    )
  }
}

const memory = (): Database => new MemoryLevel<Buffer, Buffer>({ keyEncoding: 'buffer', valueEncoding: 'buffer' }) as unknown as Database
