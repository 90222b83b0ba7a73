/**
 * The same input on the same broker, by Segue and by Quix Streams (`quix.py`), one after the other, with the results checked
 * against each other: `npm run bench:compare [-- --events N]`. Quix Streams is the stream processor with state and exactly-once
 * that a user without the JVM would pick.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { projectRoot } from '../../schemas/root.js'
import type { Dump } from '../../tools/dump.js'
import { startStack } from '../../tools/stack/stack.js'
import { figure, printTable } from '../figures.js'
import { startProduct } from '../product.js'
import { produceInto } from '../workload.js'
import { differences, type QuixState } from './equal.js'

interface QuixFigures {
  readonly seconds: number
  readonly cpu: number
  readonly rss: number
}

const { values } = parseArgs({ options: { events: { type: 'string', default: '100000' } } })
const events = Number(values.events)
const directory = mkdtempSync(join(tmpdir(), 'segue-compare-'))
const say = (line: string) => process.stderr.write(`${line}\n`)
const stack = await startStack({ dir: join(directory, 'stack'), parts: ['kafka', 'registry', 'redis'], ports: 'free', bound: true, say })
try {
  Object.assign(process.env, { SEGUE_MODE: 'kafka', ...stack.environment })
  await produceInto({ directory: join(directory, 'data'), events: 0 }, events)
  const expected = await segue()
  const other = await quix()
  const { compared, first } = differences(expected, other)
  figure('compared: values of both that must be equal', compared, '')
  printTable()
  if (first.length > 0) throw new Error(`The results differ:\n${first.join('\n')}`)
  process.stdout.write('The results are equal.\n')
} finally {
  await stack.stop()
  rmSync(directory, { recursive: true, force: true })
}

/** The whole product: with lists of neighbours, charts, the view in Redis and the API. */
async function segue(): Promise<Dump> {
  const product = await startProduct(join(directory, 'data'))
  const { cpu, wall } = await product.ask('settled')
  report('Segue', { seconds: wall / 1e3, cpu: cpu / 1e6, rss: (await product.ask('memory')).residentMb })
  const dump = (await (await fetch(`${product.url}/v1/operations/dump`)).json()) as Dump
  await product.stop()
  return dump
}

async function quix(): Promise<QuixState> {
  say('Quix Streams: about a minute for 10,000 events')
  const out = join(directory, 'quix.json')
  const { stdout } = await promisify(execFile)(
    join(projectRoot, '.venv/quix/bin/python'),
    [
      join(projectRoot, 'bench/compare/quix.py'),
      ...['--broker', process.env.KAFKA_BOOTSTRAP_SERVERS!, '--registry', process.env.SCHEMA_REGISTRY_URL!],
      ...['--group', 'quix', '--state', join(directory, 'quix'), '--out', out]
    ],
    { maxBuffer: 1 << 26 }
  )
  report('Quix Streams', JSON.parse(stdout.trim().split('\n').at(-1)!) as QuixFigures)
  return JSON.parse(readFileSync(out, 'utf8')) as QuixState
}

function report(name: string, { seconds, cpu, rss }: QuixFigures): void {
  figure(`${name}: rate`, events / seconds, 'events/s')
  figure(`${name}: CPU`, (1e6 * cpu) / events, 'us/event')
  figure(`${name}: resident memory`, rss, 'MB')
}
