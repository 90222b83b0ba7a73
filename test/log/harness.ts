import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryLevel } from 'memory-level'
import type { Test } from 'tap'
import { createEmbeddedLog, type EmbeddedLog } from '../../streams/log/embedded/log.js'
import { openEmbeddedLog } from '../../streams/log/embedded/open.js'
import type { Database, EmbeddedLogOptions } from '../../streams/log/embedded/options.js'
import type { Log } from '../../streams/log/log.js'
import type { LogHarness } from '../contract/log.js'

export const memory = (): Database =>
  new MemoryLevel<Buffer, Buffer>({ keyEncoding: 'buffer', valueEncoding: 'buffer' }) as unknown as Database

let names = 0
const unique = (name: string): string => `${name}-${++names}`

export async function directory(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'segue-log-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  return path
}

const fail = (error: Error): void => {
  throw error
}

/** In memory: the database outlives the log. */
export function memoryHarness(options: EmbeddedLogOptions, modelRuns: number): LogHarness {
  const databases = new WeakMap<Log, Database>()
  const opened = async (t: Test, db: Database): Promise<Log> => {
    const log = await createEmbeddedLog(db, { onError: fail, ...options })
    databases.set(log, db)
    t.teardown(() => log.close())
    return log
  }
  return {
    open: t => opened(t, memory()),
    reopen: async (t, log) => {
      await log.close()
      return opened(t, databases.get(log)!)
    },
    unique,
    capabilities: { atomicSend: true, compact: log => (log as EmbeddedLog).compact(), modelRuns }
  }
}

/** On disk. */
export function diskHarness(options: EmbeddedLogOptions, modelRuns: number): LogHarness {
  const directories = new WeakMap<Log, string>()
  const opened = async (t: Test, path: string): Promise<Log> => {
    const log = await openEmbeddedLog(path, { onError: fail, ...options })
    directories.set(log, path)
    t.teardown(() => log.close())
    return log
  }
  return {
    ...memoryHarness(options, modelRuns),
    open: async t => opened(t, await directory(t)),
    reopen: async (t, log) => {
      await log.close()
      return opened(t, directories.get(log)!)
    }
  }
}
