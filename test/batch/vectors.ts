/** Both conformance vectors in one warehouse, and what the original's analysts asked. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../schemas/root.js'
import type { Dump } from '../../tools/dump.js'

const names = ['hand', 'awkward'] as const
const fixture = (name: string) => readFileSync(join(projectRoot, 'test/fixtures/vectors', name), 'utf8')

/** JSON lines {topic, event}. */
export const vectorLines = (): string[] => names.flatMap(name => fixture(`${name}.jsonl`).trim().split('\n'))

/** The two vectors share no listener, track or artist: what holds for both is the sum. */
export function expectedOfVectors(): Dump {
  const [a, b] = names.map(name => JSON.parse(fixture(`${name}.expected.json`)) as Dump) as [Dump, Dump]
  const sum = (one: Record<string, number>, other: Record<string, number>) =>
    Object.fromEntries(Object.keys({ ...one, ...other }).map(name => [name, (one[name] ?? 0) + (other[name] ?? 0)]))
  return {
    accepted: sum(a.accepted, b.accepted),
    rejected: sum(a.rejected, b.rejected),
    duplicates: a.duplicates + b.duplicates,
    sessions: a.sessions + b.sessions,
    tracks: { ...a.tracks, ...b.tracks },
    affinity: { ...a.affinity, ...b.affinity }
  }
}

/** The original's three queries, as they were. */
export const originalQueries = {
  bronze: `SELECT event_id, user_id, song_id, artist_name, song_name, event_type, device_type, country, timestamp
FROM bronze.spotify_events WHERE DATE(timestamp) = '2023-11-15';`,
  silver: `SELECT event_id, user_id, song_id, artist_name, song_name, event_type, device_type, country,
       CAST(timestamp AS TIMESTAMP) AS event_timestamp
FROM silver.spotify_events_clean WHERE event_type IN ('play', 'pause', 'skip');`,
  gold: `SELECT song_name, artist_name, COUNT(*) AS total_plays FROM gold.spotify_song_metrics
WHERE event_type = 'play' GROUP BY song_name, artist_name ORDER BY total_plays DESC LIMIT 10;`
}

/** The tables of the two originals, and columns that their analysts select; all of them have rows. */
export const originalTables: Readonly<Record<string, string>> = {
  'bronze.raw_plays': 'event_id, user_id, track_id, played_at, duration_ms, device_type',
  'gold.spotify_song_metrics': 'song_id, song_name, artist_name, event_type, song_plays',
  'gold.daily_user_stats': 'user_id, played_on, plays, listening_ms, distinct_tracks, distinct_artists',
  'gold.artist_affinity': 'user_id, artist_id, a, affinity, plays, affinity_rank',
  'gold.track_cooccurrence': 'track_id, other_track_id, together, weight, cooccurrence, follow',
  'gold.track_recommendations':
    'track_id, recommendation_rank, recommended_track_id, recommendation_score, cooccurrence_score, sessions_together',
  'gold.top_tracks': 'chart_window, chart_rank, track_id, track_name, artist_name, plays',
  'gold.top_artists': 'chart_window, chart_rank, artist_id, artist_name, plays',
  'gold.top_artists_by_region': 'chart_window, country, chart_rank, artist_id, artist_name, plays',
  'gold.top_tracks_by_region': 'chart_window, country, chart_rank, track_id, track_name, plays',
  'gold.device_usage': 'device_type, plays, listening_ms, listeners, share_of_plays',
  'gold.listening_trends': 'period, period_start, plays, listening_ms, listeners',
  'gold.user_engagement': 'user_id, active_days, plays, skips, likes, sessions, listening_ms, skip_rate, plays_per_session'
}
