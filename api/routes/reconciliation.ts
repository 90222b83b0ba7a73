import { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import type { Api } from '../context.js'
import { requireLoopback } from '../plugins/loopback.js'
import { ProblemError } from '../problem.js'
import { BadDifferenceError, type Reconciliation, ReconciliationRefused } from '../reconciliation.js'
import { problems } from '../schemas/common.js'
import {
  CutStateSchema,
  HoldSchema,
  LakeOffsetsSchema,
  MOST_PAUSE_MS,
  RepairsSchema,
  ResumedSchema,
  RowsParams,
  VerdictsQuery,
  VerdictsSchema
} from '../schemas/reconciliation.js'

/** What is kept is read as fast as the caller reads it. */
const ROWS_MS = 3_600_000
const LAKE_MS = 600_000
const REPAIRS_MS = 180_000
/** A thousand differences with three ids of 128 bytes each. */
const REPAIRS_BYTES = 2 * 1024 * 1024
const VERDICTS = 10
const NEAR = 'Without sign-in only for callers on this machine.'

/** The steps of `segue reconcile`, and the verdicts of the last ones. */
export function reconciliationRoutes(app: Api, reconciliation: Reconciliation): void {
  app.get(
    '/operations/reconciliations',
    {
      schema: {
        operationId: 'listReconciliations',
        summary: 'The verdicts of the last reconciliations',
        tags: ['operations'],
        querystring: VerdictsQuery,
        response: { 200: VerdictsSchema, ...problems(400) }
      }
    },
    async ({ query }) => ({ reconciliations: [...(await reconciliation.verdicts(query.limit ?? VERDICTS))] })
  )
  app.register(async (scope: Api) => {
    scope.addHook('onRequest', requireLoopback)
    cutRoutes(scope, reconciliation)
    afterwards(scope, reconciliation)
  })
}

const operation = (operationId: string, summary: string, rest = '') => ({
  operationId,
  summary,
  description: `${rest} ${NEAR}`.trim(),
  tags: ['operations']
})

function cutRoutes(app: Api, reconciliation: Reconciliation): void {
  app.post(
    '/operations/cut',
    {
      handlerTimeout: 2 * MOST_PAUSE_MS,
      schema: {
        ...operation(
          'holdCut',
          'Let the tasks of this instance rest',
          'They take no more input until the cut is resumed, or by themselves.'
        ),
        body: HoldSchema,
        response: { 200: CutStateSchema, ...problems(400, 403, 409) }
      }
    },
    async ({ body }) => copyOf(await refusable(reconciliation.hold(body.max_pause_ms)))
  )
  app.post(
    '/operations/cut/snapshot',
    {
      handlerTimeout: 2 * MOST_PAUSE_MS,
      schema: {
        ...operation('snapshotCut', 'Keep the stores as they are at the cut', 'First waits until what the held tasks sent is computed.'),
        response: { 200: CutStateSchema, ...problems(403, 409) }
      }
    },
    async () => copyOf(await refusable(reconciliation.snapshot()))
  )
  app.post(
    '/operations/cut/resume',
    { schema: { ...operation('resumeCut', 'Let the stream go on'), response: { 200: ResumedSchema, ...problems(403) } } },
    () => reconciliation.resume()
  )
  app.delete(
    '/operations/cut',
    {
      schema: {
        ...operation('dropCut', 'Let go of what was kept'),
        response: { 204: Type.Null({ description: 'Done.' }), ...problems(403) }
      }
    },
    async (_request, reply) => {
      await reconciliation.drop()
      return reply.code(204).send(null)
    }
  )
  app.get(
    '/operations/cut/rows/:table',
    {
      exposeHeadRoute: false,
      handlerTimeout: ROWS_MS,
      schema: {
        ...operation('rowsOfCut', 'What the kept stores hold, as JSON lines', 'Everything of everybody.'),
        params: RowsParams,
        response: {
          200: { description: 'A stream.', content: { 'application/x-ndjson': { schema: Type.Unknown() } } },
          ...problems(400, 403, 409)
        }
      }
    },
    async ({ params }, reply) => {
      const rows = await refusable((async () => reconciliation.rows(params.table))())
      reply.header('content-type', 'application/x-ndjson; charset=utf-8')
      return reply.send(Readable.from(rows, { objectMode: false }))
    }
  )
}

function afterwards(app: Api, reconciliation: Reconciliation): void {
  app.post(
    '/operations/cut/lake',
    {
      handlerTimeout: LAKE_MS,
      schema: {
        ...operation(
          'lakeOfCut',
          'Write what is in the input topics into the lake, and say up to which offsets it is there',
          'Null: no lake.'
        ),
        response: { 200: LakeOffsetsSchema, ...problems(403, 503) }
      }
    },
    async () => {
      const offsets = await reconciliation.flushLake().catch((error: Error) => {
        throw new ProblemError(503, `The lake could not be written: ${error.message}`)
      })
      return { offsets: offsets && [...offsets] }
    }
  )
  app.post(
    '/operations/cut/repairs',
    {
      handlerTimeout: REPAIRS_MS,
      bodyLimit: REPAIRS_BYTES,
      schema: {
        ...operation(
          'repairCut',
          'Add differences of batch and stream to the stores',
          'All of them or none; answers when they are applied.'
        ),
        body: RepairsSchema,
        response: { 204: Type.Null({ description: 'Done.' }), ...problems(400, 403, 409, 413) }
      }
    },
    async ({ body }, reply) => {
      await refusable(reconciliation.repair(body.differences))
      return reply.code(204).send(null)
    }
  )
}

const copyOf = ({ tasks, offsets }: Awaited<ReturnType<Reconciliation['hold']>>) => ({ tasks: [...tasks], offsets: [...offsets] })

async function refusable<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (error instanceof ReconciliationRefused) throw new ProblemError(409, error.message)
    if (error instanceof BadDifferenceError) throw new ProblemError(400, error.message)
    throw error
  }
}
