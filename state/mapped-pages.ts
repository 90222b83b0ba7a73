/** The system maps so many bytes around each page that is read, where they are in its cache (Linux' fault_around_bytes). */
const AROUND_BYTES = 64 * 1024
/** A file of which no more can be mapped is left alone. */
const LEAST_BYTES = 4 * 1024 * 1024
const CHECK_MS = 250
/** Between two releases while the file is in use; one that is quiet is released at once. */
const REST_MS = 10_000

/**
 * When to let go of the pages of a mapped file. They count as memory of the process though the system could take them
 * back; a store that reads here and there has soon mapped all of its file. Mapping the file anew costs a millisecond, each
 * page that is still needed a microsecond.
 */
export class MappedPages {
  /** Since the file was mapped, by reads and writes, at most. */
  #bytes = 0
  #checked = 0
  #mappedAt = performance.now()
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(
    private readonly fileBytes: () => number,
    /** Maps the file anew, or returns false: not now. Called when nothing else runs. */
    private readonly release: () => boolean
  ) {}

  /** So many places of the file are read, or written (which reads them first). */
  touch(places: number): void {
    this.#bytes += places * AROUND_BYTES
    if (!this.#stopped) this.#timer ??= setTimeout(() => this.#check(), CHECK_MS).unref()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #check(): void {
    this.#timer = undefined
    const quiet = this.#bytes === this.#checked
    this.#checked = this.#bytes
    const mapped = Math.min(this.#bytes, this.fileBytes())
    if (mapped > LEAST_BYTES && (quiet || performance.now() - this.#mappedAt > REST_MS) && this.release()) {
      this.#bytes = 0
      this.#checked = 0
      this.#mappedAt = performance.now()
    } else if (mapped > LEAST_BYTES || !quiet) this.touch(0)
  }
}
