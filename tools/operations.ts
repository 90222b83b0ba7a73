/** What the API shows of the running application: topology with rates and lag, task states, the dump. */
import type { Activity, Lag, Operations, PartitionLag, TaskState, TopologyGraph } from '../api/operations.js'
import type { Codec } from '../schemas/codec.js'
import type { StreamsApplication } from '../streams/application.js'
import { graphOf } from '../streams/describe.js'
import type { Log } from '../streams/log/log.js'
import type { Topology } from '../streams/topology.js'
import { dump } from './dump.js'
import { remaining } from './remaining.js'
import { settled } from './settled.js'

/** Rates are over about this long, milliseconds. */
const RATE_WINDOW_MS = 5_000

export interface RunningParts {
  readonly log: Log
  readonly codec: Codec
  readonly topology: Topology
  readonly applicationId: string
  readonly application: Pick<StreamsApplication, 'tasks' | 'state'>
  /** False: the tasks run in other processes. */
  readonly runsTasks?: boolean
  readonly viewLag: () => Promise<readonly PartitionLag[]>
  /** Undefined: there is no lake. */
  readonly flushLake?: (() => Promise<void>) | undefined
}

export class ApplicationOperations implements Operations {
  /** What goes on beside the usual. */
  going: Activity | null = null
  #ends: { at: number; ends: Map<string, number> }[] = []

  constructor(private readonly parts: RunningParts) {}

  get runsTasks(): boolean {
    return this.parts.runsTasks !== false
  }

  notLive(): string | null {
    const { state } = this.parts.application
    return state === 'created' || state === 'rebalancing' || state === 'running' ? null : `The application is ${state}.`
  }

  async topology(): Promise<TopologyGraph> {
    const graph = graphOf(this.parts.topology)
    const rates = await this.#rates()
    const lags = new Map<string, number>()
    for (const { topic, records } of (await this.lag()).tasks) lags.set(topic, (lags.get(topic) ?? 0) + records)
    const rate = {
      read: (from: string) => rates.get(from),
      write: (_: string, to: string) => rates.get(to),
      forward: () => rates.get('listening-events'),
      store: () => 0
    }
    return {
      nodes: graph.nodes.map(node => ({ ...node, label: node.id })),
      edges: graph.edges.map(({ kind, from, to }) => ({
        from,
        to,
        rate: rate[kind](from, to) ?? 0,
        lag: kind === 'read' ? (lags.get(from) ?? 0) : null
      }))
    }
  }

  async lag(): Promise<Lag> {
    const { log, topology, applicationId } = this.parts
    return { tasks: await taskLag(log, topology, applicationId), view: await this.parts.viewLag() }
  }

  async taskStates(): Promise<readonly TaskState[]> {
    return this.parts.application.tasks.map(runner => ({
      unit: runner.id.unit,
      partition: runner.id.partition,
      state: runner.state === 'closed' ? 'closing' : runner.state === 'fenced' ? 'failed' : runner.state,
      detail: runner.state === 'restoring' ? `${runner.restoring.remaining} changelog records to restore` : null
    }))
  }

  async flushLake(): Promise<boolean> {
    await this.parts.flushLake?.()
    return this.parts.flushLake !== undefined
  }

  activity(): Activity | null {
    return this.going
  }

  async *dump(): AsyncIterable<string> {
    const { log, codec, topology, application } = this.parts
    await settled(this.parts, application)
    yield* dump(log, codec, topology.topics.get(topology.deadLetters)!.partitions)
  }

  /** Records per second that were appended to each topic. */
  async #rates(): Promise<Map<string, number>> {
    const { log, topology } = this.parts
    const ends = new Map<string, number>()
    for (const [topic, { partitions }] of topology.topics)
      for (let partition = 0; partition < partitions; partition++)
        ends.set(topic, (ends.get(topic) ?? 0) + (await log.endOffset({ topic, partition })))
    const now = Date.now()
    const recent = this.#ends.filter(({ at }) => now - at <= RATE_WINDOW_MS)
    const first = recent[0] ?? this.#ends.at(-1)
    this.#ends = [...recent, { at: now, ends }]
    if (first === undefined || now - first.at < 200) return new Map()
    const seconds = (now - first.at) / 1000
    return new Map([...ends].map(([topic, end]) => [topic, (end - (first.ends.get(topic) ?? end)) / seconds]))
  }
}

/** Records that each sub-topology has still to read, by topic and partition. */
export async function taskLag(log: Log, topology: Topology, applicationId: string): Promise<PartitionLag[]> {
  const inputs = [...topology.units.values()].flatMap(unit =>
    unit.topics.flatMap(topic => Array.from({ length: unit.partitions }, (_, partition) => ({ topic, partition })))
  )
  const committed = await log.committed(applicationId, inputs)
  return Promise.all(
    inputs.map(async (input, i) => {
      const from = committed[i] ?? (await log.beginningOffset(input))
      return { ...input, records: await remaining(log, input, from) }
    })
  )
}
