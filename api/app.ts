import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import cookie from '@fastify/cookie'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { LogController } from 'fastify'
import { projectRoot } from '../schemas/root.js'
import { accessControl } from './auth/access.js'
import { limits, unlimited } from './auth/limits.js'
import { type Api, type ApiContext, createContext } from './context.js'
import { LiveFeed } from './live/feed.js'
import type { ApiDependencies } from './options.js'
import { answerClientError, problemErrors, sendError } from './plugins/errors.js'
import { observed } from './plugins/observed.js'
import { openApi } from './plugins/openapi.js'
import { page } from './plugins/page.js'
import { dataHeaders } from './plugins/security.js'
import { validators } from './plugins/validators.js'
import { aliases, VERSION } from './plugins/versions.js'
import { analyticsRoute } from './routes/analytics.js'
import { chartRoutes, statisticsRoute } from './routes/charts.js'
import { comparisonRoutes } from './routes/comparison.js'
import { diagnosisRoutes } from './routes/diagnosis.js'
import { healthRoutes } from './routes/health.js'
import { ingestRoute } from './routes/ingest.js'
import { leaderboardRoutes } from './routes/leaderboards.js'
import { liveRoute } from './routes/live.js'
import { meRoutes } from './routes/me.js'
import { metricsRoute } from './routes/metrics.js'
import { operationRoutes } from './routes/operations.js'
import { overviewRoute } from './routes/overview.js'
import { personalDataRoutes } from './routes/personal-data.js'
import { feedbackRoute, qualityRoute } from './routes/quality.js'
import { recommendationStreamRoutes } from './routes/recommendation-stream.js'
import { recommendationRoutes } from './routes/recommendations.js'
import { reconciliationRoutes } from './routes/reconciliation.js'
import { sharingRoutes } from './routes/sharing.js'
import { spotifyRoutes } from './routes/spotify.js'
import { trackRoutes } from './routes/tracks.js'
import { userRoutes } from './routes/users.js'

/** An id of 128 characters, each of up to four bytes in three characters. */
const PARAM_LENGTH = 128 * 12
/** Of a body; /ingest takes larger ones. */
const BODY_BYTES = 64 * 1024

/** Not one of another process, or of this one's life before. */
function requestIds(): () => string {
  const process = randomBytes(4).toString('hex')
  let requests = 0
  return () => `${process}-${++requests}`
}

/** The HTTP API over a view; not listening yet. */
export async function buildApp(dependencies: ApiDependencies): Promise<Api> {
  const context = createContext(dependencies)
  const { options } = context
  const versions = aliases()
  const feed = new LiveFeed(options)
  const app: Api = fastify({
    ...(dependencies.logger && { loggerInstance: dependencies.logger }),
    // A line per request would cost more than a cached answer: failures are logged where they are handled.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(),
    bodyLimit: BODY_BYTES,
    requestTimeout: options.requestTimeoutMs,
    handlerTimeout: dependencies.auth ? options.handlerTimeoutMs : 0,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    // Node looks for late ones every 30 seconds unless told.
    http: { headersTimeout: options.headersTimeoutMs, connectionsCheckingInterval: Math.ceil(options.headersTimeoutMs / 4) },
    return503OnClosing: false,
    routerOptions: { maxParamLength: PARAM_LENGTH },
    frameworkErrors: sendError,
    clientErrorHandler: answerClientError,
    rewriteUrl: ({ url = '/' }) => versions.rewrite(url),
    ...(options.trustProxy.length > 0 && { trustProxy: [...options.trustProxy] })
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(validators())
  app.server.maxConnections = options.connections
  // The compiler checks the shapes of answers; compiling serialisers too would only make the start slower.
  app.setSerializerCompiler(() => JSON.stringify)
  app.addHook('preClose', done => {
    setTimeout(() => app.server.closeAllConnections(), options.closeGraceMs).unref()
    done()
  })
  app.addHook('onClose', async () => context.close())

  if (dependencies.onResponse) observed(app, dependencies.onResponse)
  const { afterLimits } = problemErrors(app)
  await openApi(app)
  await app.register(cookie)
  app.decorateRequest('principal', null)
  const { auth } = dependencies
  const { afterAccess } = await limits(app, auth?.limits ?? unlimited)
  afterLimits()
  await app.register(async (scope: Api) => {
    dataHeaders(scope)
    healthRoutes(scope, context, feed)
    await scope.register(
      async (versioned: Api) => {
        versions.watch(versioned)
        accessControl(versioned, auth?.credentials)
        afterAccess(versioned)
        routes(versioned, context, dependencies, feed)
      },
      { prefix: VERSION }
    )
  })
  await page(app, join(projectRoot, 'dashboard'))
  return app
}

function routes(
  app: Api,
  context: ApiContext,
  { auth, spotify, findGaps, personalData, metrics, warehouse, diagnosis, reconciliation }: ApiDependencies,
  feed: LiveFeed
): void {
  const { options, producer } = context
  recommendationStreamRoutes(app, context)
  recommendationRoutes(app, context)
  trackRoutes(app, context)
  userRoutes(app, context)
  comparisonRoutes(app, context)
  analyticsRoute(app, context, findGaps ?? (() => undefined))
  chartRoutes(app, context)
  leaderboardRoutes(app, context)
  statisticsRoute(app, context)
  overviewRoute(app, context, warehouse)
  operationRoutes(app, context)
  liveRoute(app, context, feed)
  if (metrics) metricsRoute(app, metrics)
  if (diagnosis) diagnosisRoutes(app, context, diagnosis)
  qualityRoute(app, context)
  if (context.facts) feedbackRoute(app, context, context.facts)
  if (producer) ingestRoute(app, producer, options)
  if (reconciliation) reconciliationRoutes(app, reconciliation)
  if (personalData) personalDataRoutes(app, personalData)
  if (personalData) sharingRoutes(app, context, personalData)
  if (auth) meRoutes(app, auth.credentials.sessions)
  if (spotify) spotifyRoutes(app, { consent: spotify, sessions: auth?.credentials.sessions, secure: auth?.secure ?? false })
}
