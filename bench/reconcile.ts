/** segue reconcile beside a running instance that has so many events of the reference workload (default a million): pause, time, memory. */
import { execFileSync, spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectRoot } from '../schemas/root.js'
import { referenceEvents } from './reference.js'

const events = Number(process.argv[2] ?? 1_000_000)
const directory = mkdtempSync(join(tmpdir(), 'segue-reconcile-'))
const segue = join(projectRoot, 'dist/tools/segue.js')
const env = { ...process.env, SEGUE_DATA_DIR: join(directory, 'data'), SEGUE_LAKE: 'on', S3_BUCKET: '', PORT: '0', LOG_LEVEL: 'warn' }

/** Of so many events one comes late, by so many. */
const LATE_ONE_OF = 50
const LATE_BY = 5_000

function* lines(): Iterable<string> {
  const late: string[] = []
  let count = 0
  for (const { topic, event } of referenceEvents({ events })) {
    if (event === null) continue
    const line = `${JSON.stringify({ topic, event })}\n`
    if (++count % LATE_ONE_OF === 0) late.push(line)
    else yield line
    if (late.length > LATE_BY / LATE_ONE_OF) yield late.shift()!
  }
  yield* late
}

const seconds = (since: number) => ((Date.now() - since) / 1000).toFixed(1)
const peakOf = (pid: number) => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

try {
  const file = join(directory, 'events.jsonl')
  await pipeline(Readable.from(lines()), createWriteStream(file))
  execFileSync(process.execPath, [segue, 'produce', file], { env, stdio: 'ignore' })
  const instance = spawn(process.execPath, [segue, 'start', '--no-simulator'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    let url: string | undefined
    for await (const text of instance.stdout.setEncoding('utf8')) {
      url = /listening on (http:\/\/\S+)/.exec(String(text))?.[1]
      if (url !== undefined) break
    }
    const health = async () =>
      (await (await fetch(`${url}/health`)).json()) as { status: string; lag: { tasks: number; view: number } | null }
    for (let now = await health(); now.status !== 'healthy' || now.lag?.tasks !== 0 || now.lag.view !== 0; now = await health())
      await sleep(500)
    const before = peakOf(instance.pid!)
    const started = Date.now()
    process.stdout.write(execFileSync(process.execPath, [segue, 'reconcile'], { env, encoding: 'utf8' }))
    process.stdout.write(
      `${events} events: ${seconds(started)} s; the instance had ${before.toFixed(0)} MB at most before, ${peakOf(instance.pid!).toFixed(0)} MB with it\n`
    )
  } finally {
    instance.kill('SIGTERM')
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
