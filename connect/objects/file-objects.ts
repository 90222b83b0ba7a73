/**
 * Objects as files in a directory. A file is written beside, synced, and linked under its name: a link fails where the name is
 * taken, in one step. What a killed process left beside is removed by the next one to open the directory, after an hour.
 */
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkKey, type ObjectInfo, type Objects, ObjectsError } from './objects.js'

const BESIDE = '.incoming'
const ABANDONED_MS = 3_600_000

/** Opens a directory, creating it where absent. @throws ObjectsError */
export async function openFileObjects(directory: string): Promise<Objects> {
  const beside = join(directory, BESIDE)
  await attempt(`The directory ${directory}`, 'opened', async () => {
    await mkdir(beside, { recursive: true })
    for (const name of await readdir(beside)) {
      const { mtimeMs } = await stat(join(beside, name))
      if (Date.now() - mtimeMs > ABANDONED_MS) await rm(join(beside, name), { force: true })
    }
  })
  return new FileObjects(directory)
}

class FileObjects implements Objects {
  readonly #synced = new Set<string>()

  constructor(readonly place: string) {}

  async put(key: string, body: Uint8Array): Promise<'created' | 'exists'> {
    const path = join(this.place, checkKey(key))
    const temporary = join(this.place, BESIDE, randomUUID())
    return attempt(`The object ${path}`, 'written', async () => {
      try {
        await this.#makeDirectory(dirname(path))
        await writeSynced(temporary, body)
        if (!(await linked(temporary, path))) return 'exists'
        await syncDirectory(dirname(path))
        return 'created'
      } finally {
        await rm(temporary, { force: true })
      }
    })
  }

  async get(key: string): Promise<Buffer | undefined> {
    const path = join(this.place, checkKey(key))
    return attempt(`The object ${path}`, 'read', async () => {
      try {
        return await readFile(path)
      } catch (error) {
        if (isAbsent(error)) return undefined
        throw error
      }
    })
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    if (prefix !== '') checkKey(prefix.replace(/\/$/, ''))
    const entries = await attempt(`The directory ${join(this.place, prefix)}`, 'listed', async () => {
      try {
        return await readdir(join(this.place, prefix), { withFileTypes: true })
      } catch (error) {
        if (isAbsent(error)) return []
        throw error
      }
    })
    for (const entry of entries.filter(({ name }) => name !== BESIDE)) {
      const key = `${prefix}${entry.name}`
      if (entry.isDirectory()) yield* this.list(`${key}/`)
      else {
        const info = await stat(join(this.place, key)).catch(() => undefined)
        if (info !== undefined) yield { key, size: info.size, modified: info.mtimeMs }
      }
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const path = join(this.place, checkKey(key))
      await attempt(`The object ${path}`, 'deleted', () =>
        unlink(path).catch(error => {
          if (!isAbsent(error)) throw error
        })
      )
    }
  }

  async close(): Promise<void> {}

  /** Makes a directory and its name in the directories above durable. */
  async #makeDirectory(path: string): Promise<void> {
    if (this.#synced.has(path)) return
    await mkdir(path, { recursive: true })
    for (let at = path; at.length >= this.place.length && !this.#synced.has(at); at = dirname(at)) {
      await syncDirectory(dirname(at))
      this.#synced.add(at)
    }
  }
}

async function writeSynced(path: string, body: Uint8Array): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(body)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** False: the name is taken. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code
const isAbsent = (error: unknown) => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not. Give it the right to write there',
  EPERM: 'this user may not. Give it the right to write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full. Free some space',
  EISDIR: 'it is a directory',
  EEXIST: 'a part of the path is a file',
  ENOTDIR: 'a part of the path is a file'
}

async function attempt<T>(what: string, done: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ObjectsError) throw error
    throw new ObjectsError(`${what} can't be ${done}: ${reasons[codeOf(error) ?? ''] ?? (error as Error).message}.`, { cause: error })
  }
}
