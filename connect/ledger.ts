/**
 * Remembers, for one listener's account, which plays were published, for ever: importing again, a month later or from
 * another copy, publishes nothing twice. A play is noted *after* it is published: a crash between the two sends it again
 * with the same content, which the pipeline counts once for seven days. Ordered by time, so that plays near a moment are found.
 */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'

/** What makes a play the same fact, with what is needed to know it again from another source. */
export interface LedgerPlay {
  /** Its start, milliseconds since the epoch. */
  readonly occurredAt: number
  readonly trackId: string
  readonly type: string
  /** The id derived from the names of artist and title: sources differ in `trackId`. */
  readonly nameId: string
  readonly msPlayed: number | null
  readonly source: string
}

/** Another process imports for the same account. */
export class LedgerLockedError extends Error {
  override name = 'LedgerLockedError'
}

export interface Ledger {
  /** Those that were not noted before, in their order; of equal ones the first. */
  fresh<P extends LedgerPlay>(plays: readonly P[]): Promise<P[]>
  /** Durable when it resolves. */
  note(plays: readonly LedgerPlay[]): Promise<void>
  /** Plays noted in [from, to), in order of time. */
  between(from: number, to: number): AsyncIterable<LedgerPlay>
  close(): Promise<void>
}

const separator = '\u001f'

const timeKey = (time: number): string => String(Math.max(0, time)).padStart(15, '0')

/** Of fixed width up to the time, so that the order of keys is that of time. */
const keyOf = ({ occurredAt, trackId, type }: LedgerPlay): string => `${timeKey(occurredAt)}${separator}${type}${separator}${trackId}`

const entryOf = ({ nameId, msPlayed, source }: LedgerPlay): string => JSON.stringify({ nameId, msPlayed, source })

/** A user id may hold anything; a directory's name may not, and its case may not count. */
function directoryName(userId: string): string {
  const readable = userId.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 40)
  return `${readable}-${createHash('sha256').update(userId, 'utf8').digest('hex').slice(0, 16)}`
}

/** Opens the ledger of one account under `directory` (such as data/ledger). @throws LedgerLockedError */
export async function openLedger(directory: string, userId: string): Promise<Ledger> {
  const location = join(directory, directoryName(userId))
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
    const byKey = new Map<string, P>()
    for (const play of plays) {
      const key = keyOf(play)
      if (!byKey.has(key)) byKey.set(key, play)
    }
    const known = await this.level.hasMany([...byKey.keys()])
    return [...byKey.values()].filter((_, index) => !known[index])
  }

  async note(plays: readonly LedgerPlay[]): Promise<void> {
    const puts = plays.map(play => ({ type: 'put' as const, key: keyOf(play), value: entryOf(play) }))
    // Without `sync` a power cut may forget what was published.
    if (puts.length > 0) await this.level.batch(puts, { sync: true })
  }

  async *between(from: number, to: number): AsyncIterable<LedgerPlay> {
    for await (const [key, value] of this.level.iterator({ gte: timeKey(from), lt: timeKey(to) })) {
      const [time, type, trackId] = key.split(separator)
      yield {
        occurredAt: Number(time),
        type: type!,
        trackId: trackId!,
        ...(JSON.parse(value) as Pick<LedgerPlay, 'nameId' | 'msPlayed' | 'source'>)
      }
    }
  }

  async close(): Promise<void> {
    await this.level.close()
  }
}
