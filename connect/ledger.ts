/**
 * Remembers, for one listener's account, which plays were published, for ever: what polling, backfill and imports say of one
 * play is published once, also a month later or from another copy. A play is noted *after* it is published: a crash between
 * the two sends it again with the same content, which the pipeline counts once for seven days.
 */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import { type Claims, type Entry, recognise } from './same-play.js'

/** One source's report of a play, with what is needed to know it again from another source. */
export interface LedgerPlay {
  /** Its start, milliseconds since the epoch. */
  readonly occurredAt: number
  /** Its end; the start plus `msPlayed` where absent. They differ by pauses. */
  readonly endedAt?: number
  readonly trackId: string
  readonly type: string
  /** The id derived from the names of artist and title: sources differ in `trackId`. */
  readonly nameId: string
  readonly msPlayed: number | null
  /** Who reports it: a source tells of each play once. */
  readonly source: string
}

/** Another process imports for the same account. */
export class LedgerLockedError extends Error {
  override name = 'LedgerLockedError'
}

export interface Ledger {
  /**
   * Those that are new, in their order; of equal ones the first. Which play a report was recognised as is kept, so that a
   * source's next report of the same track is not taken for the same play again.
   */
  fresh<P extends LedgerPlay>(plays: readonly P[]): Promise<P[]>
  /** Durable when it resolves. */
  note(plays: readonly LedgerPlay[]): Promise<void>
  /** Plays noted in [from, to), in order of time. */
  between(from: number, to: number): AsyncIterable<LedgerPlay>
  close(): Promise<void>
}

const separator = '\u001f'
/** How far apart two reports' starts may be where a long pause lies between them and their ends agree. */
const reachMs = 2 * 3_600_000

const timeKey = (time: number): string => String(Math.max(0, time)).padStart(15, '0')

/** Of fixed width up to the time, so that the order of keys is that of time. */
const keyOf = ({ occurredAt, trackId, type }: LedgerPlay): string => `${timeKey(occurredAt)}${separator}${type}${separator}${trackId}`

type Stored = Pick<LedgerPlay, 'nameId' | 'msPlayed' | 'source' | 'endedAt'> & { readonly claims?: Claims }

const storedOf = ({ nameId, msPlayed, source, endedAt }: LedgerPlay, claims?: Claims): string =>
  JSON.stringify({ nameId, msPlayed, source, endedAt, claims })

/** A user id may hold anything; a directory's name may not, and its case may not count. */
export function accountDirectory(userId: string): string {
  const readable = userId.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 40)
  return `${readable}-${createHash('sha256').update(userId, 'utf8').digest('hex').slice(0, 16)}`
}

/** Opens the ledger of one account under `directory` (such as data/ledger). @throws LedgerLockedError */
export async function openLedger(directory: string, userId: string): Promise<Ledger> {
  const location = join(directory, accountDirectory(userId))
  mkdirSync(directory, { recursive: true })
  const level = new Level<string, string>(location)
  try {
    await level.open()
  } catch (error) {
    const cause = (error as { cause?: NodeJS.ErrnoException }).cause
    if (cause?.code === 'LEVEL_LOCKED')
      throw new LedgerLockedError(`Another process is importing for ${userId} just now: wait until it is done.`)
    throw new Error(`The ledger of imported plays ${location} can't be opened: ${cause?.message ?? (error as Error).message}.`)
  }
  return new LevelLedger(level)
}

class LevelLedger implements Ledger {
  constructor(private readonly level: Level<string, string>) {}

  async fresh<P extends LedgerPlay>(plays: readonly P[]): Promise<P[]> {
    const reports = [...new Map([...plays].reverse().map(play => [keyOf(play), play])).values()]
    reports.sort((a, b) => a.occurredAt - b.occurredAt)
    const entries = await this.around(reports)
    const { known, changed } = recognise(reports, entries)
    await this.write([...changed].map(entry => [keyOf(entry), storedOf(entry, entry.claims)]))
    const fresh = new Set(reports.filter(report => !known.has(report)))
    return plays.filter(play => fresh.delete(play))
  }

  async note(plays: readonly LedgerPlay[]): Promise<void> {
    await this.write(plays.map(play => [keyOf(play), storedOf(play)]))
  }

  async *between(from: number, to: number): AsyncIterable<LedgerPlay> {
    for await (const { claims: _, ...play } of this.entries(from, to)) yield play
  }

  async close(): Promise<void> {
    await this.level.close()
  }

  /** All that the reports, in order of time, may be about. */
  private async around(reports: readonly LedgerPlay[]): Promise<Entry[]> {
    const entries: Entry[] = []
    for (let i = 0; i < reports.length; ) {
      const from = reports[i]!.occurredAt - reachMs
      let to = reports[i++]!.occurredAt + reachMs
      while (i < reports.length && reports[i]!.occurredAt - reachMs <= to) to = reports[i++]!.occurredAt + reachMs
      for await (const entry of this.entries(from, to)) entries.push(entry)
    }
    return entries
  }

  private async *entries(from: number, to: number): AsyncIterable<Entry> {
    for await (const [key, value] of this.level.iterator({ gte: timeKey(from), lt: timeKey(to) })) {
      const [time, type, trackId] = key.split(separator)
      const stored = JSON.parse(value) as Stored
      const claims = stored.claims ?? { [stored.source]: Number(time) }
      yield { ...stored, occurredAt: Number(time), type: type!, trackId: trackId!, claims }
    }
  }

  private async write(entries: readonly (readonly [key: string, value: string])[]): Promise<void> {
    // Without `sync` a power cut may forget what was published.
    if (entries.length > 0)
      await this.level.batch(
        entries.map(([key, value]) => ({ type: 'put' as const, key, value })),
        { sync: true }
      )
  }
}
