import { mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { StoreLockedError } from './store.js'

export interface DirectoryLock {
  release(): Promise<void>
}

interface Owner {
  readonly pid: number
  readonly host: string
  readonly purpose: string
  readonly since: string
}

/**
 * Asking the operating system twice from one process would end the lock: closing any handle of a file drops a process's
 * POSIX locks on it.
 */
const held = new Set<string>()

/** LevelDB's own lock file, kept when the others are removed: its inode is what processes agree on. */
const LOCK_FILE = 'LOCK'
const OWNER_FILE = 'owner.json'

/**
 * Makes this process the only user of a data directory (it is created). The lock is the operating system's: it ends with
 * the process, however that ends, and can't be mistaken for the lock of another process that has the same id (each
 * container has a process 1). Node.js has no call for it, LevelDB has: the lock is an empty database that is kept open.
 * @param purpose what the process does, for the message that the next one gets: "segue start"
 * @throws StoreLockedError
 */
export async function lockDirectory(directory: string, purpose: string): Promise<DirectoryLock> {
  const created = join(directory, 'lock')
  await mkdir(created, { recursive: true })
  const path = await realpath(created)
  if (held.has(path)) throw await lockedError(directory, path)
  held.add(path)
  try {
    const database = await openLock(path)
    const owner: Owner = { pid: process.pid, host: hostname(), purpose, since: new Date().toISOString() }
    await writeFile(join(path, OWNER_FILE), JSON.stringify(owner))
    const release = async () => {
      await database.close()
      held.delete(path)
    }
    return { release }
  } catch (error) {
    held.delete(path)
    throw isLocked(error) ? await lockedError(directory, path) : error
  }
}

async function openLock(path: string): Promise<Level> {
  const database = new Level(path)
  try {
    await database.open()
    return database
  } catch (error) {
    if (isLocked(error)) throw error
  }
  // Nobody has it, but it can't be opened: it holds nothing, so it is made anew.
  for (const file of await readdir(path)) if (file !== LOCK_FILE) await rm(join(path, file), { force: true })
  const again = new Level(path)
  await again.open()
  return again
}

const isLocked = (error: unknown) => (error as { cause?: { code?: string } }).cause?.code === 'LEVEL_LOCKED'

async function lockedError(directory: string, path: string): Promise<StoreLockedError> {
  const owner = await readOwner(join(path, OWNER_FILE))
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host} (${owner.purpose}, since ${owner.since})`
  return new StoreLockedError(`${directory} is in use by ${who}. Stop that one first, or give this one a data directory of its own.`)
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner
  } catch {
    return undefined
  }
}
