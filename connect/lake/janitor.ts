/** Compacts hours that are over, of the partitions that are written here, while the sink runs. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { TopicPartition } from '../../streams/log/log.js'
import { compact, directoryOf, ownerOf } from './compaction.js'
import type { Encoder } from './encoder.js'
import { BRONZE, countingFiles, groupOf, lakeFiles } from './names.js'
import { GRACE_MS, type LakeOptions, SETTLE_MS } from './options.js'

const ROUND_MS = 60_000

export class Janitor {
  /** Directories of hours with something to do. */
  readonly #hours = new Set<string>()
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(
    private readonly options: LakeOptions,
    private readonly encoder: Encoder,
    private readonly isOurs: (partition: TopicPartition) => boolean
  ) {}

  start(): void {
    this.#running = this.#run()
  }

  wrote(key: string): void {
    this.#hours.add(directoryOf(key))
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    let isListed = false
    for (;;) {
      await sleep(ROUND_MS, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      try {
        if (!isListed) await this.#list()
        isListed = true
        for (const hour of this.#hours) if (!signal.aborted) await this.#compactHour(hour)
      } catch (error) {
        this.options.onNotice(`The lake was not compacted: ${(error as Error).message}`)
      }
    }
  }

  /** What an earlier process left to do. */
  async #list(): Promise<void> {
    const { counting, replaced } = countingFiles(await lakeFiles(this.options.objects, BRONZE))
    for (const { file } of replaced) this.wrote(file.key)
    for (const [i, file] of counting.entries()) if (i > 0 && groupOf(counting[i - 1]!) === groupOf(file)) this.wrote(file.key)
  }

  async #compactHour(directory: string): Promise<void> {
    const { objects, rotation, settleMs = SETTLE_MS, graceMs = GRACE_MS, now = Date.now } = this.options
    const files = (await lakeFiles(objects, directory)).filter(({ key }) => {
      const owner = ownerOf(key)
      return owner !== undefined && this.isOurs(owner)
    })
    const { isLeft } = await compact(files, { objects, encoder: this.encoder, fileBytes: rotation.bytes, settleMs, graceMs, now })
    if (!isLeft) this.#hours.delete(directory)
  }
}
