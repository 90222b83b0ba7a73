/** The batch's side: the lake up to the cut, dbt on it, and the comparison. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { ReconciliationRefused } from '../../api/reconciliation.js'
import type { LakeConfig } from '../../config-lake.js'
import { FileReader } from '../../connect/lake/file-reader.js'
import { countingFiles, lakeFiles, tablePrefix } from '../../connect/lake/names.js'
import { projectRoot } from '../../schemas/root.js'
import { openLakeObjects } from '../lake.js'
import type { Cut, Instance } from './cut.js'

/** A lake that another process writes has young files only when they are old enough (LAKE_FILE_AGE_MS). */
const LAKE_MS = 600_000
const ERASURES = 'erasures'

export const python = join(projectRoot, '.venv/dbt/bin/python')

/** @throws ReconciliationRefused dbt is not installed */
export function requireDbt(): void {
  if (!existsSync(python)) throw new ReconciliationRefused('dbt is not installed. Run: npm run python:setup')
}

/** Resolves when all below the cut is in the lake. @throws ReconciliationRefused it can't be */
export async function lakeBelow(instances: readonly Instance[], { offsets }: Cut): Promise<void> {
  for (const deadline = Date.now() + LAKE_MS; ; await sleep(200)) {
    const written = new Map<string, number>()
    for (const { name, reconciliation } of instances) {
      const positions = await reconciliation.flushLake()
      if (positions === null) throw new ReconciliationRefused(`${name} writes no lake: SEGUE_LAKE is off there.`)
      for (const { topic, partition, offset } of positions) written.set(`${topic} ${partition}`, offset)
    }
    const behind = Object.entries(offsets).flatMap(([topic, partitions]) =>
      Object.entries(partitions)
        .filter(([partition, offset]) => (written.get(`${topic} ${partition}`) ?? 0) < offset)
        .map(([partition, offset]) => `${topic}-${partition} up to ${offset}`)
    )
    if (behind.length === 0) return
    if (Date.now() > deadline) throw new ReconciliationRefused(`The lake still lacks ${behind.join(', ')}: segue lake verify tells more.`)
  }
}

/** Listeners who asked to be forgotten, in `forgotten.json`: their affinities are not compared. How many there are. */
export async function forgottenListeners(lake: LakeConfig, directory: string): Promise<number> {
  const objects = await openLakeObjects(lake)
  try {
    const forgotten = new Set<unknown>()
    const { counting } = countingFiles(await lakeFiles(objects, tablePrefix(ERASURES)))
    for (const { key } of counting) {
      const bytes = await objects.get(key)
      if (bytes === undefined) throw new ReconciliationRefused(`${key} was merged into another file of the lake meanwhile: run it again.`)
      for await (const { user_id } of new FileReader(key, bytes).objects()) forgotten.add(user_id)
    }
    await writeFile(join(directory, 'forgotten.json'), JSON.stringify([...forgotten]))
    return forgotten.size
  } finally {
    await objects.close()
  }
}

/** As dbt reads it (dbt/plugins/segue_lake.py). */
function environmentOf({ place }: LakeConfig): Record<string, string> {
  if (typeof place === 'string') return { SEGUE_LAKE: resolve(place), S3_BUCKET: '' }
  const { bucket, prefix, region, endpoint = '', credentials } = place
  const keys = credentials && { S3_ACCESS_KEY_ID: credentials.accessKeyId, S3_SECRET_ACCESS_KEY: credentials.secretAccessKey }
  return { SEGUE_LAKE: `s3://${bucket}/${prefix}`.replace(/\/$/, ''), S3_REGION: region, S3_ENDPOINT: endpoint, ...keys }
}

/** dbt's models of what is compared, up to the cut, in a warehouse of their own. @throws ReconciliationRefused with the end of dbt's output */
export async function runDbt(
  lake: LakeConfig,
  directory: string,
  { offsets }: Cut,
  onModel: (done: number, all: number) => void
): Promise<void> {
  const environment = {
    SEGUE_DATA_DIR: directory,
    ...environmentOf(lake),
    SEGUE_DBT_TARGET: 'duckdb',
    SEGUE_WAREHOUSE: join(directory, 'warehouse.duckdb'),
    DBT_TARGET_PATH: join(directory, 'dbt'),
    DBT_LOG_PATH: join(directory, 'dbt')
  }
  const none = ['test', 'unit_test'].flatMap(type => ['--exclude-resource-type', type])
  const args = ['--no-use-colors', 'build', '--select', '+path:models/reconcile', ...none, '--vars', JSON.stringify({ cut: offsets })]
  await run(join(projectRoot, 'dbt/bin/dbt'), args, environment, line => {
    const [, done, all] = /(\d+) of (\d+) OK /.exec(line) ?? []
    if (done !== undefined) onModel(Number(done), Number(all))
  })
}

export interface Comparison {
  readonly sections: Readonly<Record<string, { readonly keys: number; readonly differences: number }>>
  readonly first: readonly FirstDifference[]
  readonly key_names: Readonly<Record<string, readonly string[]>>
}

export interface FirstDifference {
  readonly section: string
  readonly keys: readonly (string | null)[]
  readonly field: string
  readonly stream: number | null
  readonly batch: number | null
}

/** Key by key, in DuckDB. */
export async function compare(directory: string): Promise<Comparison> {
  let printed = ''
  const args = [join(projectRoot, 'dbt/compare.py'), directory, join(directory, 'forgotten.json')]
  await run(python, args, {}, line => {
    printed = line
  })
  return JSON.parse(printed) as Comparison
}

function run(program: string, args: readonly string[], environment: Record<string, string>, onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    const last: string[] = []
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', line => {
        last.push(line)
        if (last.length > 30) last.shift()
        if (stream === child.stdout) onLine(line)
      })
    child.on('error', reject).on('close', code => {
      if (code === 0) resolve()
      else reject(new ReconciliationRefused(`${program} ended with ${code}:\n${last.join('\n')}`))
    })
  })
}
