/** The embedded log on disk, in LevelDB. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { LogLockedError } from '../log.js'
import { corrupted, toLogError } from './errors.js'
import { createEmbeddedLog, type EmbeddedLog } from './log.js'
import type { Database, EmbeddedLogOptions } from './options.js'

const MiB = 1 << 20
const BUFFERS = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const

/** Measured with bench/log.ts; see there. Compression costs more CPU than it saves; larger write buffers only cost memory and time to open. */
const JOURNAL = { ...BUFFERS, compression: false, writeBufferSize: 4 * MiB, blockSize: 64 << 10, cacheSize: MiB, maxOpenFiles: 74 }
const INDEX = { ...BUFFERS, writeBufferSize: MiB, cacheSize: MiB, maxOpenFiles: 74 }

/** LevelDB maps the files it reads into memory; they are let go of after so many bytes. */
const RECYCLE_BYTES = 32 * MiB

/**
 * Opens the log in a directory, creating it where absent.
 * @throws LogLockedError another process has it.
 * @throws LogCorruptedError what is stored can't be trusted.
 */
export async function openEmbeddedLog(directory: string, options: EmbeddedLogOptions = {}): Promise<EmbeddedLog> {
  const journal = join(directory, 'journal')
  const index = join(directory, 'index')
  await mkdir(directory, { recursive: true })
  await refuseLostManifest(directory, journal)
  const journalDb = await open(directory, journal, JOURNAL)
  try {
    const indexDb = await openIndex(directory, index)
    try {
      return await createEmbeddedLog(journalDb, { name: directory, recycleBytes: RECYCLE_BYTES, ...options, index: indexDb })
    } catch (error) {
      await indexDb.close()
      throw error
    }
  } catch (error) {
    await journalDb.close()
    throw toLogError(error, directory)
  }
}

async function open(directory: string, location: string, settings: typeof JOURNAL | typeof INDEX): Promise<Database> {
  const db = new Level<Buffer, Buffer>(location, settings)
  try {
    await db.open()
    return db as unknown as Database
  } catch (error) {
    throw toLogError(error, directory)
  }
}

/** The index can be made again from the journal, so one that can't be opened is removed. */
async function openIndex(directory: string, location: string): Promise<Database> {
  try {
    return await open(directory, location, INDEX)
  } catch (error) {
    if (error instanceof LogLockedError) throw error
    await rm(location, { recursive: true, force: true })
    return open(directory, location, INDEX)
  }
}

/** Without the file that names the manifest LevelDB would start anew and remove all tables. */
async function refuseLostManifest(directory: string, location: string): Promise<void> {
  const files = await readdir(location).catch(() => [] as string[])
  if (files.includes('CURRENT') || !files.some(file => file.endsWith('.ldb') || file.startsWith('MANIFEST'))) return
  throw corrupted(directory, `${join(location, 'CURRENT')} is missing`)
}
