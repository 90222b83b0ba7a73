import type { Objects } from '../objects/objects.js'
import type { EncodedFile } from './encode.js'
import { FileReader } from './file-reader.js'

/** What is in the lake under a key is not what has to be there. Reaction: tell, and stop writing that partition. */
export class LakeConflictError extends Error {
  override name = 'LakeConflictError'
}

/**
 * Writes a file, or finds it written: by an attempt whose reply was lost, by a process that was killed, or by another version
 * of the program, which may have written the same rows as other bytes.
 * @throws ObjectsError @throws LakeConflictError
 */
export async function putOnce(objects: Objects, { key, bytes }: EncodedFile): Promise<void> {
  if ((await objects.put(key, bytes)) === 'created') return
  const there = await objects.get(key)
  if (there === undefined) return putOnce(objects, { key, bytes, rows: 0 })
  if (there.equals(bytes) || (await sameRows(key, there, Buffer.from(bytes)))) return
  throw new LakeConflictError(
    `${key} is in ${objects.place} with other rows than the log has: another Segue writes to this lake. Give this one a place of its own (SEGUE_LAKE, S3_BUCKET).`
  )
}

async function sameRows(key: string, a: Buffer, b: Buffer): Promise<boolean> {
  try {
    const rows = async (bytes: Buffer) => {
      const all: unknown[] = []
      for await (const row of new FileReader(key, bytes).objects()) all.push(row)
      return JSON.stringify(all, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    }
    return (await rows(a)) === (await rows(b))
  } catch {
    return false
  }
}
