/**
 * The application on a broker of its own: `npm run bench:kafka`. Parts: `npm run bench:kafka -- [restart] [latency] [scale] [api] [--events N]`;
 * catching up always comes first. KAFKA_BOOTSTRAP_SERVERS: another broker, whose topics are then filled.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startStack } from '../tools/stack/stack.js'
import { figure, prefixFigures, printTable } from './figures.js'
import { latency } from './latency.js'
import { startProduct } from './product.js'
import { redisApi } from './redis-api.js'
import { restart } from './restart.js'
import { scale } from './scale.js'
import { type Prepared, produceInto } from './workload.js'

prefixFigures('kafka: ')
const parts = { restart, latency, scale, api: redisApi }
const { values, positionals } = parseArgs({ options: { events: { type: 'string', default: '100000' } }, allowPositionals: true })
const chosen = positionals.length === 0 ? Object.keys(parts) : positionals
const directory = mkdtempSync(join(tmpdir(), 'segue-bench-'))
const say = (line: string) => process.stderr.write(`${line}\n`)
const stack = process.env.KAFKA_BOOTSTRAP_SERVERS
  ? undefined
  : await startStack({ dir: join(directory, 'stack'), parts: ['kafka', 'registry', 'redis'], ports: 'free', bound: true, say })

try {
  Object.assign(process.env, { SEGUE_MODE: 'kafka', ...stack?.environment })
  const prepared = { directory: join(directory, 'data'), events: 0 }
  await catchingUp(prepared, Number(values.events))
  for (const [name, run] of Object.entries(parts)) if (chosen.includes(name)) await run(prepared)
  printTable()
} finally {
  await stack?.stop()
  rmSync(directory, { recursive: true, force: true })
}

async function catchingUp(prepared: Prepared, events: number): Promise<void> {
  await produceInto(prepared, events)
  const product = await startProduct(prepared.directory)
  const { cpu, wall } = await product.ask('settled')
  figure('catching up: rate', (1000 * events) / wall, 'events/s')
  figure('catching up: CPU', cpu / events, 'us/event')
  figure('catching up: resident memory', (await product.ask('memory')).residentMb, 'MB')
  await product.stop()
}
