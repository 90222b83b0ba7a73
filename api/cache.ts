/**
 * Tells whether something about a name has changed since one looked: a table of counters, indexed by the name's hash. Two
 * names may share a counter; then a change of one also counts as a change of the other, never the reverse.
 */
export class Generations {
  readonly #counters = new Uint32Array(1 << 16)

  of(name: string): number {
    return this.#counters[slot(name)]!
  }

  changed(name: string): void {
    this.#counters[slot(name)]!++
  }
}

/** FNV-1a, folded to 16 bits. */
function slot(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return (hash ^ (hash >>> 16)) & 0xffff
}

export interface CacheOptions {
  readonly entries: number
  readonly bytes: number
  /** How old an answer may get while neither the listener's session nor affinity changes, milliseconds. */
  readonly ttlMs: number
}

interface Entry {
  /** JSON text. */
  readonly text: string
  readonly bytes: number
  readonly generation: number
  readonly expires: number
}

/** Ready-made answers, the least recently used dropped first. Bounded by entries and bytes. */
export class AnswerCache {
  readonly #entries = new Map<string, Entry>()
  readonly #generations = new Generations()
  #bytes = 0
  #hits = 0
  #misses = 0

  constructor(readonly options: CacheOptions) {}

  /** To be read before an answer for the listener is computed, and given to `put` with it. */
  generation(user: string): number {
    return this.#generations.of(user)
  }

  get(key: string, user: string, now: number): string | undefined {
    const entry = this.#entries.get(key)
    if (entry && entry.expires > now && entry.generation === this.#generations.of(user)) {
      this.#entries.delete(key)
      this.#entries.set(key, entry)
      this.#hits++
      return entry.text
    }
    if (entry) this.#drop(key, entry)
    this.#misses++
    return undefined
  }

  /** Keeps an answer until `until` (milliseconds) or the TTL, whichever ends first; not at all if the listener changed meanwhile. */
  put(key: string, user: string, generation: number, text: string, now: number, until = Number.POSITIVE_INFINITY): void {
    const bytes = 2 * (key.length + text.length) + 200
    if (generation !== this.#generations.of(user) || bytes > this.options.bytes) return
    const old = this.#entries.get(key)
    if (old) this.#drop(key, old)
    this.#entries.set(key, { text, bytes, generation, expires: Math.min(now + this.options.ttlMs, until) })
    this.#bytes += bytes
    for (const [eldest, entry] of this.#entries) {
      if (this.#entries.size <= this.options.entries && this.#bytes <= this.options.bytes) break
      this.#drop(eldest, entry)
    }
  }

  /** The listener's session or affinity changed: their answers are invalid from now on. */
  invalidate(user: string): void {
    this.#generations.changed(user)
  }

  clear(): void {
    this.#entries.clear()
    this.#bytes = 0
  }

  stats(): { entries: number; bytes: number; hits: number; misses: number } {
    return { entries: this.#entries.size, bytes: this.#bytes, hits: this.#hits, misses: this.#misses }
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }
}
