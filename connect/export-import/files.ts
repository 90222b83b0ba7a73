import type { Dirent } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join, relative } from 'node:path'
import { readZip } from './zip.js'

/** One JSON file of an export. */
export interface ExportFile {
  readonly name: string
  readonly bytes: number
  read(): Promise<string>
}

/** There is nothing to import. Its message is a sentence. */
export class ExportNotFoundError extends Error {
  override name = 'ExportNotFoundError'
}

const history = /^(StreamingHistory|Streaming_History|endsong).*\.json$/i
const deepest = 5

/**
 * The history files at `path`: a JSON file, a directory (searched to some depth), or the zip that Spotify sent. In the order of
 * their names, numbers by value.
 * @throws ExportNotFoundError
 */
export async function findExports(path: string): Promise<ExportFile[]> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new ExportNotFoundError(error.code === 'ENOENT' ? `There is no ${path}.` : `${path} can't be read (${error.code}).`)
  })
  const files = status.isDirectory() ? await inDirectory(path) : await inFile(path, status.size)
  if (files.length === 0) {
    throw new ExportNotFoundError(
      `${path} holds no listening history: an export has files such as StreamingHistory_music_0.json or Streaming_History_Audio_2023_1.json. Give their directory, one of them, or the zip that Spotify sent.`
    )
  }
  return files.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

async function inFile(path: string, bytes: number): Promise<ExportFile[]> {
  if (extname(path).toLowerCase() !== '.zip') return [{ name: basename(path), bytes, read: () => readFile(path, 'utf8') }]
  const entries = await readZip(path).catch((error: Error) => {
    throw new ExportNotFoundError(error.message)
  })
  return entries
    .filter(({ name }) => history.test(basename(name)) && !name.startsWith('__MACOSX/'))
    .map(({ name, size, read }) => ({ name, bytes: size, read: async () => (await read()).toString('utf8') }))
}

async function inDirectory(root: string): Promise<ExportFile[]> {
  const files: ExportFile[] = []
  const visit = async (directory: string, depth: number): Promise<void> => {
    const entries: Dirent[] = await readdir(directory, { withFileTypes: true })
    for (const entry of entries) {
      const path = join(directory, entry.name)
      if (entry.isDirectory() && depth < deepest) await visit(path, depth + 1)
      else if (entry.isFile() && history.test(entry.name)) {
        files.push({ name: relative(root, path), bytes: (await stat(path)).size, read: () => readFile(path, 'utf8') })
      }
    }
  }
  await visit(root, 0)
  return files
}
