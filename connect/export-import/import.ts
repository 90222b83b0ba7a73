import type { Ledger } from '../ledger.js'
import type { EventProducer } from '../producer.js'
import { newEvent } from '../producer.js'
import { type ExportFile, findExports } from './files.js'
import { type Ignored, type Row, readRow } from './rows.js'

export interface ImportOptions {
  /** Whose history it is. */
  readonly user: string
  readonly producer: EventProducer
  /** That listener's. */
  readonly ledger: Ledger
  /** Take plays of private sessions too: their listener asked that they shape no recommendation. Default false. */
  readonly includePrivate?: boolean
  /** Stops after the current batch; importing again goes on from there. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ImportProgress) => void
}

export interface ImportProgress {
  readonly file: string
  readonly rows: number
  readonly published: number
  /** Done so far, in [0, 1]. */
  readonly share: number
}

export interface BadRow {
  readonly file: string
  /** Counted from 1; absent where the whole file can't be read. */
  readonly row?: number
  /** A sentence. */
  readonly what: string
}

export interface ImportSummary {
  readonly files: number
  readonly rows: number
  readonly published: number
  /** Published before, or twice in the export. */
  readonly known: number
  readonly ignored: Readonly<Partial<Record<Ignored, number>>>
  readonly bad: number
  /** The first hundred of them. */
  readonly badRows: readonly BadRow[]
  /** False: the signal came first. */
  readonly complete: boolean
}

const batchSize = 500
const shownBadRows = 100

/**
 * Publishes the plays of an export that the ledger does not know, oldest file first. A bad row or file is noted and the rest goes
 * on. After a crash, importing again publishes what is missing.
 * @throws ExportNotFoundError nothing to import @throws RangeError the user's id can't be one.
 */
export async function importExport(path: string, options: ImportOptions): Promise<ImportSummary> {
  checkUser(options.user)
  const files = await findExports(path)
  const run = new ImportRun(options, files)
  for (const file of files) {
    if (options.signal?.aborted) break
    await run.file(file)
  }
  return run.summary()
}

class ImportRun {
  private rows = 0
  private published = 0
  private known = 0
  private bad = 0
  private finishedBytes = 0
  private readonly ignored: Partial<Record<Ignored, number>> = {}
  private readonly badRows: BadRow[] = []
  private readonly bytes: number

  constructor(
    private readonly options: ImportOptions,
    private readonly files: readonly ExportFile[]
  ) {
    this.bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  }

  async file(file: ExportFile): Promise<void> {
    const rows = await this.read(file)
    const video = /video/i.test(file.name)
    for (let from = 0; from < rows.length && !this.options.signal?.aborted; from += batchSize) {
      const to = Math.min(rows.length, from + batchSize)
      const batch: Extract<Row, { play: object }>[] = []
      for (let index = from; index < to; index++) {
        const row: Row = video ? { ignored: 'video' } : readRow(rows[index], this.rowOptions)
        if ('play' in row) batch.push(row)
        else if ('ignored' in row) this.ignored[row.ignored] = (this.ignored[row.ignored] ?? 0) + 1
        else this.note({ file: file.name, row: index + 1, what: row.bad })
      }
      await this.publish(batch)
      this.rows += to - from
      this.report(file, to / rows.length)
    }
    this.finishedBytes += file.bytes
  }

  summary(): ImportSummary {
    const { rows, published, known, ignored, bad, badRows } = this
    return { files: this.files.length, rows, published, known, ignored, bad, badRows, complete: !this.options.signal?.aborted }
  }

  private get rowOptions() {
    return { userId: this.options.user, includePrivate: this.options.includePrivate ?? false, now: Date.now() }
  }

  private async read(file: ExportFile): Promise<readonly unknown[]> {
    try {
      // What some editors put before the text, a byte order mark, is no JSON.
      const content: unknown = JSON.parse((await file.read()).replace(/^\uFEFF/, ''))
      if (Array.isArray(content)) return content
      this.note({ file: file.name, what: 'It is not a list of plays.' })
    } catch (error) {
      this.note({ file: file.name, what: `It can't be read: ${(error as Error).message}.` })
    }
    return []
  }

  /** First the log, then the ledger: a crash between them repeats, never loses. */
  private async publish(batch: readonly Extract<Row, { play: object }>[]): Promise<void> {
    const { ledger, producer } = this.options
    const facts = batch.map(({ play, fact }) => ({ ...fact, play }))
    const fresh = await ledger.fresh(facts)
    await producer.send(fresh.map(({ play }) => newEvent('spotify-plays', play)))
    await ledger.note(fresh)
    this.published += fresh.length
    this.known += batch.length - fresh.length
  }

  private note(row: BadRow): void {
    this.bad++
    if (this.badRows.length < shownBadRows) this.badRows.push(row)
  }

  private report(file: ExportFile, part: number): void {
    const share = this.bytes === 0 ? 1 : (this.finishedBytes + part * file.bytes) / this.bytes
    this.options.onProgress?.({ file: file.name, rows: this.rows, published: this.published, share })
  }
}

function checkUser(user: string): void {
  const bytes = Buffer.byteLength(user)
  if (bytes === 0 || bytes > 128 || /[\p{Cc}\p{Surrogate}]/u.test(user)) {
    throw new RangeError(`A user's id has 1 to 128 bytes and no control characters; "${user.slice(0, 40)}" can't be one.`)
  }
}
