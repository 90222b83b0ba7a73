/**
 * Whether it can go on: events arrive over HTTP at a steady rate, and after each round, once all is computed, it is asked what it holds.
 * `node dist/bench/soak.js [--events 1000000] [--rate 2000] [--round 100000] [--users 1000]`. With a thousand listeners a million events
 * are two and a half weeks of stream time, so what is kept for seven days is forgotten from the third round on. The memory of the stores'
 * values has the bound of a small machine unless STORE_CACHE_MB says another: it is full after the second round, and all else is seen.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { EventProducer, NewEvent } from '../connect/producer.js'
import { fromJson } from '../schemas/json.js'
import { openPath } from './path.js'
import { sizeOf } from './processing.js'
import { startProduct } from './product.js'
import { type ReferenceEvent, referenceEvents } from './reference.js'

const SLICE_MS = 20
process.env.STORE_CACHE_MB ??= '64'
const DAY_MS = 86_400_000

const text = (value: number) => ({ type: 'string', default: String(value) }) as const
const { values } = parseArgs({ options: { events: text(1_000_000), rate: text(2_000), round: text(100_000), users: text(1_000) } })
const [events, rate, round, users] = [values.events, values.rate, values.round, values.users].map(Number) as [
  number,
  number,
  number,
  number
]
if ([events, rate, round, users].some(value => !(value >= 1))) throw new Error('--events, --rate, --round and --users take whole numbers.')

const directory = mkdtempSync(join(tmpdir(), 'segue-soak-'))
const columns = [
  'events',
  'stream days',
  'events/s',
  'us/event',
  'RSS MB',
  'anonymous MB',
  'heap MB',
  'heap alive MB',
  'arrays MB',
  'descriptors',
  'log',
  'state',
  'view',
  'lake'
]
const row = (cells: readonly (string | number)[]) =>
  process.stdout.write(`${cells.map((cell, i) => String(cell).padStart(columns[i]!.length)).join('  ')}\n`)

const product = await startProduct(directory)
try {
  const path = await openPath(product)
  const workload = referenceEvents({ events, users })[Symbol.iterator]()
  let spent = await product.ask('settled')
  let [first, last] = [Number.POSITIVE_INFINITY, 0]
  const seen = ({ event }: ReferenceEvent) => {
    const at = event?.occurred_at as number | undefined
    if (at !== undefined) [first, last] = [Math.min(first, at), Math.max(last, at)]
  }
  row(columns)
  for (let done = 0; done < events; done += round) {
    const count = Math.min(round, events - done)
    await feed(path, workload, count, seen)
    const settled = await product.ask('settled')
    const { residentMb, anonymousMb, heapTotalMb } = await product.ask('memory')
    const { heapMb, arraysMb, descriptors } = await product.ask('held')
    const perEvent = (settled.cpu - spent.cpu) / count
    const megabytes = ['log', 'state', 'view', 'lake'].map(part => Math.round(sizeOf(join(directory, part)) / 1e6))
    const [speed, days] = [(1000 * count) / (settled.wall - spent.wall), (last - first) / DAY_MS]
    const memory = [residentMb, anonymousMb, heapTotalMb, heapMb, arraysMb].map(Math.round)
    row([done + count, days.toFixed(1), Math.round(speed), Math.round(perEvent), ...memory, descriptors, ...megabytes])
    // What the measuring itself took is not counted.
    spent = await product.ask('settled')
  }
  await path.close()
} finally {
  await product.stop()
  rmSync(directory, { recursive: true, force: true })
}

/** Sends so many of the next events, as steadily as they are taken. */
async function feed(
  producer: EventProducer,
  workload: Iterator<ReferenceEvent>,
  count: number,
  seen: (event: ReferenceEvent) => void
): Promise<void> {
  const started = performance.now()
  for (let sent = 0; sent < count; await sleep(SLICE_MS)) {
    const due = Math.min(count, Math.floor(((performance.now() - started) / 1000) * rate))
    const batch: NewEvent[] = []
    for (; sent < due; sent++) {
      const { value, done } = workload.next()
      if (done) return
      seen(value)
      const { topic, key, event } = value
      if (event !== null) batch.push({ topic, key, event: fromJson(topic, event) } as never)
    }
    if (batch.length > 0) await producer.send(batch)
  }
}
