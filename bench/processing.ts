/** Catching up, embedded, durable: `node dist/bench/processing.js [events]`. Then restarts: with the state kept, and wiped. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, readConfig } from '../config.js'
import { startMirror } from '../connect/mirror.js'
import { catalogue } from '../schemas/catalogue.js'
import { fromJson } from '../schemas/json.js'
import { openStore } from '../state/open.js'
import { openLocalView } from '../state/view/local-view.js'
import type { NewRecord } from '../streams/log/log.js'
import { APPLICATION_ID, type Base, createProcessing, openBase } from '../tools/embedded.js'
import { settled } from '../tools/operations.js'
import { referenceEvents } from './reference.js'

const events = Number(process.argv[2] ?? 100_000)
const directory = mkdtempSync(join(tmpdir(), 'segue-bench-'))
const config: Config = { ...readConfig(process.env), dataDir: directory }
const print = (name: string, value: number, unit: string) =>
  process.stdout.write(`${name.padEnd(44)} ${value.toFixed(value < 10 ? 2 : 0).padStart(10)} ${unit}\n`)
const fail = (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
  process.exit(1)
}

async function produce({ log, codec }: Base): Promise<void> {
  let batch: NewRecord[] = []
  for (const { topic, key, event } of referenceEvents({ events })) {
    const value = event === null ? Buffer.from('not Avro') : codec.encode(topic, fromJson(topic, event))
    batch.push({ topic, key: Buffer.from(key), value })
    if (batch.length < 1000) continue
    await log.send(batch)
    batch = []
  }
  await log.send(batch)
}

function bytesIn(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** Runs until all is committed, emitted and in the view. */
async function process1(base: Base): Promise<{ wall: number; cpu: number; running: number; stop: () => Promise<void> }> {
  const before = process.cpuUsage()
  const started = performance.now()
  const { application, topology } = createProcessing(config, base, { onNotice: console.error, onFailure: fail })
  const view = await openLocalView(join(directory, 'view'), {
    openStore: openStore('lmdb'),
    decode: (space, bytes) => base.codec.decodeBare(space, bytes)
  })
  const mirror = startMirror({ ...base, view, onNotice: console.error })
  await application.start()
  while (application.tasks.length === 0 || application.tasks.some(task => task.state !== 'running')) await pause()
  const running = performance.now() - started
  await settled({ ...base, topology, application, applicationId: APPLICATION_ID, viewLag: async () => [] }, application)
  while ((await mirror.lag()).some(({ records }) => records > 0)) await pause()
  const wall = performance.now() - started
  const { user, system } = process.cpuUsage(before)
  const stop = async () => {
    await application.close()
    await mirror.close()
    await view.close()
  }
  return { wall, cpu: user + system, running, stop }
}

const pause = () => new Promise(resolve => setTimeout(resolve, 2))

let base = await openBase(config, 'bench')
await produce(base)
const input = bytesIn(directory)
const first = await process1(base)
print('catching up', (1000 * events) / first.wall, 'events/s')
print('CPU', first.cpu / events, 'us/event')
print('resident memory after the run', process.memoryUsage().rss / 1e6, 'MB')
for (const topic of [
  ...Object.keys(catalogue),
  ...(await base.log.topics()).map(({ name }) => name).filter(name => name.endsWith('-changelog'))
]) {
  let records = 0
  for (let partition = 0; partition < config.partitions; partition++) records += await base.log.endOffset({ topic, partition })
  if (records > 0) print(`records in ${topic}`, records, '')
}
await first.stop()
await base.close()
print('disk', (bytesIn(directory) - input) / events, 'bytes/event beyond the input')
base = await openBase(config, 'bench')
const kept = await process1(base)
print('restart, state kept: running after', kept.running, 'ms')
await kept.stop()
rmSync(join(directory, 'state'), { recursive: true })
const wiped = await process1(base)
print('restart, state wiped: restored after', wiped.running, 'ms')
await wiped.stop()
await base.close()
rmSync(directory, { recursive: true, force: true })
