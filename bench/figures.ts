/** The figures of a run by name, with the goals that are set for them. */
import { cpus, release, totalmem, type } from 'node:os'

interface Goal {
  /** Must be reached. */
  readonly floor?: number
  readonly aim?: number
  readonly more?: boolean
}

const goals: Readonly<Record<string, Goal>> = {
  'processing: rate': { floor: 5_000, aim: 10_000, more: true },
  'processing: CPU': { floor: 200, aim: 100 },
  'processing: resident memory': { floor: 400 },
  'processing: resident memory, a million events': { floor: 1_000 },
  'kafka: catching up: rate': { floor: 4_000, aim: 8_000, more: true },
  'kafka: catching up: CPU': { floor: 300, aim: 180 },
  'kafka: catching up: resident memory': { floor: 450 },
  'kafka: visible after, 500 events/s: p50': { floor: 263, aim: 89 },
  'kafka: visible after, 500 events/s: p99': { floor: 531, aim: 336 },
  'kafka: restart after kill -9, state kept: after joining the group': { floor: 2_000 },
  "kafka: one of three killed: the others' own partitions pause": { floor: 3_000 },
  "kafka: one of three added: the others' own partitions pause": { floor: 3_000 },
  'kafka: cached: requests/s, share of a bare route with one GET': { floor: 60, more: true },
  'kafka: computed: CPU': { floor: 600 },
  'restart after kill -9, state kept: processing again': { floor: 2_000, aim: 500 },
  'restart after kill -9, state wiped: restored': { floor: 3_000 },
  'visible after, 500 events/s: p50': { floor: 80, aim: 30 },
  'visible after, 500 events/s: p99': { floor: 250, aim: 100 },
  'cached: requests/s, share of a bare route': { floor: 50, aim: 80, more: true },
  'computed: CPU': { floor: 600, aim: 250 },
  'event loop held, 500 events/s, 100 requests/s: p99': { floor: 10 },
  'page: data painted': { floor: 1_000 },
  'page: transferred': { floor: 300 },
  'page follows an event after: p99': { floor: 1_000, aim: 500 },
  'page follows a look at the player after: p99': { floor: 1_000, aim: 500 },
  'lake: rate': { floor: 20_000, aim: 40_000, more: true },
  'lake: CPU': { floor: 45, aim: 25 },
  'lake: resident memory': { floor: 350, aim: 250 }
}

interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
}

const figures: Figure[] = []
let prefix = ''

/** What the names of all further figures begin with. */
export function prefixFigures(text: string): void {
  prefix = text
}

/** Takes a figure for the table, and prints it at once. */
export function figure(text: string, value: number, unit: string): void {
  const name = prefix + text
  figures.push({ name, value, unit })
  process.stdout.write(`${line({ name, value, unit })}\n`)
}

/** Takes the median and the 99th percentile of times, milliseconds. */
export function percentiles(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (percentile: number) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percentile) / 100))] ?? Number.NaN
  for (const percentile of [50, 99]) figure(`${name}: p${percentile}`, at(percentile), 'ms')
}

export function printTable(): void {
  process.stdout.write(`\n${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, `)
  process.stdout.write(`${type()} ${release()}, Node.js ${process.version}\n`)
  process.stdout.write(`${''.padEnd(WIDTH)}${''.padStart(20)}${'floor'.padStart(10)}${'aim'.padStart(10)}\n`)
  for (const one of figures) {
    const goal = goals[one.name]
    const limits = goal === undefined ? '' : `${limit(goal.floor)}${limit(goal.aim)}  ${verdict(one.value, goal)}`
    process.stdout.write(`${line(one)}${limits}`.trimEnd())
    process.stdout.write('\n')
  }
}

const WIDTH = 54
const line = ({ name, value, unit }: Figure): string =>
  `${name.padEnd(WIDTH)}${value.toFixed(Math.abs(value) < 10 ? 2 : 0).padStart(9)} ${unit.padEnd(10)}`
const limit = (value: number | undefined): string => (value?.toString() ?? '').padStart(10)

function verdict(value: number, { floor, aim, more = false }: Goal): string {
  const reaches = (goal: number | undefined): boolean => goal === undefined || (more ? value >= goal : value <= goal)
  if (!reaches(floor)) return 'MISSED'
  return reaches(aim) ? 'reached' : 'floor reached'
}
