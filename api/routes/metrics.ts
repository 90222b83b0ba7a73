import { Type } from '@sinclair/typebox'
import type { Api } from '../context.js'
import type { MetricsSource } from '../options.js'
import { requireLoopback } from '../plugins/loopback.js'
import { problems } from '../schemas/common.js'

export function metricsRoute(app: Api, metrics: MetricsSource): void {
  app.get(
    '/metrics',
    {
      exposeHeadRoute: false,
      onRequest: requireLoopback,
      schema: {
        operationId: 'getMetrics',
        summary: 'For Prometheus',
        description: 'In its text format. Without sign-in only for callers on this machine.',
        tags: ['operations'],
        response: { 200: { description: 'Metrics.', content: { 'text/plain': { schema: Type.String() } } }, ...problems(403) }
      }
    },
    async (_request, reply) => {
      const text = await metrics.scrape()
      return reply.header('content-type', metrics.contentType).send(text)
    }
  )
}
