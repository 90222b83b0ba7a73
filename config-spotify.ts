/** The configuration of Spotify accounts. */
import type { Reader } from './config.js'

export interface SpotifyConfig {
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly redirectUri: string
  readonly apiUrl: string
  readonly accountsUrl: string
  /** `name:base64` each, the newest first. Undefined: a key file in the data directory. */
  readonly tokenKeys: string | undefined
  readonly pollIntervalMs: number
  readonly backfillIntervalMs: number
  /** Requests to Spotify under way at one time. */
  readonly concurrency: number
}

/** Undefined: there is no app. */
export function readSpotify(read: Reader, problems: string[]): SpotifyConfig | undefined {
  const clientId = read.text('SPOTIFY_CLIENT_ID', '')
  if (clientId === '') return undefined
  const port = read.text('PORT', '3000')
  const config: SpotifyConfig = {
    clientId,
    clientSecret: read.text('SPOTIFY_CLIENT_SECRET', '') || undefined,
    redirectUri: read.url('SPOTIFY_REDIRECT_URI', `http://127.0.0.1:${port}/spotify/callback`),
    apiUrl: read.url('SPOTIFY_API_URL', 'https://api.spotify.com/v1'),
    accountsUrl: read.url('SPOTIFY_ACCOUNTS_URL', 'https://accounts.spotify.com'),
    tokenKeys: read.text('SPOTIFY_TOKEN_KEYS', '') || undefined,
    pollIntervalMs: read.integer('SPOTIFY_POLL_INTERVAL_MS', 5_000, 1_000, 3_600_000),
    backfillIntervalMs: read.integer('SPOTIFY_BACKFILL_INTERVAL_MS', 3_600_000, 60_000, 86_400_000),
    concurrency: read.integer('SPOTIFY_CONCURRENCY', 4, 1, 100)
  }
  if (URL.canParse(config.redirectUri) && new URL(config.redirectUri).hostname === 'localhost')
    problems.push('SPOTIFY_REDIRECT_URI names localhost, which Spotify refuses: give http://127.0.0.1:PORT/spotify/callback.')
  return config
}
