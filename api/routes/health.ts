import { isoTime } from '../answers/text.js'
import type { Api, ApiContext } from '../context.js'
import type { LiveFeed } from '../live/feed.js'
import { ProblemError } from '../problem.js'
import { lagOrNull, notReady, total } from '../readiness.js'
import { problems } from '../schemas/common.js'
import { HealthSchema, LiveSchema, ReadySchema } from '../schemas/operations.js'

export function healthRoutes(app: Api, context: ApiContext, feed: LiveFeed): void {
  const { operations, cache, now } = context

  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'isLive',
        summary: 'Whether the application starts, rebalances or runs; else it should be restarted',
        tags: ['operations'],
        response: { 200: LiveSchema, ...problems(503) }
      }
    },
    () => {
      const reason = operations.notLive()
      if (reason !== null) throw new ProblemError(503, reason)
      return { status: 'live' as const }
    }
  )

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'isReady',
        summary: 'Whether the tasks run and the view is caught up',
        tags: ['operations'],
        response: { 200: ReadySchema, ...problems(503) }
      }
    },
    async () => {
      const reason = await notReady(context)
      if (reason !== null) throw new ProblemError(503, reason)
      return { status: 'ready' as const }
    }
  )

  app.get(
    '/health',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'How the application is doing, in detail',
        tags: ['operations'],
        response: { 200: HealthSchema }
      }
    },
    async () => {
      const [reason, tasks, lag] = await Promise.all([notReady(context), operations.taskStates(), lagOrNull(context)])
      const { hits, misses, ...stats } = cache.stats()
      return {
        status: reason === null ? ('healthy' as const) : ('degraded' as const),
        reason,
        time: isoTime(now()),
        uptime_s: Math.round(process.uptime() * 10) / 10,
        tasks: [...tasks],
        lag: lag && { tasks: total(lag.tasks), view: total(lag.view) },
        cache: { ...stats, hits, misses, hit_rate: hits + misses > 0 ? hits / (hits + misses) : 0 },
        live_clients: feed.clients,
        memory_bytes: process.memoryUsage.rss()
      }
    }
  )
}
