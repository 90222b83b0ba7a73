import kafkajs, { type Admin } from 'kafkajs'
import type { CleanupPolicy, TopicSpec } from '../log.js'
import { LogConfigError } from '../log.js'
import { type Connection, clientConfig } from './connection.js'
import { toLogError, typeOf } from './errors.js'
import type { Settings } from './options.js'

const { ConfigResourceTypes, Kafka, logLevel } = kafkajs

/** One packed record of a large commit; managed clusters allow no more. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024
/** Only closed segments are compacted. */
const COMPACT_SEGMENT_BYTES = 64 * 1024 * 1024
/** A topic that was created or deleted is so everywhere after a moment. */
const KNOWN_TRIES = 100
const KNOWN_MS = 20

/** Topics, by kafkajs's own administrative client. */
export class Topics {
  readonly #admin: Admin
  #connected: Promise<void> | undefined

  constructor(
    private readonly settings: Settings,
    private readonly connection: Connection
  ) {
    this.#admin = new Kafka({ ...clientConfig(settings), logLevel: logLevel.NOTHING }).admin()
  }

  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    const existing = new Map((await this.list()).map(spec => [spec.name, spec]))
    const missing = specs.filter(({ name }) => !existing.has(name))
    for (const spec of specs) check(spec, existing.get(spec.name))
    if (missing.length === 0) return
    await this.#request('create topics', async admin => {
      try {
        await admin.createTopics({ waitForLeaders: false, topics: missing.map(spec => this.#creation(spec)) })
      } catch (error) {
        const causes = (error as { errors?: Error[] }).errors ?? [error as Error]
        const cause = causes.find(one => typeOf(one) !== 'TOPIC_ALREADY_EXISTS')
        if (cause !== undefined) throw cause
      }
    })
    await this.#until(async () => {
      const found = new Map((await this.list()).map(spec => [spec.name, spec]))
      for (const spec of missing) check(spec, found.get(spec.name))
      return missing.every(({ name }) => found.has(name))
    })
    for (const { name } of missing) this.connection.forgetTopic(name)
  }

  /** All but the broker's own. */
  async list(): Promise<TopicSpec[]> {
    return this.#request('describe topics', async admin => {
      const { topics } = await admin.fetchTopicMetadata()
      const own = topics.filter(({ name }) => !name.startsWith('__'))
      if (own.length === 0) return []
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: own.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: ['cleanup.policy', 'retention.ms'] }))
      })
      return own.flatMap(({ name, partitions }) => {
        const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries
        const value = (key: string) => entries?.find(({ configName }) => configName === key)?.configValue
        const policy = value('cleanup.policy')?.split(',').sort().join(',')
        if (policy === undefined) return []
        return [{ name, partitions: partitions.length, cleanup: policy as CleanupPolicy, retentionMs: Number(value('retention.ms')) }]
      })
    })
  }

  async delete(names: readonly string[]): Promise<void> {
    const existing = new Set((await this.list()).map(({ name }) => name))
    const topics = names.filter(name => existing.has(name))
    if (topics.length === 0) return
    await this.#request('delete topics', async admin => {
      await admin.deleteTopics({ topics }).catch(error => {
        if (typeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
      })
    })
    await this.#until(async () => {
      const left = new Set((await this.list()).map(({ name }) => name))
      return topics.every(name => !left.has(name))
    })
    for (const name of topics) this.connection.forgetTopic(name)
  }

  async close(): Promise<void> {
    await this.#connected?.catch(() => {})
    await this.#admin.disconnect()
  }

  #creation({ name, partitions, cleanup, retentionMs }: TopicSpec) {
    const entries: Record<string, string> = {
      'cleanup.policy': cleanup,
      'retention.ms': String(retentionMs),
      'max.message.bytes': String(MAX_MESSAGE_BYTES),
      ...(cleanup === 'delete' ? {} : { 'segment.bytes': String(COMPACT_SEGMENT_BYTES) })
    }
    return {
      topic: name,
      numPartitions: partitions,
      replicationFactor: this.settings.replicationFactor ?? -1,
      configEntries: Object.entries(entries).map(([key, value]) => ({ name: key, value }))
    }
  }

  #request<T>(doing: string, request: (admin: Admin) => Promise<T>): Promise<T> {
    return this.connection.retrying(doing, async () => {
      this.#connected ??= this.#admin.connect()
      try {
        await this.#connected
      } catch (error) {
        this.#connected = undefined
        throw error
      }
      return request(this.#admin)
    })
  }

  async #until(condition: () => Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < KNOWN_TRIES; attempt++) {
      if (await condition()) return
      await new Promise(resolve => setTimeout(resolve, KNOWN_MS))
    }
    throw toLogError(new Error('the brokers did not agree on it in time'), 'change topics')
  }
}

function check(wanted: TopicSpec, found: TopicSpec | undefined): void {
  if (found === undefined) return
  const advice = 'Delete the topic, or change what is configured.'
  if (found.partitions !== wanted.partitions)
    throw new LogConfigError(`Topic '${wanted.name}' has ${found.partitions} partitions, not ${wanted.partitions}. ${advice}`)
  if (found.cleanup !== wanted.cleanup)
    throw new LogConfigError(`Topic '${wanted.name}' has the cleanup policy ${found.cleanup}, not ${wanted.cleanup}. ${advice}`)
}
