import type { FastifyBaseLogger } from 'fastify'
import type { View } from '../state/view/view.js'
import type { Credentials } from './auth/authenticator.js'
import type { LimitOptions } from './auth/limits.js'
import type { CacheOptions } from './cache.js'
import type { Diagnosis } from './diagnosis.js'
import type { Facts } from './exposures.js'
import type { StreamOptions } from './live/recommendation-streams.js'
import type { Operations } from './operations.js'
import type { Warehouse } from './overview.js'
import type { PersonalData } from './personal-data.js'
import type { Producer } from './producer.js'
import type { StandingOptions } from './quality/standing.js'
import type { Experiment } from './recommend/experiment.js'
import type { Reconciliation } from './reconciliation.js'
import type { FindGaps, SpotifyConsent } from './spotify.js'

/** Every bound of the API. */
export interface ApiOptions {
  /** Partitions of the output topics: how many shards charts, statistics and counts have. */
  readonly partitions: number
  readonly cache: CacheOptions
  /** Body of POST /ingest, bytes. */
  readonly ingestBytes: number
  /** Open connections; more are refused. */
  readonly connections: number
  /** How long a client may take to send a request's headers, milliseconds; connections that say nothing end then, too. */
  readonly headersTimeoutMs: number
  /** How long a client may take to send a request, milliseconds. */
  readonly requestTimeoutMs: number
  /** How long computing an answer may take where callers are not trusted, milliseconds. */
  readonly handlerTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  /** How long open requests may go on when the application closes, milliseconds; then their connections are cut. */
  readonly closeGraceMs: number
  /** Listeners of GET /live at one time. */
  readonly liveClients: number
  /** How often they are told something, milliseconds. */
  readonly liveIntervalMs: number
  /** A live client with more bytes waiting than this is disconnected. */
  readonly liveBufferBytes: number
  /** Proxies in front, by address or range, whose word on the caller's address is taken. */
  readonly trustProxy: readonly string[]
  /** Of GET /recommendations/stream. */
  readonly streams: StreamOptions
  /** How quality is measured; needs `facts`. */
  readonly standing: StandingOptions
  /** Ready while the view is at most this many records behind the output topics. */
  readonly readyViewLag: number
}

export const defaultOptions: ApiOptions = {
  partitions: 3,
  cache: { entries: 50_000, bytes: 128 * 1024 * 1024, ttlMs: 30_000, staleMs: 300_000 },
  ingestBytes: 4 * 1024 * 1024,
  connections: 20_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  handlerTimeoutMs: 15_000,
  keepAliveTimeoutMs: 10_000,
  closeGraceMs: 3_000,
  liveClients: 100,
  liveIntervalMs: 1_000,
  liveBufferBytes: 256 * 1024,
  trustProxy: [],
  streams: { clients: 1_000, perSubject: 4, delayMs: 25, restMs: 300, heartbeatMs: 15_000, lifeMs: 900_000 },
  standing: { oneIn: 1, perSecond: 20, delayMs: 1_000 },
  readyViewLag: 10_000
}

/** Who may use the API, and how much. */
export interface ApiAuth {
  readonly credentials: Credentials
  readonly limits: LimitOptions
  /** Of the aliases by which listeners see each other: 32 random bytes. */
  readonly aliasKey: Uint8Array
  /** Browsers reach the API over TLS: cookies travel over nothing else. */
  readonly secure: boolean
}

/** Is told of each answer: method, template of the route, HTTP status, seconds that it took. */
export type RequestObserver = (method: string, route: string, status: number, seconds: number) => void

export interface MetricsSource {
  readonly contentType: string
  /** In the text format of Prometheus. */
  scrape(): Promise<string>
}

/** What the API is built from. */
export interface ApiDependencies {
  readonly view: View
  readonly operations: Operations
  /** Without one there is no POST /ingest. */
  readonly producer?: Producer
  /** Without it nobody is asked who they are: for this machine only. */
  readonly auth?: ApiAuth
  /** Without it there is no export and no erasure. */
  readonly personalData?: PersonalData
  /** Without it nothing can be looked up in the log, and nothing sent again. */
  readonly diagnosis?: Diagnosis
  /** Without one the overview is live only. */
  readonly warehouse?: Warehouse
  /** Takes exposures and feedback; without it there is no POST /feedback. */
  readonly facts?: Facts
  /** Which strategy a listener gets who asks for none; the default where absent. */
  readonly experiment?: Experiment
  /** Whether this process makes a listener's lists to measure quality by, where several share a view; all, where absent. */
  readonly owns?: (user: string) => boolean
  /** Without it there is no reconciliation. */
  readonly reconciliation?: Reconciliation
  /** Without one there is no /spotify/connect. */
  readonly spotify?: SpotifyConsent
  /** Without it there is no GET /metrics. */
  readonly metrics?: MetricsSource
  readonly onResponse?: RequestObserver
  /** Without it no account is known to be connected. */
  readonly findGaps?: FindGaps
  /** Silent without one. */
  readonly logger?: FastifyBaseLogger
  readonly options?: Partial<ApiOptions>
  /** The time, milliseconds; for tests. */
  readonly now?: () => number
}
