/** The parts composed: the log, the registry, the codec, the application. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.js'
import { topicSpecs } from '../schemas/catalogue.js'
import { type Codec, createCodec, type SchemaPendingError } from '../schemas/codec.js'
import { openConfluentRegistry } from '../schemas/confluent-registry.js'
import { openLocalRegistry } from '../schemas/local-registry.js'
import { type Registry, RegistryUnavailableError } from '../schemas/registry.js'
import { lockDirectory } from '../state/lock.js'
import { openStore, wipeStore } from '../state/open.js'
import { StreamsApplication } from '../streams/application.js'
import { systemClock } from '../streams/clock.js'
import { openEmbeddedLog } from '../streams/log/embedded/open.js'
import { type Log, RetriableLogError, type TaskId } from '../streams/log/log.js'
import { renamedLog } from '../streams/log/renamed-log.js'
import type { CommitReport, CommitStep, RunnerOptions, TaskChange } from '../streams/runner-options.js'
import { MergeCache } from '../streams/stores/merge-store.js'
import type { TopicCodec } from '../streams/task.js'
import type { Topology } from '../streams/topology.js'
import type { Tracer } from '../streams/tracer.js'
import { derivedNames, privateNames } from './topic-names.js'
import { segueTopology } from './topology.js'

const WAIT_MS = 1_000
/** Of each merge store, in each task: what a restart replays. */
export const OPERAND_BYTES = 8 * 1024 * 1024
const OPERAND_SHARE = 0.25

export interface Base {
  readonly log: Log
  readonly codec: Codec
  readonly registry: Registry
  readonly partitions: number
  close(): Promise<void>
}

export interface BaseOptions {
  /** What has the data directory, in a word to others who want it. */
  readonly purpose: string
  /** Whether it needs no state: on Kafka it then leaves the data directory to others. */
  readonly stateless?: boolean
  /** Whether it has all topics for itself, the input too. */
  readonly isolated?: boolean
  /** Takes sentences while a log that can't be reached is waited for. Absent: that is an error. */
  readonly onWait?: (sentence: string) => void
}

/** The log and what reads and writes it. One process at a time has a data directory. @throws StoreLockedError, LogError */
export async function openBase(config: Config, options: BaseOptions): Promise<Base> {
  const free = config.mode === 'kafka' && options.stateless
  const lock = free ? undefined : await lockDirectory(config.dataDir, options.purpose)
  let log: Log | undefined
  try {
    log = await openLog(config, options)
    const opened = log
    const registry = openRegistry(config)
    await whenReachable(() => opened.ensureTopics(topicSpecs(config.partitions)), options.onWait)
    const codec = await whenReachable(() => createCodec(registry), options.onWait)
    const close = async () => {
      await opened.close()
      await lock?.release()
    }
    return { log, codec, registry, partitions: config.partitions, close }
  } catch (error) {
    await log?.close()
    await lock?.release()
    throw error
  }
}

async function openLog(config: Config, { isolated }: BaseOptions): Promise<Log> {
  if (config.mode === 'embedded') return openEmbeddedLog(join(config.dataDir, 'log'), { fsync: config.fsync })
  const names = isolated ? privateNames(config.applicationId) : derivedNames(config.applicationId)
  // A client that is not needed is not loaded: it takes a tenth of a second of each start.
  const { openKafkaLog } = await import('./kafka.js')
  const log = openKafkaLog(config)
  return names.size === 0 ? log : renamedLog(log, names)
}

const openRegistry = (config: Config): Registry =>
  config.mode === 'embedded' ? openLocalRegistry(join(config.dataDir, 'registry')) : openConfluentRegistry(config.registry)

async function whenReachable<T>(step: () => Promise<T>, onWait?: (sentence: string) => void): Promise<T> {
  for (;;) {
    try {
      return await step()
    } catch (error) {
      if (onWait === undefined || !(error instanceof RetriableLogError || error instanceof RegistryUnavailableError)) throw error
      onWait(`${error.message} Trying again.`)
      await sleep(WAIT_MS)
    }
  }
}

export interface Processing {
  readonly application: StreamsApplication
  readonly topology: Topology
  /** The memory of its merge stores. */
  readonly cache: MergeCache
}

export interface ProcessingHooks {
  onNotice(sentence: string, task?: TaskId): void
  onFailure(error: unknown): void
  onStep?(step: CommitStep, task: TaskId): void
  onCommit?(task: TaskId, commit: CommitReport): void
  onTasks?(change: TaskChange, count: number): void
  readonly tracer?: Tracer | undefined
}

/** The application over a log, not started. */
export function createProcessing(config: Config, { log, codec }: Base, hooks: ProcessingHooks): Processing {
  const topology = segueTopology(config.partitions)
  const cache = new MergeCache(config.storeCacheMb * 1024 * 1024)
  const directory = (task: TaskId) => join(config.dataDir, 'state', `${task.unit}-${task.partition}`)
  const options: RunnerOptions = {
    applicationId: config.applicationId,
    topology,
    log,
    codec: codec as TopicCodec,
    mergeStores: { operandBytes: OPERAND_BYTES, operandShare: OPERAND_SHARE, cache },
    openStore: task => openStore(config.store)(directory(task)),
    wipeStore: task => wipeStore(directory(task)),
    resolveSchema: error => codec.resolve((error as SchemaPendingError).id),
    maxCommitRecords: config.maxCommitRecords,
    commitIntervalMs: config.commitIntervalMs,
    clock: systemClock,
    onNotice: hooks.onNotice,
    onCommit: hooks.onCommit,
    onTasks: hooks.onTasks,
    tracer: hooks.tracer,
    ...(hooks.onStep === undefined ? {} : { onStep: hooks.onStep })
  }
  return { application: new StreamsApplication(options, hooks.onFailure), topology, cache }
}
