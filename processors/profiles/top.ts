import type { NameOrder } from '../ranking/order.js'
import { Greatest } from '../ranking/select.js'
import type { Profile, RowKind } from './fold.js'

export interface Played {
  readonly id: number
  readonly plays: number
  readonly first: number
}

const greatest = new Greatest()

/** The rows with the most plays, equal ones in the order of their names. */
export function mostPlayed(profile: Profile, kind: RowKind, limit: number, order: NameOrder): Played[] {
  let rows: Played[] = []
  profile.each(kind, (id, plays, first) => rows.push({ id, plays, first }))
  if (rows.length > limit) {
    greatest.reset(limit)
    for (const { plays } of rows) greatest.add(plays)
    rows = rows.filter(({ plays }) => plays >= greatest.least)
  }
  return rows.sort((a, b) => b.plays - a.plays || order.compare(a.id, b.id)).slice(0, limit)
}
