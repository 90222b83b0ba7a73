/**
 * A registry in a directory: `<id>.json` holds a schema and its subjects. Ids rise from 1 and are never reused. A file
 * appears whole or not at all (written beside, synced, renamed), so that a kill at any moment leaves a registry that is right.
 * For one process at a time: it lives in the data directory, which is locked.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { incompatibilities } from './compatibility.js'
import { identityOf } from './identity.js'
import { IncompatibleSchemaError, type Registry } from './registry.js'
import type { AvroSchema } from './sources.js'

interface Entry {
  readonly id: number
  readonly subjects: readonly string[]
  readonly schema: AvroSchema
  readonly identity: string
}

/** Opens the registry in `directory`, creating it where absent. @throws Error naming a file that is damaged. */
export function openLocalRegistry(directory: string): Registry {
  mkdirSync(directory, { recursive: true })
  for (const file of readdirSync(directory)) if (file.endsWith('.tmp')) rmSync(join(directory, file))
  return new LocalRegistry(directory, readEntries(directory))
}

class LocalRegistry implements Registry {
  constructor(
    private readonly directory: string,
    private readonly entries: Map<number, Entry>
  ) {}

  async register(subject: string, schema: AvroSchema): Promise<number> {
    const identity = identityOf(schema)
    const same = [...this.entries.values()].find(entry => entry.identity === identity)
    if (same?.subjects.includes(subject)) return same.id
    for (const entry of this.entries.values()) {
      if (!entry.subjects.includes(subject)) continue
      const problems = incompatibilities(schema, entry.schema)
      if (problems.length > 0) {
        throw new IncompatibleSchemaError(`The schema of ${subject} can't read what schema ${entry.id} wrote: ${problems.join(' ')}`)
      }
    }
    const id = same?.id ?? Math.max(0, ...this.entries.keys()) + 1
    this.save({ id, subjects: [...(same?.subjects ?? []), subject], schema: same?.schema ?? schema, identity })
    return id
  }

  async schema(id: number): Promise<AvroSchema | undefined> {
    return this.entries.get(id)?.schema
  }

  private save(entry: Entry): void {
    const file = join(this.directory, `${entry.id}.json`)
    const temporary = `${file}.tmp`
    writeFileSync(temporary, `${JSON.stringify({ subjects: entry.subjects, schema: entry.schema }, null, 2)}\n`, { flush: true })
    renameSync(temporary, file)
    syncDirectory(this.directory)
    this.entries.set(entry.id, entry)
  }
}

function readEntries(directory: string): Map<number, Entry> {
  const ids = readdirSync(directory)
    .filter(file => /^[1-9]\d*\.json$/.test(file))
    .map(file => Number.parseInt(file, 10))
    .sort((a, b) => a - b)
  return new Map(ids.map(id => [id, readEntry(join(directory, `${id}.json`), id)]))
}

function readEntry(file: string, id: number): Entry {
  try {
    const { subjects, schema } = JSON.parse(readFileSync(file, 'utf8')) as Pick<Entry, 'subjects' | 'schema'>
    if (schema === undefined) throw new Error('it has no schema')
    if (!Array.isArray(subjects)) throw new Error('it has no subjects')
    return { id, subjects, schema, identity: identityOf(schema) }
  } catch (error) {
    throw new Error(
      `The schema file ${file} is damaged (${(error as Error).message}): restore it from a backup, records written with it can't be read without.`
    )
  }
}

/** Makes a rename durable. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
