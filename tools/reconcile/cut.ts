/** The exact cut: all instances hold, drain, keep their stores and go on; then what they kept is read. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type CutState, type PartitionOffset, type Reconciliation, ReconciliationRefused, streamTables } from '../../api/reconciliation.js'
import { inputTopics } from '../../schemas/catalogue.js'
import type { Topology } from '../../streams/topology.js'

export interface Instance {
  /** For people. */
  readonly name: string
  readonly reconciliation: Reconciliation
}

export interface Cut {
  /** Of the input topics: `{topic: {partition: offset}}`, exclusive. */
  readonly offsets: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** The longest that any instance was held, milliseconds. */
  readonly pauseMs: number
}

/**
 * Takes a cut and writes what the stores held there into `directory`, as JSON lines. Whatever happens, the instances go on.
 * @throws ReconciliationRefused nothing was compared; the message says why
 */
export async function takeCut(instances: readonly Instance[], topology: Topology, maxPauseMs: number, directory: string): Promise<Cut> {
  const held = new Set<Instance>()
  const all = <T>(step: (instance: Instance) => Promise<T> | T) => settledAll(instances.map(async instance => step(instance)))
  try {
    const before = await all(async instance => {
      const state = await instance.reconciliation.hold(maxPauseMs)
      held.add(instance)
      return state
    })
    refuseIncomplete(before, topology)
    const after = await all(({ reconciliation }) => reconciliation.snapshot())
    refuseIncomplete(after, topology)
    const resumed = await all(({ reconciliation }) => reconciliation.resume())
    if (resumed.some(({ held }) => !held))
      throw new ReconciliationRefused(
        `The cut took longer than ${maxPauseMs} ms, and the stream has gone on meanwhile: give it longer with --max-pause.`
      )
    const offsets = offsetsOf(after)
    if (offsets.join('\n') !== offsetsOf(before).join('\n'))
      throw new ReconciliationRefused('The tasks moved while the cut was taken: an instance has come or gone. Run it again.')
    await all(instance => writeRows(instance, instances.indexOf(instance), directory))
    return { offsets: byTopic(after), pauseMs: Math.max(...resumed.map(({ pausedMs }) => pausedMs)) }
  } finally {
    // An instance that is gone goes on by itself, or not at all.
    await Promise.allSettled([...held].map(({ reconciliation }) => reconciliation.drop()))
  }
}

/** Waits for all of them also when one fails: what it began must be undone. */
async function settledAll<T>(calls: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(calls)
  return Promise.all(calls)
}

function refuseIncomplete(states: readonly CutState[], topology: Topology): void {
  const tasks = states.flatMap(state => state.tasks.map(({ unit, partition }) => `${unit}-${partition}`))
  const wanted = [...topology.units.values()].flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => `${name}-${partition}`)
  )
  const missing = wanted.filter(task => !tasks.includes(task))
  if (missing.length > 0)
    throw new ReconciliationRefused(
      `No instance that was asked has ${missing.join(', ')}: are all instances known here, and all tasks assigned? segue lag shows who takes part.`
    )
  const twice = tasks.filter((task, i) => tasks.indexOf(task) < i)
  if (twice.length > 0) throw new ReconciliationRefused(`Two instances say that they have ${twice.join(', ')}: run it again.`)
}

const offsetsOf = (states: readonly CutState[]): string[] =>
  states.flatMap(state => state.offsets.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`)).sort()

function byTopic(states: readonly CutState[]): Cut['offsets'] {
  const cut: Record<string, Record<string, number>> = Object.fromEntries(inputTopics.map(topic => [topic, {}]))
  for (const { topic, partition, offset } of states.flatMap(({ offsets }) => offsets as PartitionOffset[]))
    if (cut[topic] !== undefined) cut[topic][partition] = offset
  return cut
}

async function writeRows({ reconciliation }: Instance, number: number, directory: string): Promise<void> {
  for (const table of streamTables)
    await pipeline(Readable.from(reconciliation.rows(table)), createWriteStream(join(directory, `${table}-${number}.ndjson`)))
}
