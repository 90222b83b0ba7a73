/** What became of one event: found in the log alone, by bounded reading, so that it works for any instance and on Kafka as well. */
import type { Journey, Journeys, Position, RawEvent } from '../api/diagnosis.js'
import { inputTopics } from '../schemas/catalogue.js'
import type { Codec } from '../schemas/codec.js'
import type { ListeningEvent } from '../schemas/events.js'
import type { View } from '../state/view/view.js'
import type { Log, LogRecord } from '../streams/log/log.js'
import { partitionOf } from '../streams/log/partitioner.js'
import { decoded, letterOf } from './letters.js'
import { type Budget, backwardsOf, between, lastOfKey } from './search-log.js'
import { pairsOf, sessionAround } from './session-of.js'

/** Input records that are read to find the event, output records to find what became of it. */
const RAW_BUDGET = 300_000
const OUTPUT_BUDGET = 50_000
/** Canonical events that are read before and after the record's time. */
const BEFORE = 10_000
const AFTER = 20_000

export interface JourneyParts {
  readonly log: Pick<Log, 'fetch' | 'beginningOffset' | 'endOffset' | 'offsetForTime' | 'committed'>
  readonly codec: Pick<Codec, 'decode'>
  readonly view: Pick<View, 'position'>
  readonly applicationId: string
  readonly partitions: number
}

interface Canonical {
  readonly event: ListeningEvent
  readonly at: Position
}

export const openJourneys = (parts: JourneyParts): Journeys => ({
  latest: limit => latest(parts, limit),
  async find(eventId, userId) {
    const budget = { left: RAW_BUDGET }
    const raw = await findRaw(parts, eventId, userId, budget)
    const searched = RAW_BUDGET - budget.left
    if (raw === undefined) return { journey: undefined, searched, complete: budget.left > 0 }
    return { journey: await follow(parts, raw, searched), searched, complete: true }
  }
})

async function latest({ log, codec, partitions }: JourneyParts, limit: number): Promise<RawEvent[]> {
  const found: RawEvent[] = []
  for (const topic of inputTopics)
    for (let partition = 0; partition < partitions; partition++) {
      const at = { topic, partition }
      const end = await log.endOffset(at)
      for (const record of await between(log, at, Math.max(await log.beginningOffset(at), end - limit), end)) {
        const event = decoded(codec, topic, record.value) as Pick<RawEvent, 'event_id' | 'user_id' | 'track_name'> | null
        if (event === null) continue
        const { event_id, user_id, track_name } = event
        found.push({ ...placeOf(record), record_time: record.timestamp, event_id, user_id, track_name })
      }
    }
  return found.sort((a, b) => b.record_time - a.record_time || b.offset - a.offset).slice(0, limit)
}

/** By its bytes first: decoding every record would take ten times as long. */
async function findRaw(
  { log, codec, partitions }: JourneyParts,
  eventId: string,
  userId: string | undefined,
  budget: Budget
): Promise<LogRecord | undefined> {
  const bytes = Buffer.from(eventId)
  const only = userId === undefined ? undefined : partitionOf(Buffer.from(userId), partitions)
  const places = inputTopics.flatMap(topic =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })).filter(at => only === undefined || at.partition === only)
  )
  for await (const records of backwardsOf(log, places, budget)) {
    const found = records.findLast(({ topic, value }) => value?.includes(bytes) && idOf(codec, topic, value) === eventId)
    if (found !== undefined) return found
  }
  return undefined
}

const idOf = (codec: Pick<Codec, 'decode'>, topic: string, value: Buffer): string | undefined =>
  (decoded(codec, topic, value) as { event_id?: string } | null)?.event_id

async function follow(parts: JourneyParts, raw: LogRecord, searchedBefore: number): Promise<Journey> {
  const { codec } = parts
  const budget = { left: OUTPUT_BUDGET }
  const event = decoded(codec, raw.topic, raw.value)
  // Before its traces are looked for: what is processed meanwhile is not without a trace.
  const waiting = await isWaiting(parts, raw)
  const near = await canonicalNear(parts, raw)
  const own = near.events.findLast(({ event: { origin, action } }) => action === 'count' && isPlace(origin, raw))
  const letter = own === undefined ? await letterFor(parts, raw, budget) : undefined
  const standing = own ?? (letter === undefined ? twinOf(near.events, event) : undefined)
  const session =
    own?.event.type === 'play'
      ? sessionAround(
          near.events.map(({ event }) => event),
          own.event
        )
      : undefined
  const neighbours = own && (await lastPlace(parts, 'track-neighbours', own.event.track_id, budget))
  const published = session && own && (await lastPlace(parts, 'user-sessions', own.event.user_id, budget))
  return {
    raw: { ...placeOf(raw), record_time: raw.timestamp, event },
    verdict: own ? 'accepted' : letter ? 'rejected' : waiting ? 'waiting' : standing ? 'duplicate' : 'unknown',
    clean: standing ? cleanOf(standing) : null,
    letter: letter ?? null,
    session: session && own ? { ...session, complete: near.isComplete(session.started_at), published: published ?? null } : null,
    pairs: session ? pairsOf(session.plays, session.place) : [],
    neighbours: neighbours ?? null,
    view: await viewOf(parts, [neighbours, published]),
    searched: searchedBefore + near.searched + OUTPUT_BUDGET - budget.left
  }
}

/** The listener's canonical events around the record's time, which is theirs too. */
async function canonicalNear({ log, codec }: JourneyParts, { partition, timestamp, key }: LogRecord) {
  const at = { topic: 'listening-events', partition }
  const [beginning, end, place] = await Promise.all([log.beginningOffset(at), log.endOffset(at), log.offsetForTime(at, timestamp)])
  const [low, high] = [Math.max(beginning, place - BEFORE), Math.min(end, place + AFTER)]
  const events: Canonical[] = []
  for (const record of await between(log, at, low, high)) {
    if (record.value === null || key === null || !record.key?.equals(key)) continue
    events.push({ event: codec.decode('listening-events', record.value), at: placeOf(record) })
  }
  // A play before the session ends the search for its beginning.
  const isComplete = (start: number) =>
    high === end && (low === beginning || events.some(({ event }) => event.type === 'play' && event.occurred_at < start))
  return { events, searched: high - low, isComplete }
}

const placeOf = ({ topic, partition, offset }: Position): Position => ({ topic, partition, offset })
const isPlace = (a: Position, b: Position) => a.topic === b.topic && a.partition === b.partition && a.offset === b.offset

const cleanOf = ({ event: { type, user_id, track_id, occurred_at }, at }: Canonical) => ({ ...at, type, user_id, track_id, occurred_at })

/** The event that counts in the place of a duplicate: of the same track at the same time. */
function twinOf(events: readonly Canonical[], raw: unknown): Canonical | undefined {
  const { track_id, occurred_at } = (raw ?? {}) as { track_id?: string; occurred_at?: number }
  return events.findLast(({ event }) => event.action === 'count' && event.track_id === track_id && event.occurred_at === occurred_at)
}

async function letterFor({ log, codec, partitions }: JourneyParts, { topic, partition, offset }: LogRecord, budget: Budget) {
  const key = Buffer.from(`${topic}-${partition}-${offset}`)
  const record = await lastOfKey(log, { topic: 'dead-letters', partition: partitionOf(key, partitions) }, key, budget)
  return record && letterOf(record, codec.decode('dead-letters', record.value!))
}

async function isWaiting({ log, applicationId }: JourneyParts, { topic, partition, offset }: LogRecord): Promise<boolean> {
  const [committed = 0] = await log.committed(applicationId, [{ topic, partition }])
  return committed <= offset
}

async function lastPlace(
  { log, partitions }: JourneyParts,
  topic: 'track-neighbours' | 'user-sessions',
  name: string,
  budget: Budget
): Promise<Position | undefined> {
  const key = Buffer.from(name)
  const record = await lastOfKey(log, { topic, partition: partitionOf(key, partitions) }, key, budget)
  return record && placeOf(record)
}

async function viewOf({ view }: JourneyParts, places: readonly (Position | undefined)[]): Promise<Position[]> {
  const known = places.filter(place => place !== undefined)
  const positions = await Promise.all(known.map(({ topic, partition }) => view.position(topic as 'user-sessions', partition)))
  return known.map((place, i) => ({ ...placeOf(place), offset: positions[i] ?? 0 }))
}
