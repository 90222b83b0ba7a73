import { checkKey, type ObjectInfo, type Objects } from '../../connect/objects/objects.js'

/** Objects in memory, for tests that are not about disks or networks. Keeps the contract of the port. */
export class MemoryObjects implements Objects {
  readonly place = 'memory'
  readonly #objects = new Map<string, { body: Buffer; modified: number }>()

  copy(): MemoryObjects {
    const copy = new MemoryObjects()
    for (const [key, object] of this.#objects) copy.#objects.set(key, object)
    return copy
  }

  async put(key: string, body: Uint8Array): Promise<'created' | 'exists'> {
    if (this.#objects.has(checkKey(key))) return 'exists'
    this.#objects.set(key, { body: Buffer.from(body), modified: Date.now() })
    return 'created'
  }

  async get(key: string): Promise<Buffer | undefined> {
    return this.#objects.get(checkKey(key))?.body
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    if (prefix !== '') checkKey(prefix.replace(/\/$/, ''))
    for (const [key, { body, modified }] of [...this.#objects]) if (key.startsWith(prefix)) yield { key, size: body.length, modified }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#objects.delete(checkKey(key))
  }

  async close(): Promise<void> {}
}
