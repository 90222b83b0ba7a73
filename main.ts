/** Starts the parts of Segue that run in this process: all of them, unless told. */
import './tools/collector.js'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Operations } from './api/operations.js'
import { defaultOptions } from './api/options.js'
import { notReady } from './api/readiness.js'
import { createLogger } from './api/server.js'
import { type Config, readConfig } from './config.js'
import { type Mirror, startMirror } from './connect/mirror.js'
import { type EventProducer, logProducer } from './connect/producer.js'
import { type DemoOptions, startDemo } from './connect/simulator/demo.js'
import type { View } from './state/view/view.js'
import type { TaskId } from './streams/log/log.js'
import { tendHeap } from './tools/collector.js'
import { type Base, createProcessing, openBase, type Processing, type ProcessingHooks } from './tools/embedded.js'
import { lakeGroup, startLakeSink } from './tools/lake.js'
import { accountMetrics, lakeMetrics, viewMetrics } from './tools/observe/edges.js'
import { Metrics } from './tools/observe/metrics.js'
import { type OpsSources, startOpsServer } from './tools/observe/ops-server.js'
import { changeMetrics, commitMetrics, taskMetrics } from './tools/observe/processing.js'
import type { Tracing } from './tools/observe/tracing.js'
import { ApplicationOperations } from './tools/operations.js'
import { InstanceReconciliation } from './tools/reconcile/instance.js'
import { scrubber } from './tools/scrub.js'
import { reasonOf, sentenceOf } from './tools/sentence.js'
import { startApi } from './tools/serving.js'
import { openSpotify, pollSpotify, type Spotify } from './tools/spotify.js'
import { withStack } from './tools/stack/addresses.js'
import { followsTasks, openView, ownsListener } from './tools/view.js'

export interface Segue {
  /** Of the API; undefined: it is not a part of this process. */
  readonly url: string | undefined
  /** Of the listener for metrics and health, where there is one. */
  readonly opsUrl: string | undefined
  readonly operations: Operations
  /** Resolves when everything is committed and closed. */
  close(): Promise<void>
  /** Resolves when it has ended by itself, with the reason. */
  readonly failed: Promise<unknown>
}

/** Starts everything. @throws ListenError, StoreLockedError, LogError: each in a sentence, and nothing stays open. */
export async function startSegue(config: Config, hooks: Partial<ProcessingHooks> = {}): Promise<Segue> {
  const open: (() => Promise<void> | void)[] = [tendHeap()]
  const close = async () => {
    for (let end = open.pop(); end !== undefined; end = open.pop()) await end()
  }
  try {
    return { ...(await startParts(config, hooks, open)), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Puts into `open` how each part is closed: the last one first. */
async function startParts(
  config: Config,
  hooks: Partial<ProcessingHooks>,
  open: (() => Promise<void> | void)[]
): Promise<Omit<Segue, 'close'>> {
  const { run } = config.parts
  const logger = createLogger(config.logLevel, undefined, scrubber(process.env))
  const warn = (sentence: string) => logger.warn(sentence)
  const metrics = new Metrics()
  const tracing = config.parts.traces && (await import('./tools/observe/tracing.js')).startTracing(config.parts.traces, warn)
  if (tracing) open.push(() => tracing.close())
  // What has no state leaves the data directory to others.
  const base = await openBase(config, { purpose: 'segue start', stateless: !run.has('processors'), onWait: warn })
  open.push(() => base.close())
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<unknown>(resolve => {
    fail = resolve
  })
  const notices = (sentence: string, task?: TaskId) =>
    logger.warn(task === undefined ? {} : { task: `${task.unit}-${task.partition}` }, sentence)
  const observing = { onCommit: commitMetrics(metrics), onTasks: changeMetrics(metrics), tracer: tracing?.tracer }
  const processing = createProcessing(config, base, { onNotice: notices, onFailure: fail, ...observing, ...hooks })
  const application = run.has('processors') ? processing.application : NO_TASKS
  const view = await viewing(config, { base, processing, application, metrics, tracing, warn }, open)
  const lake = run.has('lake') && config.lake ? await startLakeSink(config, config.lake, base, warn) : undefined
  if (lake !== undefined) open.push(() => lake.close())
  if (lake !== undefined) lakeMetrics(metrics, lake, base.log)
  const { topology, cache } = processing
  const operations = new ApplicationOperations({
    ...base,
    topology,
    application,
    runsTasks: run.has('processors'),
    applicationId: config.applicationId,
    viewLag: () => view?.mirror.lag() ?? Promise.resolve([]),
    flushLake: lake && (() => lake.flush())
  })
  const reconciliation = new InstanceReconciliation({
    ...{ ...base, topology, application: processing.application, applicationId: config.applicationId, dataDir: config.dataDir },
    lake: config.lake && { flush: async () => lake?.flush(), group: lakeGroup(config) }
  })
  if (run.has('processors')) {
    taskMetrics(metrics, { ...base, topology, application, cache, applicationId: config.applicationId })
    open.push(() => processing.application.close())
    open.push(() => reconciliation.drop())
    await processing.application.start()
  }
  const producer = logProducer(base.log, base.codec, tracing?.produced)
  const spotify = config.spotify && (run.has('api') || run.has('poller')) ? openSpotify(config.spotify, config.dataDir) : undefined
  if (spotify) accountMetrics(metrics, spotify.accounts)
  const owns = ownsListener(config, topology, application)
  const tasks = run.has('processors') ? processing.application : undefined
  const serving = { base, owns, operations, reconciliation, producer, spotify, logger, metrics, application: tasks }
  const api = view && run.has('api') ? await startApi(config, { ...serving, view: view.view }) : undefined
  if (api) open.push(() => api.close())
  const ops = config.parts.ops && (await startOpsServer(opsSources(operations, metrics), config.parts.ops))
  if (ops) open.push(() => ops.close())
  const say = (sentence: string) => logger.info(sentence)
  if (run.has('simulator') && config.simulator) open.push(until(signal => simulate(config, producer, operations, { signal, say })))
  if (run.has('poller')) startPoller(config, { spotify, producer, warn, fail, open })
  return { url: api?.url, opsUrl: ops?.url, operations, failed }
}

/** What stands for the application where the tasks run in other processes. */
const NO_TASKS = { tasks: [], standbys: [], state: 'running' as const }

interface ViewingParts {
  readonly base: Base
  readonly processing: Processing
  readonly application: Pick<Processing['application'], 'tasks'>
  readonly metrics: Metrics
  readonly tracing: Tracing | undefined
  readonly warn: (sentence: string) => void
}

/** The view and what fills it. Undefined: no part of this process needs it. */
async function viewing(
  config: Config,
  { base, processing, application, metrics, tracing, warn }: ViewingParts,
  open: (() => Promise<void> | void)[]
): Promise<{ view: View; mirror: Mirror } | undefined> {
  const { run } = config.parts
  if (!run.has('processors') && !run.has('api')) return undefined
  const view = await openView(config, base.codec, warn)
  open.push(() => view.close())
  const mirror = startMirror({
    ...base,
    view,
    onNotice: warn,
    onMirrored: tracing?.mirrored,
    // Instances share the view, so they share the work of filling it, as they share the tasks.
    ...(config.mode === 'kafka' && { follows: followsTasks(processing.topology, application) })
  })
  open.push(() => mirror.close())
  viewMetrics(metrics, mirror)
  return { view, mirror }
}

const opsSources = (operations: ApplicationOperations, metrics: Metrics): OpsSources => ({
  notLive: () => operations.notLive(),
  notReady: () => notReady({ operations, options: defaultOptions }),
  metrics
})

interface PollerParts {
  readonly spotify: Spotify | undefined
  readonly producer: EventProducer
  readonly warn: (sentence: string) => void
  readonly fail: (error: unknown) => void
  readonly open: (() => Promise<void> | void)[]
}

/** Beside other parts, a poller in a process of its own goes first; alone, it is what this process is for. @throws Error no app is set up */
function startPoller({ parts: { run } }: Config, { spotify, producer, warn, fail, open }: PollerParts): void {
  if (spotify === undefined && run.size === 1) throw new Error('There is nothing to poll: SPOTIFY_CLIENT_ID is not set.')
  if (spotify === undefined) return
  const refused = (error: Error) => (run.size === 1 ? fail(error) : warn(`Spotify accounts are not polled here: ${error.message}`))
  open.push(until(signal => pollSpotify(spotify, { producer, signal, say: warn, purpose: 'segue start' }).catch(refused)))
}

/** Runs work that ends at a signal; returns how to end it. */
function until(work: (stop: AbortSignal) => Promise<void>): () => Promise<void> {
  const stop = new AbortController()
  const running = work(stop.signal)
  return () => {
    stop.abort()
    return running
  }
}

const simulate = (
  config: Config,
  producer: EventProducer,
  operations: ApplicationOperations,
  options: Pick<DemoOptions, 'signal' | 'say'>
): Promise<void> =>
  startDemo(producer, {
    trackerFile: join(config.dataDir, 'simulator.json'),
    ...options,
    rate: config.simulatorRate,
    seed: String(config.simulatorSeed),
    waiting: async () => (await operations.lag()).tasks.reduce((sum, { records }) => sum + records, 0),
    onHistory: (done, days) => {
      const what = `The simulator fills in the past: day ${Math.floor(done) + 1} of ${days}.`
      operations.going = done < days ? { what, share: done / days } : null
    }
  })

/** Longer than this a stop may not take, milliseconds. */
const STOP_MS = 10_000

/** Runs until a signal: the first one drains and commits, a second one ends at once. Resolves to the exit code. */
export async function run(config: Config): Promise<number> {
  // Before anything is started: a signal that comes meanwhile stops it in good order.
  const stopped = signalled()
  void stopped.then(endInTime)
  const segue = await startSegue(config)
  process.stdout.write(`${greeting(config, segue)} Ctrl-C stops it.\n`)
  const failure = await Promise.race([segue.failed.then(error => ({ error })), stopped])
  if (failure !== undefined) process.stderr.write(scrubber(process.env)(`Segue stops: ${reasonOf(failure.error)}\n`))
  endInTime()
  await segue.close()
  return failure === undefined ? 0 : 1
}

function greeting({ dataDir, parts: { run } }: Config, { url, opsUrl }: Segue): string {
  const observed = opsUrl === undefined ? '' : ` Metrics and health are at ${opsUrl}.`
  if (url !== undefined) return `Segue is listening on ${url} (page at /, API at /docs, data in ${dataDir}).${observed}`
  return `Segue runs its ${[...run].join(', ')} (data in ${dataDir}).${observed}`
}

function endInTime(): void {
  setTimeout(() => {
    process.stderr.write('Segue could not stop in time and ends now: what was not committed is processed again at the next start.\n')
    process.exit(1)
  }, STOP_MS).unref()
}

const signals = { SIGINT: 2, SIGTERM: 15 }

/** Resolves at the first signal; the second one ends the process. */
function signalled(): Promise<undefined> {
  let first = true
  return new Promise(resolve => {
    for (const [signal, number] of Object.entries(signals))
      process.on(signal, () => {
        if (!first) process.exit(128 + number)
        first = false
        resolve(undefined)
      })
  })
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    process.exitCode = await run(readConfig(withStack(process.env)))
  } catch (error) {
    process.stderr.write(scrubber(process.env)(`${sentenceOf(error)}\n`))
    process.exitCode = 1
  }
}
