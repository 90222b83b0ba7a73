import { type Ledger, LedgerLockedError } from '../ledger.js'
import type { EventProducer } from '../producer.js'
import type { Outgoing } from './account.js'

export interface Publishing {
  readonly producer: EventProducer
  readonly openLedger: (userId: string) => Promise<Ledger>
}

export interface Published {
  readonly events: number
  /** Plays that another source had told of before. */
  readonly known: number
}

/**
 * Publishes what the ledger does not know yet: first the log, then the ledger, so that a crash between them repeats and never
 * loses. Undefined: an import has the ledger just now, nothing was published, try again later.
 */
export async function publish(
  userId: string,
  outbox: readonly Outgoing[],
  { producer, openLedger }: Publishing
): Promise<Published | undefined> {
  const plays = outbox.flatMap(({ play }) => play ?? [])
  if (plays.length === 0) {
    await producer.send(outbox.map(({ event }) => event))
    return { events: outbox.length, known: 0 }
  }
  const ledger = await openLedger(userId).catch((error: Error) => {
    if (error instanceof LedgerLockedError) return undefined
    throw error
  })
  if (ledger === undefined) return undefined
  try {
    const fresh = new Set(await ledger.fresh(plays))
    const news = outbox.filter(({ play }) => play === undefined || fresh.has(play))
    await producer.send(news.map(({ event }) => event))
    await ledger.note([...fresh])
    return { events: news.length, known: plays.length - fresh.size }
  } finally {
    await ledger.close()
  }
}
