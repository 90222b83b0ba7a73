/** A reconciliation from the cut to the report. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ReconciliationRefused, type Verdict } from '../../api/reconciliation.js'
import type { LakeConfig } from '../../config-lake.js'
import type { Topology } from '../../streams/topology.js'
import { type Comparison, compare, forgottenListeners, lakeBelow, requireDbt, runDbt } from './batch.js'
import { type Cut, type Instance, takeCut } from './cut.js'
import { page } from './report.js'
import { idOf, prune, reportsDirectory, summaryFile } from './verdicts.js'

export interface RunOptions {
  readonly instances: readonly Instance[]
  readonly topology: Topology
  readonly lake: LakeConfig
  readonly dataDir: string
  readonly maxPauseMs: number
  readonly say: (sentence: string) => void
  /** This one looks whether the repairs of another one hold. */
  readonly afterRepair: boolean
}

export interface Summary extends Verdict {
  readonly cut: Cut['offsets']
  readonly sections: Comparison['sections']
  readonly key_names: Comparison['key_names']
  /** Listeners whose affinities were left out. */
  readonly forgotten: number
}

export interface Outcome {
  readonly summary: Summary
  readonly directory: string
}

/** Compares once and writes the report; what can't be done is a verdict, too. */
export async function reconcile(options: RunOptions): Promise<Outcome> {
  const { dataDir, say } = options
  const startedAt = new Date()
  const id = idOf(startedAt)
  const directory = join(reportsDirectory(dataDir), id)
  await mkdir(join(directory, 'stream'), { recursive: true, mode: 0o700 })
  let summary: Summary = {
    ...{ id, started_at: startedAt.toISOString(), duration_ms: 0, verdict: 'failed', reason: null, pause_ms: null },
    ...{ keys: 0, differences: 0, repaired: options.afterRepair, cut: {}, sections: {}, key_names: {}, forgotten: 0 }
  }
  let first: Comparison['first'] = []
  try {
    const cut = await step(say, 'The cut is taken', () => cutOf(options, directory))
    summary = { ...summary, cut: cut.offsets, pause_ms: cut.pauseMs }
    say(`The stream was paused for ${cut.pauseMs} ms.`)
    const compared = await batchAt(options, directory, cut)
    const sections = Object.values(compared.sections)
    const [keys, differences] = [sum(sections.map(({ keys }) => keys)), sum(sections.map(({ differences }) => differences))]
    const { key_names, forgotten } = compared
    first = compared.first
    summary = {
      ...summary,
      verdict: differences === 0 ? 'equal' : 'different',
      keys,
      differences,
      sections: compared.sections,
      key_names,
      forgotten
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    summary = { ...summary, reason: error.message }
    if (!(error instanceof ReconciliationRefused)) say(error.stack ?? error.message)
  }
  summary = { ...summary, duration_ms: Date.now() - startedAt.getTime() }
  await writeFile(join(directory, 'report.html'), page(summary, first))
  await tidy(directory)
  await writeFile(summaryFile(dataDir, id), `${JSON.stringify(summary, null, 2)}\n`)
  await prune(dataDir)
  return { summary, directory }
}

async function cutOf({ instances, topology, maxPauseMs }: RunOptions, directory: string): Promise<Cut> {
  requireDbt()
  return takeCut(instances, topology, maxPauseMs, join(directory, 'stream'))
}

async function batchAt({ instances, lake, say }: RunOptions, directory: string, cut: Cut): Promise<Comparison & { forgotten: number }> {
  await step(say, 'The lake is written up to the cut', () => lakeBelow(instances, cut))
  const forgotten = await forgottenListeners(lake, directory)
  let told = Date.now()
  const onModel = (done: number, all: number) => {
    if (Date.now() - told < TELL_MS) return
    told = Date.now()
    say(`  model ${done} of ${all}`)
  }
  await step(say, 'dbt computes the batch', () => runDbt(lake, directory, cut, onModel))
  return { ...(await step(say, 'Stream and batch are compared', () => compare(directory))), forgotten }
}

const TELL_MS = 5_000

async function step<T>(say: (sentence: string) => void, what: string, work: () => Promise<T>): Promise<T> {
  say(`${what} ...`)
  const started = Date.now()
  const result = await work()
  say(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s.`)
  return result
}

/** What is left is the report: Parquet, JSON, the page, and the repairs. */
async function tidy(directory: string): Promise<void> {
  for (const name of ['warehouse.duckdb', 'warehouse.duckdb.gold', 'warehouse.duckdb.wal', 'dbt', 'spill', 'forgotten.json'])
    await rm(join(directory, name), { recursive: true, force: true })
  const stream = join(directory, 'stream')
  for (const name of await readdir(stream)) if (name.endsWith('.ndjson')) await rm(join(stream, name))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
