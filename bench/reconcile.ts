/** segue reconcile under load, on so many events of the reference workload (default a million): pause, time, CPU, memory. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
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

/** Of so many events one comes late, by so many: ten of its listener's. */
const LATE_ONE_OF = 50
const LATE_BY = 50_000
/** Sent a second while stream and batch are compared, and how many are kept for it. */
const LIVE_RATE = 100
const LIVE = Math.min(100_000, events / 10)

function* lines(): Iterable<string> {
  const late: string[] = []
  let count = 0
  for (const { topic, event } of referenceEvents({ events })) {
    if (event === null) continue
    const line = JSON.stringify({ topic, event })
    if (++count % LATE_ONE_OF === 0) late.push(line)
    else yield line
    if (late.length > LATE_BY / LATE_ONE_OF) yield late.shift()!
  }
  yield* late
}

/** Writes the first lines to a file, and returns those that are left for later. */
async function written(file: string): Promise<string[]> {
  const all = lines()[Symbol.iterator]()
  const first = function* () {
    for (let i = 0; i < events - LIVE; i++) {
      const { value, done } = all.next()
      if (done) return
      yield `${value}\n`
    }
  }
  await pipeline(Readable.from(first()), createWriteStream(file))
  return [...{ [Symbol.iterator]: () => all }]
}

const peakOf = (pid: number) => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

/** `segue reconcile` to its end; seconds of processor time, with dbt's, are the last line of what `times` prints. */
async function reconcile(): Promise<{ output: string; cpu: number; code: number | null }> {
  const child = spawn('sh', ['-c', '"$0" "$@"; code=$?; times; exit $code', process.execPath, segue, 'reconcile'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    printed += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  const output = printed.trim().split('\n')
  const times = output.splice(-2).at(-1)!
  const cpu = [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0)
  return { output: output.join('\n'), cpu, code }
}

const file = join(directory, 'events.jsonl')
try {
  const live = await written(file)
  execFileSync(process.execPath, [segue, 'produce', file], { env, stdio: 'ignore' })
  const instance = spawn(process.execPath, [segue, 'start', '--no-simulator'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const url = await new Promise<string>(resolve =>
      instance.stdout.setEncoding('utf8').on('data', text => {
        const found = /listening on (http:\/\/\S+)/.exec(String(text))
        if (found !== null) resolve(found[1]!)
      })
    )
    const health = async () =>
      (await (await fetch(`${url}/health`)).json()) as { status: string; lag: { tasks: number; view: number } | null }
    for (let now = await health(); now.status !== 'healthy' || now.lag?.tasks !== 0 || now.lag.view !== 0; now = await health())
      await sleep(500)
    const before = peakOf(instance.pid!)
    const started = Date.now()
    let sent = 0
    let ended = false
    const load = (async () => {
      for (; !ended; await sleep(1000)) {
        const body = live.slice(sent, sent + LIVE_RATE).join('\n')
        const { status } = await fetch(`${url}/ingest`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body })
        if (status !== 200) throw new Error(`Events are not taken: ${status}.`)
        sent = Math.min(live.length, sent + LIVE_RATE)
        if (sent === live.length) return
      }
    })()
    const { output, cpu, code } = await reconcile()
    ended = true
    await load
    process.stdout.write(`${output}\n`)
    process.stdout.write(
      `${events - LIVE} events, and ${sent} while it ran: ${((Date.now() - started) / 1000).toFixed(1)} s, ${cpu.toFixed(1)} s of CPU beside the instance's, which had ${before.toFixed(0)} MB at most before, ${peakOf(instance.pid!).toFixed(0)} MB with it\n`
    )
    process.exitCode = code ?? 1
  } finally {
    instance.kill('SIGTERM')
    await once(instance, 'close')
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
