import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { projectRoot } from '../../schemas/root.js'

export type PythonEnvironment = 'dbt' | 'airflow' | 'snowflake'

export const pythonOf = (environment: PythonEnvironment) => join(projectRoot, '.venv', environment, 'bin', 'python')
const script = (name: string) => join(projectRoot, 'test', 'batch', name)

const hasPython = (environment: PythonEnvironment): boolean => existsSync(pythonOf(environment))

/** Skips the file where an environment is missing; in CI that is an error. */
export function requirePython(t: Test, ...environments: PythonEnvironment[]): boolean {
  const missing = environments.filter(environment => !hasPython(environment))
  if (missing.length === 0) return true
  const what = `NOT TESTED: ${missing.map(name => `.venv/${name}`).join(', ')} missing. Run: npm run python:setup -- ${missing.join(' ')}`
  if (process.env.CI) t.fail(what)
  else t.plan(0, what)
  return false
}

export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs a program to its end; output is what it wrote, errors included. */
export function run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...environment } })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject).on('close', code => resolve({ code, output }))
  })
}

/** A lake and a warehouse in a directory of their own. */
export class Warehouse {
  readonly lake: string
  readonly #environment: Record<string, string>

  constructor(readonly directory: string) {
    this.lake = join(directory, 'lake')
    this.#environment = { SEGUE_DATA_DIR: directory, SEGUE_LAKE: '', SEGUE_WAREHOUSE: '', DBT_TARGET_PATH: '', DBT_LOG_PATH: '' }
  }

  /** dbt on this warehouse. @throws Error with dbt's output when it fails */
  async dbt(args: readonly string[], vars: Record<string, unknown> = {}): Promise<string> {
    const all = [...args, '--no-use-colors', '--vars', JSON.stringify(vars)]
    const { code, output } = await run(join(projectRoot, 'dbt/bin/dbt'), all, this.#environment)
    if (code !== 0) throw new Error(`dbt ${args.join(' ')} ended with ${code}:\n${output}`)
    return output
  }

  async query<R>(sql: string): Promise<R[]> {
    const { code, output } = await run(pythonOf('dbt'), [script('query.py'), join(this.directory, 'warehouse.duckdb'), sql])
    if (code !== 0) throw new Error(output)
    return output
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as R)
  }

  /** Adds files with these records to the lake. */
  async write(records: readonly LakeRecord[]): Promise<void> {
    const lines = join(this.directory, 'records.jsonl')
    writeFileSync(lines, records.map(record => `${JSON.stringify(record)}\n`).join(''))
    const { code, output } = await run(pythonOf('dbt'), [script('write_lake.py'), this.lake, lines])
    if (code !== 0) throw new Error(output)
  }
}

/** A record as the lake keeps it; event null: bytes that no schema decodes. */
export interface LakeRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly record_time: number
  readonly event: object | null
}

/** Gives events their places: partitions by listener, offsets in order. */
export class Placing {
  readonly #offsets = new Map<string, number>()

  constructor(
    private readonly recordTime: number,
    private readonly partitions = 3
  ) {}

  place(topic: string, event: { user_id: string }): LakeRecord {
    const partition = [...event.user_id].reduce((sum, letter) => sum + letter.codePointAt(0)!, 0) % this.partitions
    const offset = this.#offsets.get(`${topic} ${partition}`) ?? 0
    this.#offsets.set(`${topic} ${partition}`, offset + 1)
    return { topic, partition, offset, record_time: this.recordTime, event }
  }

  /** Where the next records would stand: the cut that holds all records so far. */
  cut(): Record<string, Record<string, number>> {
    const cut: Record<string, Record<string, number>> = {}
    for (const [place, offset] of this.#offsets) {
      const [topic, partition] = place.split(' ') as [string, string]
      cut[topic] = { ...cut[topic], [partition]: offset }
    }
    return cut
  }
}
