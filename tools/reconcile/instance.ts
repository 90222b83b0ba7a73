/** One instance's part in a reconciliation: its tasks rest at a cut, and their stores are read as they were there. */
import {
  type CutState,
  type Difference,
  type PartitionOffset,
  type Reconciliation,
  ReconciliationRefused,
  type Resumed,
  type StreamTable,
  type Verdict
} from '../../api/reconciliation.js'
import { sourceTopics } from '../../schemas/catalogue.js'
import type { Codec } from '../../schemas/codec.js'
import type { StreamsApplication } from '../../streams/application.js'
import type { Log, TopicPartition } from '../../streams/log/log.js'
import type { TaskRunner } from '../../streams/task-runner.js'
import { isFirstStage, type Topology } from '../../streams/topology.js'
import { consumed, partitionsOf } from '../settled.js'
import { publishRepairs } from './repair.js'
import { rows, type TaskSnapshot } from './rows.js'
import { lastVerdicts } from './verdicts.js'

const CHECK_MS = 5
/** Nobody has read for so long: what was kept is let go. */
const KEPT_MS = 30_000
const APPLIED_MS = 120_000

export interface InstanceParts {
  readonly log: Log
  readonly codec: Codec
  readonly topology: Topology
  readonly application: StreamsApplication
  readonly applicationId: string
  readonly dataDir: string
  /** Undefined: there is no lake. */
  readonly lake: { flush(): Promise<void>; readonly group: string } | undefined
}

export class InstanceReconciliation implements Reconciliation {
  #heldAt: number | undefined
  #limitMs = 0
  #kept: TaskSnapshot[] | undefined
  #forget: NodeJS.Timeout | undefined

  constructor(private readonly parts: InstanceParts) {}

  async hold(limitMs: number): Promise<CutState> {
    const { application } = this.parts
    if (application.held || this.#kept !== undefined)
      throw new ReconciliationRefused('Another reconciliation is at work here: wait until it has ended.')
    this.#heldAt = Date.now()
    this.#limitMs = limitMs
    application.hold(limitMs)
    await this.#until(async () => this.#runners(true).every(runner => runner.resting))
    return this.#state()
  }

  async snapshot(): Promise<CutState> {
    const { log, topology } = this.parts
    // All instances rest, so nothing more is sent: what they wait for does not move.
    for (const unit of topology.units.values()) {
      const inputs = partitionsOf(unit.topics, unit.partitions).filter(({ topic }) => topology.topics.get(topic)!.internal)
      const ends = await Promise.all(inputs.map(input => log.highWatermark(input)))
      await this.#until(() => consumed(this.parts, inputs, ends))
    }
    const runners = [...this.#runners(true), ...this.#runners(false)]
    await this.#until(async () => runners.every(runner => runner.resting))
    this.#kept = runners.map(runner => ({ unit: runner.id.unit, store: runner.snapshot() }))
    this.#touch()
    return this.#state()
  }

  async resume(): Promise<Resumed> {
    const { application } = this.parts
    const held = application.held
    const pausedMs = this.#heldAt === undefined ? 0 : Math.min(Date.now() - this.#heldAt, this.#limitMs)
    application.release()
    this.#heldAt = undefined
    return { held, pausedMs }
  }

  rows(table: StreamTable): AsyncIterable<string> {
    if (this.#kept === undefined) throw new ReconciliationRefused('Nothing is kept of a cut here: begin anew.')
    return this.#rows(table, this.#kept)
  }

  async *#rows(table: StreamTable, kept: readonly TaskSnapshot[]): AsyncIterable<string> {
    for await (const piece of rows(table, kept)) {
      this.#touch()
      yield piece
    }
  }

  async drop(): Promise<void> {
    clearTimeout(this.#forget)
    await this.resume()
    const kept = this.#kept ?? []
    this.#kept = undefined
    for (const { store } of kept) await store.close()
  }

  async flushLake(): Promise<readonly PartitionOffset[] | null> {
    const { lake, log, topology } = this.parts
    if (lake === undefined) return null
    await lake.flush()
    const partitions = partitionsOf(sourceTopics, topology.topics.get(sourceTopics[0]!)!.partitions)
    const offsets = await log.committed(lake.group, partitions)
    return partitions.map((partition, i) => ({ ...partition, offset: offsets[i] ?? 0 }))
  }

  async repair(differences: readonly Difference[]): Promise<void> {
    const ends = await publishRepairs(this.parts, differences)
    const deadline = Date.now() + APPLIED_MS
    while (
      !(await consumed(
        this.parts,
        ends,
        ends.map(({ offset }) => offset)
      ))
    ) {
      if (Date.now() > deadline) throw new ReconciliationRefused('The repairs are published, but not yet applied: is a task restoring?')
      await pause()
    }
  }

  verdicts(limit: number): Promise<readonly Verdict[]> {
    return lastVerdicts(this.parts.dataDir, limit)
  }

  #runners(first: boolean): TaskRunner[] {
    const { application, topology } = this.parts
    return application.tasks.filter(({ unit }) => isFirstStage(topology, unit) === first)
  }

  async #state(): Promise<CutState> {
    const { log, applicationId, application } = this.parts
    const inputs: TopicPartition[] = this.#runners(true).flatMap(({ unit, id: { partition } }) =>
      unit.topics.map(topic => ({ topic, partition }))
    )
    const offsets = await log.committed(applicationId, inputs)
    return {
      tasks: application.tasks.map(({ id }) => ({ unit: id.unit, partition: id.partition })),
      offsets: inputs.map((input, i) => ({ ...input, offset: offsets[i] ?? 0 }))
    }
  }

  async #until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) {
      if (this.parts.application.held) await pause()
      else {
        await this.resume()
        throw new ReconciliationRefused(
          `The stream did not come to rest within ${this.#limitMs} ms, and goes on: try again when it is less behind, or with a longer --max-pause.`
        )
      }
    }
  }

  #touch(): void {
    clearTimeout(this.#forget)
    this.#forget = setTimeout(() => void this.drop(), KEPT_MS).unref()
  }
}

const pause = () => new Promise(resolve => setTimeout(resolve, CHECK_MS))
