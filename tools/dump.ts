/** The computed state as one JSON document: what holds after all input before the dump. */
import type { Codec } from '../schemas/codec.js'
import type { ArtistAffinity, PipelineCounts, TrackNeighbours } from '../schemas/events.js'
import type { Log } from '../streams/log/log.js'
import { lastValues } from './last-values.js'

/** Counts, N and weights exact; affinities to the last bits. Zero counts are left out. */
export interface Dump {
  accepted: Record<string, number>
  rejected: Record<string, number>
  duplicates: number
  sessions: number
  tracks: Record<string, { sessions: number; n: number; neighbours: Record<string, [together: number, weight: number]> }>
  affinity: Record<string, { artist_id: string; affinity: number; plays: number }[]>
}

type Values<V> = Iterable<V> | AsyncIterable<V>

/** Reads the committed output topics. The JSON comes in pieces: it is never in memory as a whole. */
export function dump(log: Log, codec: Codec, partitions: number): AsyncIterable<string> {
  return writeDump(
    lastValues({ log, codec, topic: 'pipeline-counts', partitions }),
    lastValues({ log, codec, topic: 'artist-affinity', partitions }),
    lastValues({ log, codec, topic: 'track-neighbours', partitions })
  )
}

/** A line for each listener and track, in the order in which they come. */
export async function* writeDump(
  counts: Values<PipelineCounts>,
  affinities: Values<ArtistAffinity>,
  neighbours: Values<TrackNeighbours>
): AsyncIterable<string> {
  yield `{${JSON.stringify(await sumOf(counts)).slice(1, -1)}`
  yield* object('affinity', affinities, ({ user_id, artists }) => [
    user_id,
    JSON.stringify(artists.map(({ artist_id, affinity, plays }) => ({ artist_id, affinity, plays })))
  ])
  yield* object('tracks', neighbours, track => [track.track_id, trackJson(track)])
  yield '}\n'
}

async function* object<V>(name: string, values: Values<V>, entry: (value: V) => [key: string, json: string]): AsyncIterable<string> {
  yield `,\n"${name}":{`
  let separator = '\n'
  for await (const value of values) {
    const [key, json] = entry(value)
    yield `${separator}${JSON.stringify(key)}:${json}`
    separator = ',\n'
  }
  yield '\n}'
}

/** Ids are anything, `__proto__` too: written one by one, they are never an object's keys here. */
function trackJson({ sessions, n, neighbours }: TrackNeighbours): string {
  const sorted = [...neighbours].sort((a, b) => (a.track_id < b.track_id ? -1 : 1))
  const pairs = sorted.map(({ track_id, together, weight }) => `${JSON.stringify(track_id)}:${JSON.stringify([together, weight])}`)
  return `{"sessions":${sessions},"n":${JSON.stringify(n)},"neighbours":{${pairs.join()}}}`
}

async function sumOf(counts: Values<PipelineCounts>): Promise<Omit<Dump, 'tracks' | 'affinity'>> {
  const sum = { accepted: {}, rejected: {}, duplicates: 0, sessions: 0 }
  for await (const count of counts) {
    add(sum.accepted, count.accepted)
    add(sum.rejected, count.rejected)
    sum.duplicates += count.duplicates
    sum.sessions += count.sessions
  }
  return sum
}

function add(sum: Record<string, number>, counts: Record<string, number>): void {
  for (const [name, count] of Object.entries(counts)) if (count !== 0) sum[name] = (sum[name] ?? 0) + count
}
