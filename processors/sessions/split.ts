import { SESSION_GAP_MS } from './session.js'

/** A play as its entry in listening-history has it. */
export interface StoredPlay {
  readonly occurredAt: number
  /** Stream time when it joined its session. */
  readonly joinedAt: number
  readonly track: string
  readonly artist: string
}

/** The plays of one session, in order. */
export type StoredSession = StoredPlay[]

export const touchedAt = (session: StoredSession): number => session.reduce((latest, play) => Math.max(latest, play.joinedAt), 0)

/**
 * Which sessions the plays of one listener, in order of time, belong to. The gaps between them say so, unless a play came when
 * the session beside it was over already (`retentionMs` after it was last touched): it began a new one. All that this
 * depends on is in the plays themselves, so the answer is the same after a restart, and whether or not what is over was deleted.
 */
export function splitSessions(plays: readonly StoredPlay[], retentionMs: number): StoredSession[] {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const { joinedAt } of plays) {
    first = Math.min(first, joinedAt)
    last = Math.max(last, joinedAt)
  }
  return last - first <= retentionMs ? splitByGap(plays) : replay(plays, retentionMs)
}

function splitByGap(plays: readonly StoredPlay[]): StoredSession[] {
  const sessions: StoredSession[] = []
  let before: StoredPlay | undefined
  for (const play of plays) {
    if (before !== undefined && play.occurredAt - before.occurredAt <= SESSION_GAP_MS) sessions.at(-1)!.push(play)
    else sessions.push([play])
    before = play
  }
  return sessions
}

interface Group {
  touchedAt: number
}

/** Lets the plays arrive once more. Those with the same stream time may come in any order: none finds another one's session over. */
function replay(plays: readonly StoredPlay[], retentionMs: number): StoredSession[] {
  const groups: (Group | undefined)[] = new Array(plays.length).fill(undefined)
  const neighbour = (index: number, step: 1 | -1): Group | undefined => {
    const { occurredAt, joinedAt } = plays[index]!
    for (let i = index + step; i >= 0 && i < plays.length; i += step) {
      if (Math.abs(plays[i]!.occurredAt - occurredAt) > SESSION_GAP_MS) return undefined
      const group = groups[i]
      if (group !== undefined && joinedAt - group.touchedAt <= retentionMs) return group
    }
    return undefined
  }
  const arrivals = plays.map((_, index) => index).sort((a, b) => plays[a]!.joinedAt - plays[b]!.joinedAt)
  for (const index of arrivals) {
    const left = neighbour(index, -1)
    const right = neighbour(index, 1)
    const group = left ?? right ?? { touchedAt: 0 }
    group.touchedAt = plays[index]!.joinedAt
    groups[index] = group
    if (right === undefined || right === group) continue
    for (let i = 0; i < groups.length; i++) if (groups[i] === right) groups[i] = group
  }
  const sessions = new Map<Group, StoredSession>()
  plays.forEach((play, i) => {
    const session = sessions.get(groups[i]!)
    if (session === undefined) sessions.set(groups[i]!, [play])
    else session.push(play)
  })
  return [...sessions.values()]
}
