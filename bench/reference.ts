/**
 * The reference workload: 100,000 events, 5,000 users, 20,000 tracks (Zipf 1.0), 2,000 artists, 90 % plays, 4 % pauses, 4 %
 * skips, 2 % likes, sessions of 12 plays on average, 1 % duplicates, 0.2 % invalid, 0.05 % undecodable. Deterministic.
 */
import type { InputTopic } from '../schemas/catalogue.js'

export interface ReferenceEvent {
  readonly topic: InputTopic
  readonly key: string
  /** Null: bytes that are no Avro. */
  readonly event: Record<string, unknown> | null
}

export interface ReferenceOptions {
  readonly events: number
  readonly users?: number
  readonly tracks?: number
  readonly artists?: number
}

const START = Date.UTC(2026, 0, 1)
const SESSION_PLAYS = 12

export function* referenceEvents({ events, users = 5_000, tracks = 20_000, artists = 2_000 }: ReferenceOptions): Iterable<ReferenceEvent> {
  const random = generator(42)
  const zipf = zipfian(tracks, random)
  const clocks = Array.from({ length: users }, () => START + Math.floor(random() * 86_400_000))
  let previous: ReferenceEvent | undefined
  for (let i = 0; i < events; i++) {
    const dice = random()
    if (previous !== undefined && dice < 0.01) {
      yield previous
      continue
    }
    const user = Math.floor(random() * users)
    const breaks = random() < 1 / SESSION_PLAYS
    clocks[user]! += breaks ? 4 * 3_600_000 + Math.floor(random() * 3_600_000) : 180_000 + Math.floor(random() * 90_000)
    previous = { key: `user${user}`, ...eventOf(i, user, zipf(), clocks[user]!, artists, dice, random) }
    yield previous
  }
}

function eventOf(i: number, user: number, track: number, at: number, artists: number, dice: number, random: () => number) {
  if (dice < 0.0105) return { topic: 'spotify-plays' as const, event: null }
  const artist = track % artists
  const event: Record<string, unknown> = {
    event_id: `event-${i}`,
    user_id: dice < 0.0125 ? '' : `user${user}`,
    track_id: `track${track.toString().padStart(6, '0')}`,
    track_name: `Track ${track}`,
    artist_id: `artist${artist.toString().padStart(5, '0')}`,
    artist_name: `Artist ${artist}`,
    occurred_at: at,
    duration_ms: 200_000,
    device_type: 'smartphone',
    country: ['DE', 'US', 'GB', 'FR', null][user % 5],
    source: 'reference'
  }
  const kind = random()
  if (kind < 0.9) return { topic: 'spotify-plays' as const, event }
  if (kind < 0.94) return { topic: 'spotify-events' as const, event: { ...event, event_type: 'pause' } }
  if (kind < 0.98) return { topic: 'spotify-skips' as const, event: { ...event, ms_played: 9_000 } }
  return { topic: 'spotify-likes' as const, event: { ...event, liked: true } }
}

/** Mulberry32. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function zipfian(count: number, random: () => number): () => number {
  const cumulative = new Float64Array(count)
  let sum = 0
  for (let i = 0; i < count; i++) {
    sum += 1 / (i + 1)
    cumulative[i] = sum
  }
  return () => {
    const target = random() * sum
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (cumulative[middle]! < target) low = middle + 1
      else high = middle
    }
    return low
  }
}
