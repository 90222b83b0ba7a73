/**
 * Tells whether something about a name has changed since one looked: a table of counters, indexed by the name's hash. Two
 * names may share a counter; then a change of one also counts as a change of the other, never the reverse.
 */
export class Generations {
  readonly #counters = new Uint32Array(1 << 16)

  look(name: string): Look {
    const slot = slotOf(name)
    return { slot, count: this.#counters[slot]! }
  }

  isCurrent({ slot, count }: Look): boolean {
    return this.#counters[slot] === count
  }

  changed(name: string): void {
    this.#counters[slotOf(name)]!++
  }

  allChanged(): void {
    for (let slot = 0; slot < this.#counters.length; slot++) this.#counters[slot]!++
  }
}

/** A moment in the life of a name. */
export interface Look {
  readonly slot: number
  readonly count: number
}

/** FNV-1a, folded to 16 bits. */
function slotOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return (hash ^ (hash >>> 16)) & 0xffff
}

/** Of an entry beside its value and key, about. */
const OVERHEAD = 200

export interface CacheOptions {
  readonly entries: number
  readonly bytes: number
  /** How old an answer may get while neither the listener's session nor affinity changes, milliseconds. */
  readonly ttlMs: number
  /** How old an answer may be that is given, marked stale, while the view can't be reached, milliseconds; 0: none is. */
  readonly staleMs: number
}

interface Entry<V> {
  readonly value: V
  readonly bytes: number
  readonly look: Look
  readonly made: number
  readonly expires: number
  /** Asked for since eviction passed it last. */
  used: boolean
}

/**
 * Ready-made answers of a kind, bounded by entries and bytes. Those not asked for go first (second chance, which spares the
 * reordering that exact LRU does on every hit).
 */
export class AnswerCache<V> {
  readonly #entries = new Map<string, Entry<V>>()
  readonly #generations = new Generations()
  #bytes = 0
  #hits = 0
  #misses = 0

  constructor(readonly options: CacheOptions) {}

  /** To be taken before an answer for the listener is computed, and given to `put` with it. */
  look(user: string): Look {
    return this.#generations.look(user)
  }

  get(key: string, now: number): V | undefined {
    const entry = this.#entries.get(key)
    if (entry && entry.expires > now && this.#generations.isCurrent(entry.look)) {
      entry.used = true
      this.#hits++
      return entry.value
    }
    this.#misses++
    return undefined
  }

  /** The last one that was kept, whatever has changed since, if it is younger than `staleMs`, with its age, milliseconds. */
  lastKnown(key: string, now: number): { value: V; age: number } | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || now - entry.made >= this.options.staleMs) return undefined
    return { value: entry.value, age: Math.max(0, now - entry.made) }
  }

  /**
   * Keeps an answer of `size` bytes until `until` (milliseconds) or the TTL, whichever ends first; not at all if the listener
   * changed meanwhile.
   */
  put(key: string, look: Look, value: V, size: number, now: number, until = Number.POSITIVE_INFINITY): void {
    const bytes = size + 2 * key.length + OVERHEAD
    if (!this.#generations.isCurrent(look) || bytes > this.options.bytes || this.options.entries < 1) return
    const old = this.#entries.get(key)
    if (old) this.#drop(key, old)
    this.#entries.set(key, { value, bytes, look, made: now, expires: Math.min(now + this.options.ttlMs, until), used: false })
    this.#bytes += bytes
    this.#evict()
  }

  /** The listener's session or affinity changed: their answers are invalid from now on. */
  invalidate(user: string): void {
    this.#generations.changed(user)
  }

  /** Anything may have changed. */
  invalidateAll(): void {
    this.#generations.allChanged()
  }

  /** Returns how many there were; answers that are being computed are not kept either. */
  clear(): number {
    const { size } = this.#entries
    this.#entries.clear()
    this.#bytes = 0
    this.invalidateAll()
    return size
  }

  stats(): { entries: number; bytes: number; hits: number; misses: number } {
    return { entries: this.#entries.size, bytes: this.#bytes, hits: this.#hits, misses: this.#misses }
  }

  #evict(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.options.entries && this.#bytes <= this.options.bytes) break
      if (entry.used) {
        entry.used = false
        this.#entries.delete(key)
        this.#entries.set(key, entry)
      } else this.#drop(key, entry)
    }
  }

  #drop(key: string, entry: Entry<V>): void {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }
}
