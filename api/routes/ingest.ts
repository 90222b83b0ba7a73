import { Type } from '@sinclair/typebox'
import type { Api } from '../context.js'
import { readEvents } from '../ingest.js'
import type { ApiOptions } from '../options.js'
import { requireLoopback } from '../plugins/loopback.js'
import type { Producer } from '../producer.js'
import { problems } from '../schemas/common.js'
import { IngestSchema } from '../schemas/operations.js'

const NDJSON = ['application/x-ndjson', 'application/ndjson', 'application/jsonl']

/**
 * POST /ingest. The content types are none that a web page may send elsewhere without asking, so that a page in a browser on
 * this machine can't write events.
 */
export function ingestRoute(app: Api, producer: Producer, { ingestBytes }: ApiOptions): void {
  app.register(async (scope: Api) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(NDJSON, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.post(
      '/ingest',
      {
        bodyLimit: ingestBytes,
        onRequest: requireLoopback,
        config: { access: 'ingest' },
        schema: {
          operationId: 'ingest',
          summary: 'Write events to the input topics',
          description: `One JSON object {"topic", "event"} per line, at most ${ingestBytes} bytes; all lines are written or none. Without sign-in only for callers on this machine.`,
          tags: ['events'],
          consumes: NDJSON,
          body: Type.Unknown({ description: '{"topic": "spotify-plays", "event": {"event_id": …, "user_id": …, …}}' }),
          response: { 200: IngestSchema, ...problems(400, 403, 413, 415) }
        }
      },
      async ({ body, headers: { traceparent } }) => {
        const events = await readEvents(body instanceof Uint8Array ? body : new Uint8Array())
        await producer.produce(events, typeof traceparent === 'string' ? traceparent : undefined)
        return { accepted: events.length }
      }
    )
  })
}
