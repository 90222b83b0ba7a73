/** The client, with every failure as a ViewUnavailableError that names no secret. */
import { Redis, type RedisOptions } from 'ioredis'
import type { Script } from './redis-scripts.js'
import { ViewUnavailableError } from './view.js'

export interface RedisSettings {
  /** `redis://host:port`, `rediss://user:password@host:port/db` */
  readonly url: string
  /** Of one command. Default 2000. */
  readonly timeoutMs?: number
  /** Takes sentences for the log. */
  readonly onNotice?: (sentence: string) => void
}

const TIMEOUT_MS = 2_000
const RECONNECT_MS = [50, 100, 500, 1_000, 2_000]

type Argument = string | Buffer | number

export class RedisConnection {
  /** Resolves with the first connection, or when that takes too long. */
  readonly ready: Promise<void>
  readonly #redis: Redis
  readonly #where: string
  #told = false

  /** Connects in the background, again and again; until then every call is refused at once. */
  constructor(
    settings: RedisSettings,
    /** After each connection, the first one too. */
    private readonly onReady: () => void = () => {},
    onMessage?: (channel: string, message: string) => void
  ) {
    const { url, timeoutMs = TIMEOUT_MS } = settings
    this.#where = new URL(url).host
    const options: RedisOptions = {
      connectionName: 'segue',
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      maxRetriesPerRequest: 0,
      // Who listens does so again with each connection, and hears of a refusal.
      autoResubscribe: false,
      connectTimeout: timeoutMs,
      retryStrategy: attempt => RECONNECT_MS[Math.min(attempt, RECONNECT_MS.length) - 1]!,
      ...(onMessage === undefined && { commandTimeout: timeoutMs })
    }
    this.#redis = new Redis(url, options)
    this.ready = new Promise(resolve => {
      this.#redis.once('ready', resolve)
      setTimeout(resolve, timeoutMs).unref()
    })
    this.#redis.on('ready', () => {
      if (this.#told) settings.onNotice?.(`Redis at ${this.#where} answers again.`)
      this.#told = false
      this.onReady()
    })
    this.#redis.on('error', error => {
      if (!this.#told) settings.onNotice?.(`${this.#sentence(error)} It is tried again.`)
      this.#told = true
    })
    if (onMessage) this.#redis.on('pmessage', (_, channel: string, message: string) => onMessage(channel, message))
  }

  /** @throws ViewUnavailableError */
  async command<T>(name: string, ...args: Argument[]): Promise<T> {
    try {
      return await this.#call<T>(name, args)
    } catch (error) {
      throw new ViewUnavailableError(this.#sentence(error as Error))
    }
  }

  /** @throws ViewUnavailableError */
  async run<T>({ sha, text, keys }: Script, ...args: Argument[]): Promise<T> {
    try {
      return await this.#call<T>('EVALSHA', [sha, keys, ...args])
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw new ViewUnavailableError(this.#sentence(error as Error))
      return this.command('EVAL', text, keys, ...args)
    }
  }

  /** Patterns of channels; kept over reconnections. */
  async listen(...patterns: string[]): Promise<void> {
    try {
      await this.#redis.psubscribe(...patterns)
    } catch (error) {
      throw new ViewUnavailableError(this.#sentence(error as Error))
    }
  }

  get isConnected(): boolean {
    return this.#redis.status === 'ready'
  }

  close(): void {
    this.#redis.disconnect()
  }

  /** By the command's own method: what is called in one turn of the event loop goes in one write, which `call` does not do. */
  #call<T>(name: string, args: Argument[]): Promise<T> {
    const methods = this.#redis as unknown as Record<string, (...args: Argument[]) => Promise<T>>
    return methods[`${name.toLowerCase()}Buffer`]!(...args)
  }

  #sentence(error: Error & { code?: string }): string {
    const message = /^(Stream isn't writeable|Connection is closed)/.test(error.message) ? 'not connected' : error.message || error.code
    return `Redis at ${this.#where} can't be used: ${message}.`
  }
}
