/**
 * The Objects port: bytes under keys, written once and never changed. Adapters: a directory; any S3.
 * A key is a relative path of plain segments (`bronze/x/y.parquet`). An object is there as a whole or not at all.
 */
export interface ObjectInfo {
  readonly key: string
  readonly size: number
  /** When it was written, milliseconds since the epoch, by the store's clock. */
  readonly modified: number
}

export interface Objects {
  /** Where the objects are, for people: a path, or s3://bucket/prefix. */
  readonly place: string
  /** Durable when it resolves. `exists`: there was an object under the key, and it is as it was. @throws ObjectsError */
  put(key: string, body: Uint8Array): Promise<'created' | 'exists'>
  /** Undefined: there is none. @throws ObjectsError */
  get(key: string): Promise<Buffer | undefined>
  /** Each once, in any order. `prefix` ends a whole segment (`bronze/x/`), or is empty. @throws ObjectsError */
  list(prefix: string): AsyncIterable<ObjectInfo>
  /** Keys that don't exist are passed over. @throws ObjectsError */
  delete(keys: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Its message is a sentence that says what could not be done, where and why. Reaction: back off and try again. */
export class ObjectsError extends Error {
  override name = 'ObjectsError'
}

const segment = /^(?!\.{1,2}$)[A-Za-z0-9_.=-]{1,200}$/

/** @throws ObjectsError it is no key. */
export function checkKey(key: string): string {
  if (key.length > 900 || !key.split('/').every(part => segment.test(part)))
    throw new ObjectsError(`"${key}" is no key of an object: it has to be segments of letters, digits and ._=- with / between them.`)
  return key
}
