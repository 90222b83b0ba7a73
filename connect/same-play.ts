import type { LedgerPlay } from './ledger.js'

/** By source: the time under which it has reported this play. */
export type Claims = Readonly<Record<string, number>>

/** A play that was published, and who has reported it since. */
export interface Entry extends LedgerPlay {
  claims: Claims
}

/** Reports of one track that start (or end) within this time of one another are one play. */
export const SAME_PLAY_MS = 120_000

/**
 * Which of one account's reports tell of plays that are known. Two sources never agree to the millisecond: a poller sees a
 * track some seconds after it began, an export has minutes, and what paused has a start that is too late where it is computed
 * from the end. So two reports are one play when they are of the same track (by id, else by artist and title) and their starts
 * or their ends are near. A source tells of each play once, though: its second report of a track that is played again at once
 * is another play. Among several plays the earliest that the source has not reported yet is meant.
 * @param reports in order of time @param entries in order of time; those newly reported get a claim and are in `changed`.
 */
export function recognise(reports: readonly LedgerPlay[], entries: readonly Entry[]): { known: Set<LedgerPlay>; changed: Set<Entry> } {
  const byTrack = new Map<string, Entry[]>()
  for (const entry of entries) {
    for (const id of new Set([entry.trackId, entry.nameId])) {
      const list = byTrack.get(id)
      if (list === undefined) byTrack.set(id, [entry])
      else list.push(entry)
    }
  }
  const known = new Set<LedgerPlay>()
  const changed = new Set<Entry>()
  const others: LedgerPlay[] = []
  for (const report of reports) {
    if (candidates(byTrack, report).some(entry => isRepeated(report, entry))) known.add(report)
    else others.push(report)
  }
  for (const report of others) {
    const entry = candidates(byTrack, report).find(each => each.claims[report.source] === undefined && isNear(report, each))
    if (entry === undefined) continue
    entry.claims = { ...entry.claims, [report.source]: report.occurredAt }
    known.add(report)
    changed.add(entry)
  }
  return { known, changed }
}

function candidates(byTrack: ReadonlyMap<string, Entry[]>, { trackId, nameId }: LedgerPlay): Entry[] {
  const both = new Set([...(byTrack.get(trackId) ?? []), ...(byTrack.get(nameId) ?? [])])
  return [...both].sort((a, b) => a.occurredAt - b.occurredAt)
}

/** The very report again. */
const isRepeated = (report: LedgerPlay, entry: Entry): boolean =>
  entry.claims[report.source] === report.occurredAt && (entry.source !== report.source || entry.type === report.type)

const isNear = (a: LedgerPlay, b: LedgerPlay): boolean =>
  Math.abs(a.occurredAt - b.occurredAt) <= SAME_PLAY_MS || Math.abs(endOf(a) - endOf(b)) <= SAME_PLAY_MS

const endOf = ({ occurredAt, endedAt, msPlayed }: LedgerPlay): number => endedAt ?? occurredAt + (msPlayed ?? 0)
