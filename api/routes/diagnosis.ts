import { Names } from '../answers/names.js'
import { isoTime } from '../answers/text.js'
import type { Api, ApiContext } from '../context.js'
import type { Chaos, DeadLetters, Diagnosis, Journey, Journeys, Letter } from '../diagnosis.js'
import { requireLoopback } from '../plugins/loopback.js'
import { ProblemError } from '../problem.js'
import { DEFAULT_LIMIT, problems } from '../schemas/common.js'
import {
  AuditSchema,
  CrashBody,
  CrashSchema,
  EventsQuery,
  EventsSchema,
  JourneyParams,
  JourneyQuery,
  JourneySchema,
  LetterParams,
  LetterSchema,
  LettersQuery,
  LettersSchema,
  RetryBody,
  RetrySchema
} from '../schemas/diagnosis.js'

const SHOWN_BYTES = 4_096
const CRASH_MS = 120_000
const LOCAL = ' Without sign-in only for callers on this machine.'

/** What operators look at and mend. */
export function diagnosisRoutes(app: Api, context: ApiContext, { letters, journeys, audit, chaos }: Diagnosis): void {
  letterRoutes(app, letters)
  journeyRoute(app, context, journeys)
  eventsRoute(app, journeys)
  crashRoute(app, chaos)
  app.get(
    '/operations/audit',
    {
      onRequest: requireLoopback,
      schema: {
        operationId: 'audit',
        summary: 'Whether every record that came in was counted exactly once',
        description: `Waits up to a second for a quiet moment.${LOCAL}`,
        tags: ['operations'],
        response: { 200: AuditSchema, ...problems(403) }
      }
    },
    async () => ({ ...(await audit()), chaos: chaos !== undefined })
  )
}

function letterRoutes(app: Api, letters: DeadLetters): void {
  app.get(
    '/operations/dead-letters',
    {
      onRequest: requireLoopback,
      schema: {
        operationId: 'listDeadLetters',
        summary: 'Records that were rejected, the latest first',
        description: `Reads a bounded part of the topic, from its end.${LOCAL}`,
        tags: ['operations'],
        querystring: LettersQuery,
        response: { 200: LettersSchema, ...problems(400, 403) }
      }
    },
    async ({ query: { limit = DEFAULT_LIMIT, code } }) => {
      const found = await letters.list(limit, code)
      return { ...found, letters: found.letters.map(shownLetter) }
    }
  )

  app.get(
    '/operations/dead-letters/:letter_id',
    {
      onRequest: requireLoopback,
      schema: {
        operationId: 'getDeadLetter',
        summary: 'A rejected record: its fields where they can be decoded, and its bytes',
        description: LOCAL.trim(),
        tags: ['operations'],
        params: LetterParams,
        response: { 200: LetterSchema, ...problems(400, 403, 404) }
      }
    },
    async ({ params: { letter_id } }) => {
      const letter = await letters.find(letter_id)
      if (letter === undefined) throw new ProblemError(404, `There is no dead letter "${letter_id}" among the latest ones.`)
      const { key, event, bytes } = letter
      const shown = bytes === null ? null : Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex')
      return { ...shownLetter(letter), key, event: fieldsOf(event), bytes: shown, size: bytes?.length ?? 0 }
    }
  )

  app.post(
    '/operations/dead-letters/retry',
    {
      onRequest: requireLoopback,
      schema: {
        operationId: 'retryDeadLetters',
        summary: 'Send rejected records again to where they came from',
        description: `They are judged anew; what was accepted meanwhile is a duplicate.${LOCAL}`,
        tags: ['operations'],
        body: RetryBody,
        response: { 200: RetrySchema, ...problems(400, 403) }
      }
    },
    async ({ body: { ids } }) => ({ sent: [...(await letters.retry(ids))] })
  )
}

const shownLetter = ({ id, code, reason, topic, record_time, processor, at }: Letter) => ({
  ...{ id, code, reason, topic, processor },
  record_time: isoTime(record_time),
  at: { ...at }
})

function journeyRoute(app: Api, { view }: ApiContext, journeys: Journeys): void {
  app.get(
    '/operations/journeys/:event_id',
    {
      onRequest: requireLoopback,
      schema: {
        operationId: 'getJourney',
        summary: 'What became of one event, with offsets',
        description: `Searches the last records of the input topics, from their ends; a bounded number of them.${LOCAL}`,
        tags: ['operations'],
        params: JourneyParams,
        querystring: JourneyQuery,
        response: { 200: JourneySchema, ...problems(400, 403, 404) }
      }
    },
    async ({ params: { event_id }, query: { user_id } }) => {
      const { journey, searched, complete } = await journeys.find(event_id, user_id)
      if (journey !== undefined) return shownJourney(journey, { view })
      const among = complete ? `any of the ${searched} records of the input topics` : `the last ${searched} records of the input topics`
      const hint = complete || user_id !== undefined ? '' : ' With user_id the search reaches further back.'
      throw new ProblemError(404, `No event with the id "${event_id}" is in ${among}.${hint}`)
    }
  )
}

function eventsRoute(app: Api, journeys: Journeys): void {
  app.get(
    '/operations/events',
    {
      onRequest: requireLoopback,
      schema: {
        operationId: 'listEvents',
        summary: 'The latest events as they came in, with their ids',
        description: LOCAL.trim(),
        tags: ['operations'],
        querystring: EventsQuery,
        response: { 200: EventsSchema, ...problems(400, 403) }
      }
    },
    async ({ query: { limit = DEFAULT_LIMIT } }) => {
      const events = await journeys.latest(limit)
      return { events: events.map(event => ({ ...event, record_time: isoTime(event.record_time) })) }
    }
  )
}

async function shownJourney(journey: Journey, { view }: Pick<ApiContext, 'view'>) {
  const { raw, clean, letter, session, pairs } = journey
  const list = clean === null ? undefined : await view.get('track-neighbours', clean.track_id)
  const known = new Map(list?.neighbours.map(neighbour => [neighbour.track_id, neighbour]))
  const names = new Names(view)
  const tracks = [clean?.track_id, ...(session?.plays ?? []).map(play => play.track_id)].filter(track => track !== undefined)
  await names.load(tracks)
  return {
    ...journey,
    view: [...journey.view],
    raw: { ...raw, record_time: isoTime(raw.record_time), event: fieldsOf(raw.event) },
    clean: clean && { ...clean, ...names.track(clean.track_id), occurred_at: isoTime(clean.occurred_at) },
    letter: letter && shownLetter(letter),
    session: session && {
      ...session,
      started_at: isoTime(session.started_at),
      last_play_at: isoTime(session.last_play_at),
      plays: session.plays.map(({ track_id, occurred_at }) => ({ ...names.track(track_id), occurred_at: isoTime(occurred_at) }))
    },
    pairs: pairs.map(({ track_id, before, after }) => ({
      ...names.track(track_id),
      ...{ before, after },
      sessions_together: known.get(track_id)?.together ?? null,
      weight: known.get(track_id)?.weight ?? null
    }))
  }
}

/** What Avro decoded, as JSON has it. */
function fieldsOf(event: unknown): Record<string, unknown> | null {
  if (typeof event !== 'object' || event === null) return null
  return JSON.parse(JSON.stringify(event)) as Record<string, unknown>
}

function crashRoute(app: Api, chaos: Chaos | undefined): void {
  app.post(
    '/operations/chaos',
    {
      handlerTimeout: CRASH_MS,
      onRequest: requireLoopback,
      schema: {
        operationId: 'crashTask',
        summary: 'Let a task crash, in development',
        description: `What it has not committed is gone, and its state if asked for; it restores it and goes on.${LOCAL}`,
        tags: ['operations'],
        body: CrashBody,
        response: { 200: CrashSchema, ...problems(400, 403, 404) }
      }
    },
    async ({ body: { unit, partition, state_lost = true } }) => {
      if (chaos === undefined)
        throw new ProblemError(403, 'Tasks are killed in development only: SEGUE_CHAOS=on allows it, never with NODE_ENV=production.')
      const back_after_ms = await chaos.crash(unit, partition, state_lost)
      if (back_after_ms === undefined) throw new ProblemError(404, `This instance does not run the task ${unit}-${partition}.`)
      return { back_after_ms }
    }
  )
}
