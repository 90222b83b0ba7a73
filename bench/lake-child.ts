/** Writes all that the log of a data directory has into its lake, and tells its parent what that took. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../config.js'
import { lakeFiles } from '../connect/lake/names.js'
import { sourceTopics } from '../schemas/catalogue.js'
import { openBase } from '../tools/embedded.js'
import { openLakeObjects, startLakeSink } from '../tools/lake.js'

export interface LakeRun {
  readonly wallMs: number
  readonly cpuUs: number
  /** The most there was. */
  readonly residentMb: number
  readonly files: number
  readonly bytes: number
}

/** Linux's maxRSS begins at what the parent had when it forked; the peak of a process's own memory is in its status. */
function mostResidentMb(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
}

const config = readConfig(process.env)
const base = await openBase(config, { purpose: 'bench' })
const before = process.cpuUsage()
const started = performance.now()
const sink = await startLakeSink(config, config.lake!, base, sentence => process.stderr.write(`${sentence}\n`))
while ((await sink.lag()).length < sourceTopics.length * base.partitions) await sleep(1)
await sink.flush()
const wallMs = performance.now() - started
const { user, system } = process.cpuUsage(before)
const residentMb = mostResidentMb()
await sink.close()
const files = await lakeFiles(await openLakeObjects(config.lake!))
const bytes = files.reduce((sum, { size }) => sum + size, 0)
process.send!({ wallMs, cpuUs: user + system, residentMb, files: files.length, bytes } satisfies LakeRun)
await base.close()
process.disconnect()
