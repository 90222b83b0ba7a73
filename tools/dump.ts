/** The computed state as one JSON document: what holds after all input before the dump. */

import type { TopicName, TopicValues } from '../schemas/catalogue.js'
import type { Codec } from '../schemas/codec.js'
import type { ArtistAffinity, PipelineCounts, TrackNeighbours } from '../schemas/events.js'
import type { Log } from '../streams/log/log.js'

/** Counts, N and weights exact; affinities to the last bits. Zero counts are left out. */
export interface Dump {
  accepted: Record<string, number>
  rejected: Record<string, number>
  duplicates: number
  sessions: number
  tracks: Record<string, { sessions: number; n: number; neighbours: Record<string, [together: number, weight: number]> }>
  affinity: Record<string, { artist_id: string; affinity: number; plays: number }[]>
}

const FETCH_BYTES = 4 * 1024 * 1024

/** Folds a compacted topic: the last value of each key. */
export async function latest<N extends TopicName>(
  log: Log,
  codec: Codec,
  topic: N,
  partitions: number
): Promise<Map<string, TopicValues[N]>> {
  const values = new Map<string, TopicValues[N]>()
  for (let partition = 0; partition < partitions; partition++) {
    const end = await log.endOffset({ topic, partition })
    let offset = await log.beginningOffset({ topic, partition })
    while (offset < end) {
      const { records, nextOffset } = await log.fetch({ topic, partition }, offset, FETCH_BYTES)
      for (const { key, value } of records) {
        if (value === null) values.delete(key!.toString())
        else values.set(key!.toString(), codec.decode(topic, value))
      }
      offset = nextOffset
    }
  }
  return values
}

/** Reads the committed output topics. */
export async function dump(log: Log, codec: Codec, partitions: number): Promise<Dump> {
  return toDump(
    (await latest(log, codec, 'pipeline-counts', partitions)).values(),
    (await latest(log, codec, 'track-neighbours', partitions)).values(),
    (await latest(log, codec, 'artist-affinity', partitions)).values()
  )
}

export function toDump(
  counts: Iterable<PipelineCounts>,
  neighbours: Iterable<TrackNeighbours>,
  affinities: Iterable<ArtistAffinity>
): Dump {
  const result: Dump = { accepted: {}, rejected: {}, duplicates: 0, sessions: 0, tracks: {}, affinity: {} }
  for (const count of counts) {
    add(result.accepted, count.accepted)
    add(result.rejected, count.rejected)
    result.duplicates += count.duplicates
    result.sessions += count.sessions
  }
  for (const track of neighbours) {
    const pairs = track.neighbours.map(({ track_id, together, weight }) => [track_id, [together, weight]] as const)
    define(result.tracks, track.track_id, { sessions: track.sessions, n: track.n, neighbours: ordered(pairs) })
  }
  for (const { user_id, artists } of affinities)
    define(
      result.affinity,
      user_id,
      artists.map(({ artist_id, affinity, plays }) => ({ artist_id, affinity, plays }))
    )
  return { ...result, tracks: ordered(Object.entries(result.tracks)), affinity: ordered(Object.entries(result.affinity)) }
}

/** As JSON, a line for each track and listener: large states are never one string. */
export function* writeDump(dump: Dump): Iterable<string> {
  const { tracks, affinity, ...rest } = dump
  yield `{${JSON.stringify(rest).slice(1, -1)}`
  for (const [name, values] of Object.entries({ affinity, tracks })) {
    yield `,\n"${name}":{`
    let separator = '\n'
    for (const [key, value] of Object.entries(values)) {
      yield `${separator}${JSON.stringify(key)}:${JSON.stringify(value)}`
      separator = ',\n'
    }
    yield '\n}'
  }
  yield '}\n'
}

function add(sum: Record<string, number>, counts: Record<string, number>): void {
  for (const [name, count] of Object.entries(counts)) if (count !== 0) sum[name] = (sum[name] ?? 0) + count
}

/** Ids are anything, `__proto__` too. */
function define<V>(target: Record<string, V>, key: string, value: V): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

function ordered<V>(entries: readonly (readonly [string, V])[]): Record<string, V> {
  const result: Record<string, V> = {}
  for (const [key, value] of [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) define(result, key, value)
  return result
}
