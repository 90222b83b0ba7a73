/** What the stores of an instance hold, as JSON lines, a piece at a time. */
import type { StreamTable } from '../../api/reconciliation.js'
import { affinityFold, growth } from '../../processors/affinity/fold.js'
import { chartFold } from '../../processors/charts/counts.js'
import { MinuteLog, minutesFrom } from '../../processors/charts/minutes.js'
import { OLDEST, WINDOWS } from '../../processors/charts/windows.js'
import { cooccurrenceFold } from '../../processors/cooccurrence/vector.js'
import { trackFold } from '../../processors/details/track-details.js'
import type { PipelineCounts } from '../../schemas/events.js'
import type { StoreSnapshot } from '../../state/store.js'
import type { KeyValueStore } from '../../streams/processor.js'
import { nextTurn, SLICE_MS } from '../../streams/slices.js'
import { MergeReader, prefetched } from '../../streams/stores/merge-reader.js'

/** Entries of a row's columns: a line has about 100 KB at most. */
const ENTRIES = 2_000
const PIECE = 64 * 1024

/** The stores of one task, as they were at the cut. */
export interface TaskSnapshot {
  readonly unit: string
  readonly store: StoreSnapshot
}

type Lines = AsyncIterable<string>

const tables: Record<StreamTable, (unit: string, store: StoreSnapshot) => Lines | undefined> = {
  counts: (unit, store) => (unit === 'listeners' ? counts(store) : undefined),
  cooccurrence: (unit, store) => (unit === 'tracks' ? cooccurrence(store) : undefined),
  plays: (unit, store) => (unit === 'tracks' ? plays(store) : undefined),
  affinity: (unit, store) => (unit === 'listeners' ? affinity(store) : undefined),
  charts: (unit, store) => (unit === 'listeners' ? undefined : charts(store, unit === 'tracks' ? 'tracks' : 'artists'))
}

/** In pieces; others have their turn in between. */
export async function* rows(table: StreamTable, tasks: readonly TaskSnapshot[]): AsyncIterable<string> {
  let piece = ''
  let since = Date.now()
  for (const { unit, store } of tasks) {
    for await (const line of tables[table](unit, store) ?? []) {
      piece += `${line}\n`
      if (Date.now() - since >= SLICE_MS) {
        await nextTurn()
        since = Date.now()
      }
      if (piece.length < PIECE) continue
      yield piece
      piece = ''
    }
  }
  if (piece !== '') yield piece
}

async function* counts(store: StoreSnapshot): Lines {
  for await (const [, bytes] of store.range('pipeline-counts', {})) {
    const { accepted, rejected, duplicates, sessions } = JSON.parse(Buffer.from(bytes).toString()) as PipelineCounts
    for (const [name, value] of Object.entries(accepted)) yield JSON.stringify({ kind: 'accepted', name, value })
    for (const [name, value] of Object.entries(rejected)) yield JSON.stringify({ kind: 'rejected', name, value })
    for (const [kind, value] of Object.entries({ duplicates, sessions })) yield JSON.stringify({ kind, name: kind, value })
  }
}

async function* cooccurrence(store: StoreSnapshot): Lines {
  const reader = await MergeReader.open(store, 'cooccurrence', cooccurrenceFold)
  for (const [track_id, vector] of reader.entries()) {
    const [others, together, weights]: [string[], number[], number[]] = [[], [], []]
    vector.each((id, count, weight) => {
      others.push(reader.dictionary.name(id))
      together.push(count)
      weights.push(weight)
    })
    const { sessions, n } = vector
    yield JSON.stringify({ track_id, sessions, n })
    for (let at = 0; at < others.length; at += ENTRIES) {
      const part = <T>(values: T[]) => values.slice(at, at + ENTRIES)
      yield JSON.stringify({ track_id, others: part(others), together: part(together), weights: part(weights) })
    }
  }
}

async function* plays(store: StoreSnapshot): Lines {
  const reader = await MergeReader.open(store, 'track-details', trackFold)
  for (const [track_id, { plays }] of reader.entries()) yield JSON.stringify({ track_id, plays })
}

async function* affinity(store: StoreSnapshot): Lines {
  const reader = await MergeReader.open(store, 'affinity', affinityFold)
  for (const [user_id, { asOf, slots, sums, plays, events }] of reader.entries()) {
    const decayed = 1 / growth(asOf)
    const known = Array.from({ length: slots.size }, (_, slot) => slot).filter(slot => events[slot] !== 0)
    const positive = (slot: number) => Math.max(0, sums[slot]! * decayed)
    const greatest = Math.log1p(known.reduce((most, slot) => Math.max(most, positive(slot)), 0))
    for (let at = 0; at < known.length; at += ENTRIES) {
      const part = known.slice(at, at + ENTRIES)
      yield JSON.stringify({
        user_id,
        as_of: asOf,
        artists: part.map(slot => reader.dictionary.name(slots.ids[slot]!)),
        a: part.map(slot => sums[slot]! * decayed),
        affinity: part.map(slot => (greatest === 0 ? 0 : Math.log1p(positive(slot)) / greatest)),
        plays: part.map(slot => plays[slot]),
        events: part.map(slot => events[slot])
      })
    }
  }
}

const ALL_TIME = WINDOWS.indexOf('all')
const EVERYWHERE = '*'

/** Of all time. Plays of minutes that the windows' end has not reached yet are not in the charts, and are added here. */
async function* charts(store: StoreSnapshot, kind: 'tracks' | 'artists'): Lines {
  const reader = await MergeReader.open(store, `${kind}-charts`, chartFold)
  const { dictionary } = reader
  for (const [key, { table }] of reader.entries()) {
    const [ids, counts]: [string[], number[]] = [[], []]
    table.each(ALL_TIME, (item, count) => {
      ids.push(dictionary.name(item))
      counts.push(count)
    })
    const country = key === EVERYWHERE ? null : key
    for (let at = 0; at < ids.length; at += ENTRIES)
      yield JSON.stringify({ kind, country, ids: ids.slice(at, at + ENTRIES), plays: counts.slice(at, at + ENTRIES) })
  }
  const space = `${kind}-minutes`
  const end = new MinuteLog({ get: (key: string) => store.get(space, key) } as KeyValueStore<Uint8Array>).end
  if (end === undefined) return
  const ahead = await prefetched(store, space, [minutesFrom(end)])
  const log = new MinuteLog({ range: () => ahead.range(space, minutesFrom(end)) } as unknown as KeyValueStore<Uint8Array>)
  const found: string[] = []
  log.each(end, end + OLDEST, (country, item, count) => {
    const line = { kind, ids: [dictionary.name(item)], plays: [count] }
    found.push(JSON.stringify({ ...line, country: null }))
    if (country >= 0) found.push(JSON.stringify({ ...line, country: dictionary.name(country) }))
  })
  yield* found
}
