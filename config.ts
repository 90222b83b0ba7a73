/** Configuration from the environment; flags of the command line come first. All problems are reported at once. */
export interface Config {
  readonly mode: 'embedded'
  readonly host: string
  readonly port: number
  readonly dataDir: string
  readonly store: 'lmdb' | 'level'
  readonly partitions: number
  readonly commitIntervalMs: number
  readonly maxCommitRecords: number
  /** Megabytes of merge-store values kept in memory, over all tasks. */
  readonly storeCacheMb: number
  readonly fsync: boolean
  readonly simulator: boolean
  /** Live simulated events per second. */
  readonly simulatorRate: number
  readonly simulatorSeed: number
  readonly recommendationTtlMs: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Undefined: no Spotify app is set up. */
  readonly spotify: SpotifyConfig | undefined
}

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

export class ConfigError extends Error {
  override name = 'ConfigError'
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws ConfigError with a sentence for each problem */
export function readConfig(environment: Environment): Config {
  const problems: string[] = []
  const read = new Reader(environment, problems)
  const config: Config = {
    mode: read.choice('SEGUE_MODE', ['embedded'], 'embedded'),
    host: read.text('HOST', '127.0.0.1'),
    port: read.integer('PORT', 3000, 0, 65_535),
    dataDir: read.text('SEGUE_DATA_DIR', 'data'),
    store: read.choice('SEGUE_STORE', ['lmdb', 'level'], 'lmdb'),
    partitions: read.integer('SEGUE_PARTITIONS', 3, 1, 64),
    commitIntervalMs: read.integer('COMMIT_INTERVAL_MS', 100, 1, 60_000),
    maxCommitRecords: read.integer('MAX_COMMIT_RECORDS', 5_000, 1, 100_000),
    storeCacheMb: read.integer('STORE_CACHE_MB', 256, 16, 65_536),
    fsync: read.choice('SEGUE_FSYNC', ['true', 'false'], 'false') === 'true',
    simulator: read.choice('SEGUE_SIMULATOR', ['on', 'off'], 'on') === 'on',
    simulatorRate: read.integer('SIMULATOR_RATE', 5, 1, 100_000),
    simulatorSeed: read.integer('SIMULATOR_SEED', 1, 0, 2 ** 31),
    recommendationTtlMs: read.integer('RECOMMENDATION_CACHE_TTL_MS', 30_000, 0, 86_400_000),
    logLevel: read.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    spotify: readSpotify(read, problems)
  }
  if (!['127.0.0.1', 'localhost', '::1'].includes(config.host))
    problems.push(
      `HOST is ${config.host}: without sign-in the API answers on this machine only. Use 127.0.0.1, and a reverse proxy that authenticates in front of it.`
    )
  if (problems.length > 0) throw new ConfigError(`The configuration can't be used:\n${problems.map(problem => `- ${problem}`).join('\n')}`)
  return config
}

function readSpotify(read: Reader, problems: string[]): SpotifyConfig | undefined {
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

class Reader {
  constructor(
    private readonly environment: Environment,
    private readonly problems: string[]
  ) {}

  text(name: string, fallback: string): string {
    return this.environment[name]?.trim() || fallback
  }

  /** Secrets travel over it: TLS, except on this machine. */
  url(name: string, fallback: string): string {
    const text = this.text(name, fallback)
    const { protocol, hostname } = URL.canParse(text) ? new URL(text) : { protocol: '', hostname: '' }
    if (protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))) return text
    this.problems.push(`${name} is "${text}": give an https address (http only for 127.0.0.1).`)
    return text
  }

  integer(name: string, fallback: number, least: number, most: number): number {
    const text = this.environment[name]?.trim()
    if (text === undefined || text === '') return fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    this.problems.push(`${name} is "${text}": give a whole number from ${least} to ${most}.`)
    return fallback
  }

  choice<C extends string>(name: string, choices: readonly C[], fallback: C): C {
    const text = this.environment[name]?.trim()
    if (text === undefined || text === '') return fallback
    const choice = choices.find(candidate => candidate === text)
    if (choice !== undefined) return choice
    this.problems.push(`${name} is "${text}": give ${choices.join(' or ')}.`)
    return fallback
  }
}
