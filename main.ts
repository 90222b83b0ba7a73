/** The whole application in one process. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import type { Operations } from './api/operations.js'
import { defaultOptions } from './api/options.js'
import type { ProducedEvent } from './api/producer.js'
import { createLogger, startServer } from './api/server.js'
import { type Config, readConfig } from './config.js'
import { startMirror } from './connect/mirror.js'
import { type EventProducer, logProducer, type NewEvent } from './connect/producer.js'
import { type DemoOptions, startDemo } from './connect/simulator/demo.js'
import { openAuth } from './tools/auth.js'
import { createProcessing, openBase, type ProcessingHooks } from './tools/embedded.js'
import { announce } from './tools/instance.js'
import { startLakeSink } from './tools/lake.js'
import { ApplicationOperations } from './tools/operations.js'
import { personalData } from './tools/personal-data.js'
import { sentenceOf } from './tools/sentence.js'
import { consentOf, openSpotify, pollSpotify, type Spotify } from './tools/spotify.js'
import { withStack } from './tools/stack/addresses.js'
import { followsTasks, openView } from './tools/view.js'

export interface Segue {
  readonly url: string
  readonly operations: Operations
  /** Resolves when everything is committed and closed. */
  close(): Promise<void>
  /** Resolves when it has ended by itself, with the reason. */
  readonly failed: Promise<unknown>
}

/** The heap grows by so many per cent of what is alive before it is collected; unset, V8 lets it double and more. */
const HEAP_GROWTH = 30

/** Starts everything. @throws ListenError, StoreLockedError, LogError: each in a sentence, and nothing stays open. */
export async function startSegue(config: Config, hooks: Partial<ProcessingHooks> = {}): Promise<Segue> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`)
  const open: (() => Promise<void> | void)[] = []
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
  const logger = createLogger(config.logLevel)
  const base = await openBase(config, { purpose: 'segue start', onWait: sentence => logger.warn(sentence) })
  open.push(() => base.close())
  const { log, codec, partitions } = base
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<unknown>(resolve => {
    fail = resolve
  })
  const { application, topology } = createProcessing(config, base, {
    onNotice: (sentence, task) => logger.warn(task === undefined ? {} : { task: `${task.unit}-${task.partition}` }, sentence),
    onFailure: fail,
    ...hooks
  })
  const view = await openView(config, codec, sentence => logger.warn(sentence))
  open.push(() => view.close())
  const mirror = startMirror({
    ...{ log, codec, view, partitions },
    onNotice: sentence => logger.warn(sentence),
    // Instances share the view, so they share the work of filling it, as they share the tasks.
    ...(config.mode === 'kafka' && { follows: followsTasks(topology, application) })
  })
  open.push(() => mirror.close())
  const lake = config.lake && (await startLakeSink(config, config.lake, base, sentence => logger.warn(sentence)))
  if (lake !== undefined) open.push(() => lake.close())
  const operations = new ApplicationOperations({
    log,
    codec,
    topology,
    application,
    applicationId: config.applicationId,
    viewLag: () => mirror.lag(),
    flushLake: lake && (() => lake.flush())
  })
  open.push(() => application.close())
  await application.start()
  const producer = logProducer(log, codec)
  const produce = (events: readonly ProducedEvent[]) =>
    producer.send(events.map(({ topic, event }) => ({ topic, event, key: (event as { user_id: string }).user_id }) as NewEvent))
  const spotify = config.spotify && openSpotify(config.spotify, config.dataDir)
  const options = {
    partitions,
    cache: { ...defaultOptions.cache, ttlMs: config.recommendationTtlMs, staleMs: config.staleAnswersMs },
    trustProxy: config.auth?.trustProxy ?? []
  }
  const consent = spotify && { spotify: consentOf(spotify) }
  const auth = config.auth && openAuth(config.auth, config.dataDir)
  const own = personalData({ log, codec, view, partitions, dataDir: config.dataDir, spotify, auth, now: Date.now })
  const server = await startServer(
    { view, operations, producer: { produce }, personalData: own, ...(auth && { auth }), ...consent, logger, options },
    config
  )
  open.push(() => server.close())
  const url = urlOf(config.host, (server.server.address() as { port: number }).port)
  open.push(announce(config.dataDir, url))
  const say = (sentence: string) => logger.info(sentence)
  if (config.simulator) open.push(until(signal => simulate(config, producer, operations, { signal, say })))
  if (spotify) open.push(until(stop => poll(spotify, producer, stop, sentence => logger.warn(sentence))))
  return { url, operations, failed }
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

/** A poller in a process of its own goes first. */
const poll = (spotify: Spotify, producer: EventProducer, signal: AbortSignal, say: (sentence: string) => void) =>
  pollSpotify(spotify, { producer, signal, say, purpose: 'segue start' }).catch((error: Error) =>
    say(`Spotify accounts are not polled here: ${error.message}`)
  )

const urlOf = (host: string, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`

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
  process.stdout.write(`Segue is listening on ${segue.url} (page at /, API at /docs, data in ${config.dataDir}). Ctrl-C stops it.\n`)
  const failure = await Promise.race([segue.failed.then(error => ({ error })), stopped])
  if (failure !== undefined) process.stderr.write(`Segue stops: ${failure.error instanceof Error ? failure.error.stack : failure.error}\n`)
  endInTime()
  await segue.close()
  return failure === undefined ? 0 : 1
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
    process.stderr.write(`${sentenceOf(error)}\n`)
    process.exitCode = 1
  }
}
