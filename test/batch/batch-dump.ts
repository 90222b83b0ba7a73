import type { Dump } from '../../tools/dump.js'

/** Whoever answers SQL: DuckDB's file, or Snowflake's protocol. */
export interface Queries {
  query<R>(sql: string): Promise<R[]>
}

interface Count {
  readonly kind: 'accepted' | 'rejected' | 'duplicates' | 'sessions'
  readonly name: string
  readonly value: number
}

interface Pair {
  readonly track_id: string
  readonly other_track_id: string
  readonly together: number
  readonly weight: number
}

/** The neighbours as the processors publish them: the 100 first by together and the 100 first by weight. */
const neighbours = `
  select track_id, other_track_id, together, weight from reconcile.reconcile_pairs
  qualify row_number() over (partition by track_id order by together desc, other_track_id) <= 100
    or row_number() over (partition by track_id order by weight desc, other_track_id) <= 100`

/** What the warehouse has computed, in the form of `segue dump`. */
export async function batchDump(warehouse: Queries): Promise<Dump> {
  const dump: Dump = { accepted: {}, rejected: {}, duplicates: 0, sessions: 0, tracks: {}, affinity: {} }
  for (const { kind, name, value } of await warehouse.query<Count>('select kind, name, value from reconcile.reconcile_counts')) {
    if (kind === 'accepted' || kind === 'rejected') dump[kind][name] = value
    else dump[kind] = value
  }
  for (const { track_id, sessions, n } of await warehouse.query<{ track_id: string; sessions: number; n: number }>(
    'select track_id, sessions, n from reconcile.reconcile_tracks'
  ))
    dump.tracks[track_id] = { sessions, n, neighbours: {} }
  for (const { track_id, other_track_id, together, weight } of await warehouse.query<Pair>(neighbours))
    dump.tracks[track_id]!.neighbours[other_track_id] = [together, weight]
  for (const { user_id } of await warehouse.query<{ user_id: string }>('select distinct user_id from silver.listening_events'))
    dump.affinity[user_id] = []
  for (const { user_id, ...artist } of await warehouse.query<{ user_id: string } & Dump['affinity'][string][number]>(
    `select user_id, artist_id, affinity, plays from reconcile.reconcile_affinity
     where affinity_rank <= 50 order by user_id, affinity_rank`
  ))
    dump.affinity[user_id]!.push(artist)
  return dump
}
