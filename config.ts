import { type LakeConfig, readLake } from './config-lake.js'
import { type PageConfig, readPage } from './config-page.js'
import { type PartsConfig, readParts } from './config-parts.js'
import { type RecommendationConfig, readRecommendations } from './config-recommendations.js'
import { readSpotify, type SpotifyConfig } from './config-spotify.js'

/** Configuration from the environment; flags of the command line come first. All problems are reported at once. */
export interface Config {
  readonly mode: 'embedded' | 'kafka'
  /** Group, and the first part of the names of transactional ids and changelogs. */
  readonly applicationId: string
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
  readonly recommendations: RecommendationConfig
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Undefined: nobody signs in, the API answers on this machine only. */
  readonly auth: AuthConfig | undefined
  /** An API key for commands that go through a running instance. */
  readonly apiKey: string | undefined
  /** Undefined: what arrives is not kept in a lake. */
  readonly lake: LakeConfig | undefined
  /** What runs in this process, and where it can be observed. */
  readonly parts: PartsConfig
  readonly page: PageConfig
  /** Undefined: no Spotify app is set up. */
  readonly spotify: SpotifyConfig | undefined
  /** Used in mode kafka. */
  readonly kafka: KafkaConfig
  readonly registry: RegistryConfig
  /** May hold a password. */
  readonly redisUrl: string
}

export interface AuthConfig {
  /** Listeners who may do everything once they have signed in. */
  readonly admins: readonly string[]
  /** Undefined: no tokens are taken, only sessions and API keys. */
  readonly tokens: { jwksUrl: string; issuer: string; audience: string; algorithms: readonly string[] } | undefined
  /** Of one caller; 0: no limit. */
  readonly ratePerMinute: number
  /** Milliseconds that the event loop may be late before requests are refused; 0: never. */
  readonly longestDelayMs: number
  /** Where browsers reach Segue; over TLS, cookies travel over nothing else. */
  readonly publicUrl: string | undefined
  readonly trustProxy: readonly string[]
}

export interface KafkaConfig {
  /** `host:port` */
  readonly brokers: readonly string[]
  readonly ssl: boolean
  /** A file of certificates to trust instead of the system's. */
  readonly sslCa?: string
  readonly sasl?: { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string }
  readonly compression: 'none' | 'gzip'
  readonly replicationFactor?: number
  /** Warm copies of each task's state on other instances. */
  readonly standbyReplicas: number
  readonly sessionTimeoutMs: number
  readonly deliveryTimeoutMs: number
}

export interface RegistryConfig {
  /** The base of Confluent's API. */
  readonly url: string
  readonly user?: string
  readonly password?: string
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
    mode: read.choice('SEGUE_MODE', ['embedded', 'kafka'], 'embedded'),
    applicationId: read.named(['SEGUE_APPLICATION_ID', 'KAFKA_GROUP_ID'], 'segue'),
    host: read.text('HOST', '127.0.0.1'),
    port: read.integer('PORT', 3000, 0, 65_535),
    dataDir: read.text('SEGUE_DATA_DIR', 'data'),
    store: read.choice('SEGUE_STORE', ['lmdb', 'level'], 'lmdb'),
    partitions: read.integer('SEGUE_PARTITIONS', 3, 1, 64),
    commitIntervalMs: read.integer('COMMIT_INTERVAL_MS', 100, 1, 60_000),
    maxCommitRecords: read.integer('MAX_COMMIT_RECORDS', 2_000, 1, 100_000),
    storeCacheMb: read.integer('STORE_CACHE_MB', 256, 16, 65_536),
    fsync: read.choice('SEGUE_FSYNC', ['true', 'false'], 'false') === 'true',
    simulator: read.choice('SEGUE_SIMULATOR', ['on', 'off'], 'on') === 'on',
    simulatorRate: read.integer('SIMULATOR_RATE', 5, 1, 100_000),
    simulatorSeed: read.integer('SIMULATOR_SEED', 1, 0, 2 ** 31),
    recommendations: readRecommendations(read),
    logLevel: read.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    auth: read.choice('SEGUE_AUTH', ['on', 'off'], 'off') === 'on' ? readAuth(read, problems) : undefined,
    apiKey: read.text('SEGUE_API_KEY', '') || undefined,
    lake: readLake(read, problems),
    page: readPage(read),
    parts: readParts(read, problems),
    spotify: readSpotify(read, problems),
    kafka: kafkaConfig(read),
    registry: registryConfig(read),
    redisUrl: redisUrl(read)
  }
  if (config.auth === undefined && config.parts.run.has('api') && !['127.0.0.1', 'localhost', '::1'].includes(config.host))
    problems.push(
      `HOST is ${config.host}: without sign-in the API answers on this machine only. Set SEGUE_AUTH=on, or use 127.0.0.1 and a reverse proxy that authenticates in front of it.`
    )
  if (problems.length > 0) throw new ConfigError(`The configuration can't be used:\n${problems.map(problem => `- ${problem}`).join('\n')}`)
  return config
}

const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

function readAuth(read: Reader, problems: string[]): AuthConfig {
  const publicUrl = read.text('SEGUE_PUBLIC_URL', '') === '' ? undefined : read.url('SEGUE_PUBLIC_URL', '')
  const auth: AuthConfig = {
    admins: read.list('SEGUE_ADMINS', ''),
    tokens: undefined,
    ratePerMinute: read.integer('RATE_LIMIT_PER_MINUTE', 600, 0, 10_000_000),
    longestDelayMs: read.integer('SHED_LOAD_AFTER_MS', 1_000, 0, 600_000),
    publicUrl,
    trustProxy: read.list('TRUST_PROXY', '')
  }
  if (read.text('SEGUE_JWKS_URL', '') === '') return auth
  const tokens = {
    jwksUrl: read.url('SEGUE_JWKS_URL', ''),
    issuer: read.text('SEGUE_JWT_ISSUER', ''),
    audience: read.text('SEGUE_JWT_AUDIENCE', ''),
    algorithms: read.list('SEGUE_JWT_ALGORITHMS', 'RS256,ES256,EdDSA')
  }
  for (const [name, value] of Object.entries({ SEGUE_JWT_ISSUER: tokens.issuer, SEGUE_JWT_AUDIENCE: tokens.audience }))
    if (value === '') problems.push(`${name} is missing: with SEGUE_JWKS_URL it says which tokens are meant for Segue.`)
  for (const name of tokens.algorithms)
    if (!ASYMMETRIC.includes(name)) problems.push(`SEGUE_JWT_ALGORITHMS names ${name}: give some of ${ASYMMETRIC.join(', ')}.`)
  return { ...auth, tokens }
}

function kafkaConfig(read: Reader): KafkaConfig {
  const username = read.optional('KAFKA_API_KEY')
  const password = read.optional('KAFKA_API_SECRET')
  if ((username === undefined) !== (password === undefined))
    read.problems.push('KAFKA_API_KEY and KAFKA_API_SECRET go together: give both, or none where the brokers ask for no sign-in.')
  const signIn = username !== undefined && password !== undefined
  const sslCa = read.optional('KAFKA_SSL_CA')
  const ssl = read.choice('KAFKA_SSL', ['on', 'off'], signIn || sslCa !== undefined ? 'on' : 'off') === 'on'
  const mechanism = read.choice('KAFKA_SASL_MECHANISM', ['plain', 'scram-sha-256', 'scram-sha-512'], 'plain')
  const replicationFactor = read.integer('KAFKA_REPLICATION_FACTOR', 0, 0, 9)
  return {
    brokers: read.addresses('KAFKA_BOOTSTRAP_SERVERS', '127.0.0.1:9092'),
    ssl,
    ...(sslCa === undefined ? {} : { sslCa }),
    ...(signIn ? { sasl: { mechanism, username, password } } : {}),
    compression: read.choice('KAFKA_COMPRESSION', ['none', 'gzip'], 'none'),
    ...(replicationFactor === 0 ? {} : { replicationFactor }),
    standbyReplicas: read.integer('NUM_STANDBY_REPLICAS', 0, 0, 8),
    sessionTimeoutMs: read.integer('KAFKA_SESSION_TIMEOUT_MS', 10_000, 1_000, 1_800_000),
    deliveryTimeoutMs: read.integer('KAFKA_DELIVERY_TIMEOUT_MS', 30_000, 1_000, 3_600_000)
  }
}

function registryConfig(read: Reader): RegistryConfig {
  const user = read.optional('SCHEMA_REGISTRY_USER')
  const password = read.optional('SCHEMA_REGISTRY_PASSWORD')
  if ((user === undefined) !== (password === undefined))
    read.problems.push('SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD go together: give both, or none.')
  const url = read.text('SCHEMA_REGISTRY_URL', 'http://127.0.0.1:8081/apis/ccompat/v7')
  const { protocol, hostname, username } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '', username: '' }
  if (username !== '')
    read.problems.push('SCHEMA_REGISTRY_URL holds a user name: give it as SCHEMA_REGISTRY_USER, which stays out of messages.')
  else if (!['http:', 'https:'].includes(protocol)) read.problems.push(`SCHEMA_REGISTRY_URL is "${url}": give an http or https address.`)
  else if (protocol === 'http:' && password !== undefined && !isLoopback(hostname))
    read.problems.push(`SCHEMA_REGISTRY_URL is "${url}": with a password it must be an https address.`)
  return { url, ...(user !== undefined && password !== undefined && { user, password }) }
}

function redisUrl(read: Reader): string {
  const url = read.text('REDIS_URL', 'redis://127.0.0.1:6379')
  const { protocol, hostname, password } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '', password: '' }
  if (!['redis:', 'rediss:'].includes(protocol) || hostname === '')
    read.problems.push('REDIS_URL is not an address of Redis: give redis://HOST:PORT, or rediss://USER:PASSWORD@HOST:PORT with TLS.')
  else if (protocol === 'redis:' && password !== '' && !isLoopback(hostname))
    read.problems.push(`REDIS_URL sends a password to ${hostname} in the clear: with a password it must begin with rediss://.`)
  return url
}

const isLoopback = (hostname: string): boolean => ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)

/** Settings by name; what is wrong with them goes into `problems`. */
export class Reader {
  constructor(
    readonly environment: Environment,
    readonly problems: string[]
  ) {}

  optional(name: string): string | undefined {
    return this.environment[name]?.trim() || undefined
  }

  /** A part of topics' names, under the first of these names that is set. */
  named(names: readonly [string, ...string[]], fallback: string): string {
    const name = names.find(candidate => this.optional(candidate) !== undefined) ?? names[0]
    const text = this.text(name, fallback)
    if (/^[a-zA-Z0-9._-]{1,100}$/.test(text)) return text
    this.problems.push(`${name} is "${text}": give up to 100 letters, digits, points, dashes or underscores.`)
    return fallback
  }

  addresses(name: string, fallback: string): string[] {
    const addresses = this.text(name, fallback)
      .split(',')
      .map(address => address.trim())
    const wrong = addresses.filter(address => !/^[^\s:/]+:\d{1,5}$/.test(address))
    if (wrong.length > 0) this.problems.push(`${name} has "${wrong.join(', ')}": give host:port, several of them with commas between.`)
    return addresses
  }

  text(name: string, fallback: string): string {
    return this.environment[name]?.trim() || fallback
  }

  /** Separated by commas. */
  list(name: string, fallback: string): string[] {
    const items = this.text(name, fallback).split(',')
    return items.map(item => item.trim()).filter(item => item !== '')
  }

  /** The first of them that is set; '' where none is. */
  first(...names: readonly string[]): string {
    return names.map(name => this.text(name, '')).find(text => text !== '') ?? ''
  }

  /** Secrets travel over it: TLS, except on this machine. */
  url(name: string, fallback: string): string {
    const text = this.text(name, fallback)
    const { protocol, hostname } = URL.canParse(text) ? new URL(text) : { protocol: '', hostname: '' }
    if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return text
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
