import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventProducer, NewEvent } from '../connect/producer.js'
import { fromJson } from '../schemas/json.js'
import { figure, percentiles } from './figures.js'
import { openPath, type Path } from './path.js'
import { startProduct } from './product.js'
import { referenceEvents } from './reference.js'
import type { Prepared } from './workload.js'

const RATE = 500
const SECONDS = 20
/** The process was just started: its code is not compiled yet, and no value is in memory. */
const COLD_SECONDS = 5
/** What an earlier run on the same broker sent is visible before it is sent again. */
const RUN = randomBytes(4).toString('hex')
const SLICE_MS = 20
const POLL_MS = 5
/** Probes are not to keep step with the commits that they wait for. */
const LONGEST_PAUSE_MS = 250
const GOLDEN = 0.618034

/** How long after its event was sent the view shows it, while events arrive at `RATE`: while it keeps up, and just after its start. */
export async function latency(prepared: Prepared): Promise<void> {
  const product = await startProduct(prepared.directory)
  await product.ask('settled')
  const path = await openPath(product)
  const stop = new AbortController()
  const feeding = feed(path, prepared, stop.signal)
  const sessions: number[] = []
  const neighbours: number[] = []
  const began = performance.now()
  let started = 0
  for (let i = 0; performance.now() < began + SECONDS * 1000; i++) {
    await probe(path, i, sessions, neighbours)
    if (performance.now() < began + COLD_SECONDS * 1000) started = sessions.length
  }
  stop.abort()
  await feeding
  figure(`visible after, ${RATE} events/s: probes`, sessions.length - started, '')
  percentiles(`visible after, ${RATE} events/s`, sessions.slice(started))
  percentiles(`visible as a neighbour after, ${RATE} events/s`, neighbours.slice(started))
  percentiles(`visible in the first ${COLD_SECONDS} s of a process after, ${RATE} events/s`, sessions.slice(0, started))
  await path.close()
  await product.stop()
}

/** A listener plays two tracks: the second is what they play now, and the neighbour of the first. */
async function probe(path: Path, index: number, sessions: number[], neighbours: number[]): Promise<void> {
  const user_id = `probe-${RUN}-${index}`
  const [first, second] = [`${user_id}-a`, `${user_id}-b`]
  await path.send([play(user_id, first, Date.now() - 60_000)])
  await sleep(LONGEST_PAUSE_MS * ((index * GOLDEN) % 1))
  const started = performance.now()
  await path.send([play(user_id, second, Date.now())])
  const seen = async (look: () => Promise<string>) => {
    while (!(await look()).includes(second)) await sleep(POLL_MS)
    return performance.now() - started
  }
  sessions.push(await seen(() => path.session(user_id)))
  neighbours.push(await seen(() => path.neighbours(first)))
}

function play(user_id: string, track_id: string, occurred_at: number): NewEvent {
  const names = { track_name: track_id, artist_id: 'probe-artist', artist_name: 'Probe' }
  const unknown = { album_name: null, duration_ms: null, ms_played: null, device_type: null, country: null }
  const event = { event_id: `${user_id}-${track_id}`, user_id, track_id, ...names, occurred_at, source: 'bench', ...unknown }
  return { topic: 'spotify-plays', key: user_id, event }
}

/** Sends the next events of the workload, until it is stopped. */
export async function feed(producer: EventProducer, prepared: Prepared, stop: AbortSignal): Promise<void> {
  const workload = referenceEvents({ events: prepared.events + RATE * 3_600 })[Symbol.iterator]()
  for (let i = 0; i < prepared.events; i++) workload.next()
  const started = performance.now()
  for (let sent = 0; !stop.aborted; await sleep(SLICE_MS)) {
    const due = Math.floor(((performance.now() - started) / 1000) * RATE)
    const batch: NewEvent[] = []
    for (; sent < due; sent++, prepared.events++) {
      const { topic, key, event } = workload.next().value!
      if (event !== null) batch.push({ topic, key, event: fromJson(topic, event) } as never)
    }
    if (batch.length > 0) await producer.send(batch)
  }
}
