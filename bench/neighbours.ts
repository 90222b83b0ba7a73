/**
 * Neighbours lists, incremental against selected anew at each emission, by size of the vector and by changes per emission:
 * CPU microseconds. `node dist/bench/neighbours.js`
 */
import { cooccurrenceFold, TrackVector } from '../processors/cooccurrence/vector.js'
import { NameOrder } from '../processors/ranking/order.js'
import { AvroWriter } from '../schemas/avro-io.js'
import { writeTrackNeighbours } from '../schemas/binary.js'
import type { Neighbour } from '../schemas/events.js'
import type { Dictionary } from '../streams/processor.js'

const names = Array.from({ length: 40_000 }, (_, i) => Buffer.from(`track${String(i).padStart(6, '0')}`).toString())
const dictionary: Dictionary = { intern: () => 0, find: () => undefined, name: id => names[id]!, size: names.length }
const order = new NameOrder(dictionary)
const out = new AvroWriter()

/** Numerical Recipes' linear congruential generator: the same figures in every run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Neighbours by Zipf's law (exponent 1): few are met again and again, most once. */
function neighbour(random: () => number, size: number): number {
  const rank = Math.floor(size ** random()) - 1
  return (Math.imul(rank, 7919) >>> 0) % names.length
}

/** As in the workload: eleven of twelve changes of a track touch one pair, the twelfth its eleven predecessors. */
function change(vector: TrackVector, random: () => number, size: number): void {
  const pairs = random() < 1 / 12 ? 11 : 1
  const others = Array.from({ length: pairs }, () => neighbour(random, size))
  const together = others.map(() => (random() < 0.8 ? 1 : 0))
  const weight = others.map(() => Math.round((110 * 2 ** 20) / (1 + Math.floor(random() * 11))) / 2 ** 20)
  cooccurrenceFold.merge(vector, { sessions: 1, n: 1, others, together, weight, from: 0, to: pairs })
}

function filled(size: number, random: () => number): TrackVector {
  const vector = new TrackVector()
  for (let rank = 0; rank < size; rank++) {
    const id = (Math.imul(rank, 7919) >>> 0) % names.length
    const times = Math.max(1, Math.floor(size / (4 * (rank + 1))))
    vector.add(id, times, (Math.floor(random() * 2 ** 24) * times) / 2 ** 20)
  }
  return vector
}

function list(vector: TrackVector): Neighbour[] {
  const neighbours: Neighbour[] = []
  vector.list(order, (id, together, weight) => neighbours.push({ track_id: order.name(id), together, weight }))
  return neighbours
}

function measure(size: number, every: number, incremental: boolean): { list: number; entries: number; checksum: number } {
  const random = generator(size)
  const vector = filled(size, random)
  const emissions = Math.max(300, Math.min(20_000, Math.floor(2_000_000 / size)))
  let spent = 0
  let entries = 0
  let checksum = 0
  for (let i = -200; i < emissions; i++) {
    for (let j = 0; j < every; j++) change(vector, random, size)
    if (!incremental) vector.invalidate()
    const start = process.hrtime.bigint()
    const neighbours = list(vector)
    if (i >= 0) spent += Number(process.hrtime.bigint() - start)
    entries = neighbours.length
    checksum = (checksum * 31 + neighbours[i & 31]!.together) % 1_000_003
  }
  return { list: spent / emissions / 1000, entries, checksum }
}

function encoding(size: number): number {
  const vector = filled(size, generator(size))
  const rounds = 3000
  let start = process.cpuUsage()
  let bytes = 0
  for (let i = -500; i < rounds; i++) {
    if (i === 0) start = process.cpuUsage()
    out.position = 0
    writeTrackNeighbours(out, { track_id: 'track000000', sessions: 1, n: 1.5, neighbours: list(vector) })
    bytes = out.copy().length
  }
  const { user, system } = process.cpuUsage(start)
  const entries = list(vector).length
  const each = (user + system) / rounds
  console.log(`neighbours.encode.${size}: ${each.toFixed(1)} us for ${entries} entries and ${bytes} bytes, unchanged list included`)
  return each
}

function merging(size: number): void {
  const random = generator(size + 1)
  const vector = filled(size, random)
  list(vector)
  const pairs = 1_000_000
  const others = Uint32Array.from({ length: pairs }, () => neighbour(random, size))
  const together = new Int32Array(pairs).fill(1)
  const weight = new Float64Array(pairs).fill(1.5)
  const start = process.cpuUsage()
  for (let from = 0; from < pairs; from += 2)
    cooccurrenceFold.merge(vector, { sessions: 1, n: 1, others, together, weight, from, to: from + 2 })
  const { user, system } = process.cpuUsage(start)
  console.log(
    `neighbours.merge.${size}: ${(((user + system) * 1000) / pairs).toFixed(0)} ns a pair, ${(cooccurrenceFold.sizeOf(vector) / size).toFixed(1)} bytes a neighbour`
  )
}

for (const size of [8, 50, 250, 2_000, 20_000]) merging(size)
for (const size of [50, 250, 2_000, 20_000]) {
  for (const every of [1, 20]) {
    const incremental = measure(size, every, true)
    const selected = measure(size, every, false)
    if (incremental.checksum !== selected.checksum) throw new Error(`The lists of ${size} neighbours differ.`)
    console.log(
      `neighbours.list.${size}.every-${every}: incremental ${incremental.list.toFixed(1)} us, selected ${selected.list.toFixed(1)} us (${incremental.entries} entries)`
    )
  }
}
for (const size of [50, 100, 250, 2_000]) encoding(size)
