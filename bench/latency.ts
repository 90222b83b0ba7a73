import { setTimeout as sleep } from 'node:timers/promises'
import { httpProducer } from '../connect/http-producer.js'
import type { NewEvent } from '../connect/producer.js'
import { figure } from './figures.js'
import { type Product, startProduct } from './product.js'
import { referenceEvents } from './reference.js'
import type { Prepared } from './workload.js'

const RATE = 500
const SECONDS = 15
/** The process was just started: its code is not compiled yet, and no value is in memory. */
const COLD_SECONDS = 5
const SLICE_MS = 20
const POLL_MS = 2

/** How long after its event was sent an answer of the API shows it, while events arrive at `RATE`. */
export async function latency(prepared: Prepared): Promise<void> {
  const product = await startProduct(prepared.directory)
  await product.ask('settled')
  const stop = new AbortController()
  const feeding = feed(product, prepared, stop.signal)
  const sessions: number[] = []
  const neighbours: number[] = []
  const began = performance.now()
  let cold = 0
  for (let i = 0; performance.now() < began + SECONDS * 1000; i++) {
    await probe(product, i, sessions, neighbours)
    if (performance.now() < began + COLD_SECONDS * 1000) cold = sessions.length
  }
  stop.abort()
  await feeding
  figure(`visible after, ${RATE} events/s: probes`, sessions.length, '')
  const warm = { 'visible once warm': sessions.slice(cold), 'visible as a neighbour once warm': neighbours.slice(cold) }
  for (const [name, times] of Object.entries({ 'visible after': sessions, 'visible as a neighbour after': neighbours, ...warm }))
    for (const percentile of [50, 99]) figure(`${name}, ${RATE} events/s: p${percentile}`, at(times, percentile), 'ms')
  await product.stop()
}

/** A listener plays two tracks: the second is what they play now, and the neighbour of the first. */
async function probe({ url }: Product, index: number, sessions: number[], neighbours: number[]): Promise<void> {
  const user_id = `probe-${index}`
  const [first, second] = [`probe-track-${index}-a`, `probe-track-${index}-b`]
  const producer = httpProducer({ url })
  await producer.send([play(user_id, first, Date.now() - 60_000)])
  const started = performance.now()
  await producer.send([play(user_id, second, Date.now())])
  const seen = async (path: string, text: string) => {
    while (!(await (await fetch(url + path)).text()).includes(text)) await sleep(POLL_MS)
    return performance.now() - started
  }
  sessions.push(await seen(`/recommendations?user_id=${user_id}`, `"track_id":"${second}"`))
  neighbours.push(await seen(`/tracks/${first}/neighbours`, second))
}

function play(user_id: string, track_id: string, occurred_at: number): NewEvent {
  const names = { track_name: track_id, artist_id: 'probe-artist', artist_name: 'Probe' }
  const unknown = { album_name: null, duration_ms: null, ms_played: null, device_type: null, country: null }
  const event = { event_id: `${user_id}-${track_id}`, user_id, track_id, ...names, occurred_at, source: 'bench', ...unknown }
  return { topic: 'spotify-plays', key: user_id, event }
}

/** Sends the next events of the workload, until it is stopped. */
export async function feed({ url }: Product, prepared: Prepared, stop: AbortSignal): Promise<void> {
  const producer = httpProducer({ url })
  const workload = referenceEvents({ events: prepared.events + RATE * 3_600 })[Symbol.iterator]()
  for (let i = 0; i < prepared.events; i++) workload.next()
  const started = performance.now()
  for (let sent = 0; !stop.aborted; await sleep(SLICE_MS)) {
    const due = Math.floor(((performance.now() - started) / 1000) * RATE)
    const batch: NewEvent[] = []
    for (; sent < due; sent++, prepared.events++) {
      const { topic, key, event } = workload.next().value!
      if (event !== null) batch.push({ topic, key, event } as never)
    }
    if (batch.length > 0) await producer.send(batch)
  }
}

function at(times: number[], percentile: number): number {
  times.sort((a, b) => a - b)
  return times[Math.min(times.length - 1, Math.floor((times.length * percentile) / 100))] ?? Number.NaN
}
