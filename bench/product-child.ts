/** Segue in a process of its own, as `segue start` runs it; answers what `product.ts` asks over the process's channel. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { readConfig } from '../config.js'
import { startSegue } from '../main.js'
import { StreamsApplication } from '../streams/application.js'
import { CommitGaps } from './commit-gaps.js'
import { type Held, LoopWatch } from './loop.js'

/** Nothing waited when asked so many times: all is processed, emitted and in the view. */
const QUIET = 20
/** Before memory is looked at. */
const REST_MS = 1_000

export interface Spent {
  /** Microseconds of CPU, of all threads, since the process began. */
  readonly cpu: number
  /** Milliseconds since the process began. */
  readonly wall: number
}

export interface Settled extends Spent {
  readonly loop: Held
}

export interface Memory {
  readonly residentMb: number
  /** What V8 has of the system for its heap, used or not. */
  readonly heapTotalMb: number
  /** Without the pages of mapped files, which the system takes back when it needs them; NaN where it does not tell. */
  readonly anonymousMb: number
}

export interface Alive {
  /** Of V8's heap, what is alive. */
  readonly heapMb: number
  /** Of buffers outside of it, what is alive. */
  readonly arraysMb: number
  /** NaN where the system does not tell. */
  readonly descriptors: number
}

function spent(): Spent {
  const { user, system } = process.cpuUsage()
  return { cpu: user + system, wall: performance.now() }
}

let committed: (first: Spent) => void = () => {}
const firstCommit = new Promise<Spent>(resolve => {
  committed = resolve
})
/** When the group had answered. */
let joined = spent()
const { start } = StreamsApplication.prototype
StreamsApplication.prototype.start = async function (this: StreamsApplication) {
  await start.call(this)
  joined = spent()
}
const commits = new CommitGaps()
const segue = await startSegue(readConfig(process.env), {
  onStep: (step, task) => {
    if (step !== 'log-committed') return
    committed(spent())
    commits.add(`${task.unit}-${task.partition}`)
  }
})
const { operations } = segue
void segue.failed.then(error => {
  process.stderr.write(`Segue failed: ${error instanceof Error ? error.stack : error}\n`)
  process.exit(1)
})

async function waiting(): Promise<{ tasks: number; view: number }> {
  const { tasks, view } = await operations.lag()
  return { tasks: tasks.reduce((sum, { records }) => sum + records, 0), view: view.reduce((sum, { records }) => sum + records, 0) }
}

const requests = {
  async running(): Promise<Spent> {
    for (;;) {
      const tasks = await operations.taskStates()
      if (tasks.length > 0 && tasks.every(({ state }) => state === 'running')) return spent()
      await sleep(5)
    }
  },

  /** The group had answered. */
  joined: async (): Promise<Spent> => joined,

  tasks: async (): Promise<string[]> =>
    (await operations.taskStates()).filter(({ state }) => state === 'running').map(({ unit, partition }) => `${unit}-${partition}`),

  /** By task: the longest time without a commit since this was last asked. */
  pauses: async (): Promise<Record<string, number>> => commits.take(),

  /** The first commit. */
  processing: (): Promise<Spent> => firstCommit,

  async settled(): Promise<Settled> {
    const loop = new LoopWatch()
    let last = spent()
    for (let quiet = 0; quiet < QUIET; await sleep(25)) {
      const { tasks, view } = await waiting()
      quiet = tasks + view === 0 ? quiet + 1 : 0
      if (quiet === 0) last = spent()
    }
    return { ...last, loop: loop.stop() }
  },

  /** After a moment of rest, in which a store lets go of the pages that it has read. */
  async memory(): Promise<Memory> {
    await sleep(REST_MS)
    const { rss, heapTotal } = process.memoryUsage()
    return { residentMb: rss / 1e6, heapTotalMb: heapTotal / 1e6, anonymousMb: anonymousMb() }
  },

  /** Collects all garbage first. */
  async held(): Promise<Alive> {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    for (const _ of [1, 2]) collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return { heapMb: heapUsed / 1e6, arraysMb: arrayBuffers / 1e6, descriptors: openDescriptors() }
  }
}
export type Requests = typeof requests

function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return Number.NaN
  }
}

function anonymousMb(): number {
  try {
    const [, kilobytes] = /^Anonymous:\s+(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))!
    return (Number(kilobytes) * 1024) / 1e6
  } catch {
    return Number.NaN
  }
}

process.on('message', async ({ request }: { request: keyof Requests | 'stop' }) => {
  if (request !== 'stop') process.send!({ request, answer: await requests[request]() })
  else await segue.close().then(() => process.disconnect())
})
process.send!({ request: 'start', answer: segue.url })
