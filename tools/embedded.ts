/** Embedded mode's parts, composed: the log on local files, the registry, the codec, the application. */
import { join } from 'node:path'
import type { Config } from '../config.js'
import { topicSpecs } from '../schemas/catalogue.js'
import { type Codec, createCodec, type SchemaPendingError } from '../schemas/codec.js'
import { openLocalRegistry } from '../schemas/local-registry.js'
import { lockDirectory } from '../state/lock.js'
import { openStore, wipeStore } from '../state/open.js'
import { StreamsApplication } from '../streams/application.js'
import { systemClock } from '../streams/clock.js'
import { openEmbeddedLog } from '../streams/log/embedded/open.js'
import type { Log, TaskId } from '../streams/log/log.js'
import type { CommitStep, RunnerOptions } from '../streams/runner-options.js'
import { MergeCache } from '../streams/stores/merge-store.js'
import type { TopicCodec } from '../streams/task.js'
import type { Topology } from '../streams/topology.js'
import { segueTopology } from './topology.js'

export const APPLICATION_ID = 'segue'
/** Of each merge store, in each task: what a restart replays. */
const OPERAND_BYTES = 8 * 1024 * 1024

export interface Base {
  readonly log: Log
  readonly codec: Codec
  readonly partitions: number
  close(): Promise<void>
}

/** The log and what reads and writes it. One process at a time has a data directory. @throws StoreLockedError */
export async function openBase(config: Config, purpose: string): Promise<Base> {
  const lock = await lockDirectory(config.dataDir, purpose)
  try {
    const log = await openEmbeddedLog(join(config.dataDir, 'log'), { fsync: config.fsync })
    await log.ensureTopics(topicSpecs(config.partitions))
    const codec = await createCodec(openLocalRegistry(join(config.dataDir, 'registry')))
    const close = async () => {
      await log.close()
      await lock.release()
    }
    return { log, codec, partitions: config.partitions, close }
  } catch (error) {
    await lock.release()
    throw error
  }
}

export interface Processing {
  readonly application: StreamsApplication
  readonly topology: Topology
}

export interface ProcessingHooks {
  onNotice(sentence: string, task?: TaskId): void
  onFailure(error: unknown): void
  onStep?(step: CommitStep, task: TaskId): void
}

/** The application over a log, not started. */
export function createProcessing(config: Config, { log, codec }: Base, hooks: ProcessingHooks): Processing {
  const topology = segueTopology(config.partitions)
  const directory = (task: TaskId) => join(config.dataDir, 'state', `${task.unit}-${task.partition}`)
  const options: RunnerOptions = {
    applicationId: APPLICATION_ID,
    topology,
    log,
    codec: codec as TopicCodec,
    mergeStores: { operandBytes: OPERAND_BYTES, cache: new MergeCache(config.storeCacheMb * 1024 * 1024) },
    openStore: task => openStore(config.store)(directory(task)),
    wipeStore: task => wipeStore(directory(task)),
    resolveSchema: error => codec.resolve((error as SchemaPendingError).id),
    maxCommitRecords: config.maxCommitRecords,
    commitIntervalMs: config.commitIntervalMs,
    clock: systemClock,
    onNotice: hooks.onNotice,
    ...(hooks.onStep === undefined ? {} : { onStep: hooks.onStep })
  }
  return { application: new StreamsApplication(options, hooks.onFailure), topology }
}
