/**
 * Repairs: for each difference what the batch has more than the stream had at the cut, as operands of the stores. They are added to
 * whatever the stores hold by then, so what came after the cut stays.
 */
import { BadDifferenceError, type Difference, keysOf, type Section, type Values } from '../../api/reconciliation.js'
import { growth } from '../../processors/affinity/fold.js'
import { countsKey, type TopicName, type TopicValues } from '../../schemas/catalogue.js'
import { type Codec, UnencodableError } from '../../schemas/codec.js'
import type { ArtistUpdates, Repair, TrackUpdates } from '../../schemas/events.js'
import type { Log, NewRecord, OffsetCommit } from '../../streams/log/log.js'
import { partitionOf } from '../../streams/log/partitioner.js'
import type { Topology } from '../../streams/topology.js'

interface Parts {
  readonly log: Log
  readonly codec: Pick<Codec, 'encode'>
  readonly topology: Topology
  readonly applicationId: string
}

/**
 * In one transaction: all of them or none. Resolves to the ends of the partitions that the processors read them from.
 * @throws BadDifferenceError
 */
export async function publishRepairs(parts: Parts, differences: readonly Difference[]): Promise<readonly OffsetCommit[]> {
  const { log, codec, topology, applicationId } = parts
  const records: NewRecord[] = repairs(differences, topology.topics.get('repairs')!.partitions).map(({ topic, key, partition, value }) => ({
    topic,
    key: Buffer.from(key),
    value: encoded(codec, topic, value),
    partition
  }))
  const producer = await log.transactionalProducer(`${applicationId}-repair`)
  try {
    const { ends } = await producer.commit({ group: `${applicationId}-repair`, records, offsets: [] })
    return ends
  } finally {
    await producer.close()
  }
}

function encoded(codec: Parts['codec'], topic: RepairTopic, value: unknown): Buffer {
  try {
    return codec.encode(topic, value as never)
  } catch (error) {
    if (error instanceof UnencodableError) throw new BadDifferenceError(`The differences can't be added: ${error.message}`)
    throw error
  }
}

type RepairTopic = 'repairs' | 'track-updates' | 'artist-updates'
interface RepairRecord<N extends TopicName = RepairTopic> {
  readonly topic: N
  readonly key: string
  readonly partition: number
  readonly value: TopicValues[N]
}

/** The records, each for the partition of the task that owns the key. @throws BadDifferenceError */
export function repairs(differences: readonly Difference[], partitions: number): RepairRecord[] {
  const of = (key: string) => partitionOf(Buffer.from(key), partitions)
  const tracks = new Map<number, TrackRepair>()
  const artists = new Map<number, ArtistRepair>()
  const listeners = new Map<string, Repair>()
  const counts = listenerRepair(null)
  for (const difference of differences) {
    const wanted = keysOf[difference.section]
    if (difference.keys.length !== wanted)
      throw new BadDifferenceError(`A difference of ${difference.section} has ${difference.keys.length} keys: give ${wanted}.`)
    const [first, second, third] = difference.keys as [string, string, string]
    const more = (field: string) => (difference.batch[field] ?? 0) - (difference.stream[field] ?? 0)
    const add: Record<Section, () => void> = {
      counts: () => counts.counts.push({ kind: first, name: second, change: more('value') }),
      tracks: () => ownOf(tracks, of(first), TrackRepair).track(first, more('sessions'), more('n'), more('plays')),
      pairs: () => ownOf(tracks, of(first), TrackRepair).pair(first, second, more('together'), more('weight')),
      charts: () => {
        const owner = first === 'tracks' ? ownOf(tracks, of(third), TrackRepair) : ownOf(artists, of(third), ArtistRepair)
        owner.chart(third, second || null, more('plays'))
      },
      affinity: () => {
        const { stream, batch } = difference
        const repair = listeners.get(first) ?? listenerRepair(first)
        listeners.set(first, repair)
        // A key that one side lacks says nothing of the listener's other keys.
        if (repair.as_of_was === NEVER) {
          repair.as_of_was = stream.as_of ?? NEVER
          repair.as_of = batch.as_of ?? repair.as_of_was
        }
        repair.artists.push({ artist_id: second, sum: sumOf(batch) - sumOf(stream), plays: more('plays'), events: more('events') })
      }
    }
    add[difference.section]()
  }
  return [
    ...(counts.counts.length > 0 ? [{ topic: 'repairs' as const, key: '', partition: 0, value: counts }] : []),
    ...[...listeners].map(([user, value]) => ({ topic: 'repairs' as const, key: user, partition: of(user), value })),
    ...[...tracks].map(([partition, { value }]) => ({ topic: 'track-updates' as const, key: REPAIR_KEY, partition, value })),
    ...[...artists].map(([partition, { value }]) => ({ topic: 'artist-updates' as const, key: REPAIR_KEY, partition, value }))
  ]
}

/** Of update records: the others have their sender's partition. */
const REPAIR_KEY = countsKey(-1)

/** T_u before the first event. */
const NEVER = -1

/** A(u, a) at the landmark. */
const sumOf = ({ a, as_of }: Values): number => (a === undefined ? 0 : a * growth(as_of ?? 0))

const listenerRepair = (user_id: string | null): Repair => ({ user_id, as_of_was: NEVER, as_of: NEVER, artists: [], counts: [] })

function ownOf<V>(values: Map<number, V>, partition: number, create: new () => V): V {
  const known = values.get(partition)
  if (known !== undefined) return known
  const value = new create()
  values.set(partition, value)
  return value
}

/** The strings of a record, each once. */
class Names {
  readonly list: string[] = []
  readonly #at = new Map<string, number>()

  at(name: string): number {
    const known = this.#at.get(name)
    if (known !== undefined) return known
    this.#at.set(name, this.list.length)
    return this.list.push(name) - 1
  }
}

class TrackRepair {
  readonly #names = new Names()
  readonly value: TrackUpdates = {
    dictionary: this.#names.list,
    ...{ track: [], sessions: [], n: [], neighbours: [], other: [], together: [], weight: [], plays: [] },
    ...{ play_corrections: [], chart_corrections: [] }
  }

  track(id: string, sessions: number, n: number, plays: number): void {
    if (sessions !== 0 || n !== 0) this.#own(id, sessions, n, 0)
    if (plays !== 0) this.value.play_corrections.push({ track: this.#names.at(id), count: plays })
  }

  pair(id: string, other: string, together: number, weight: number): void {
    this.#own(id, 0, 0, 1)
    this.value.other.push(this.#names.at(other))
    this.value.together.push(together)
    this.value.weight.push(weight)
  }

  chart(id: string, country: string | null, count: number): void {
    this.value.chart_corrections.push({ track: this.#names.at(id), country: country === null ? -1 : this.#names.at(country), count })
  }

  #own(id: string, sessions: number, n: number, neighbours: number): void {
    this.value.track.push(this.#names.at(id))
    this.value.sessions.push(sessions)
    this.value.n.push(n)
    this.value.neighbours.push(neighbours)
  }
}

class ArtistRepair {
  readonly #names = new Names()
  readonly value: ArtistUpdates = { dictionary: this.#names.list, plays: [], chart_corrections: [] }

  chart(id: string, country: string | null, count: number): void {
    this.value.chart_corrections.push({ artist: this.#names.at(id), country: country === null ? -1 : this.#names.at(country), count })
  }
}
