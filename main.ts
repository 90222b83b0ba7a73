/** The whole application in one process. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Operations } from './api/operations.js'
import { defaultOptions } from './api/options.js'
import type { ProducedEvent } from './api/producer.js'
import { createLogger, startServer } from './api/server.js'
import { type Config, ConfigError, readConfig } from './config.js'
import { startMirror } from './connect/mirror.js'
import { type EventProducer, logProducer, type NewEvent } from './connect/producer.js'
import { startDemo } from './connect/simulator/demo.js'
import { openStore } from './state/open.js'
import { openLocalView } from './state/view/local-view.js'
import { APPLICATION_ID, createProcessing, openBase, type ProcessingHooks } from './tools/embedded.js'
import { announce } from './tools/instance.js'
import { ApplicationOperations } from './tools/operations.js'
import { consentOf, openSpotify, pollSpotify, type Spotify } from './tools/spotify.js'

export interface Segue {
  readonly url: string
  readonly operations: Operations
  /** Resolves when everything is committed and closed. */
  close(): Promise<void>
  /** Resolves when it has ended by itself, with the reason. */
  readonly failed: Promise<unknown>
}

/** Starts everything. @throws ListenError, StoreLockedError, LogError: each in a sentence. */
export async function startSegue(config: Config, hooks: Partial<ProcessingHooks> = {}): Promise<Segue> {
  const logger = createLogger(config.logLevel)
  const base = await openBase(config, 'segue start')
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
  const view = await openLocalView(join(config.dataDir, 'view'), {
    openStore: openStore('lmdb'),
    decode: (space, bytes) => codec.decodeBare(space, bytes)
  })
  const mirror = startMirror({ log, codec, view, partitions, onNotice: sentence => logger.warn(sentence) })
  const operations = new ApplicationOperations({
    log,
    codec,
    topology,
    application,
    applicationId: APPLICATION_ID,
    viewLag: () => mirror.lag()
  })
  await application.start()
  const producer = logProducer(log, codec)
  const produce = (events: readonly ProducedEvent[]) =>
    producer.send(events.map(({ topic, event }) => ({ topic, event, key: (event as { user_id: string }).user_id }) as NewEvent))
  const spotify = config.spotify && openSpotify(config.spotify, config.dataDir)
  const server = await startServer(
    {
      view,
      operations,
      producer: { produce },
      ...(spotify && { spotify: consentOf(spotify) }),
      logger,
      options: { partitions, cache: { ...defaultOptions.cache, ttlMs: config.recommendationTtlMs } }
    },
    config
  )
  const url = urlOf(config.host, (server.server.address() as { port: number }).port)
  const withdraw = announce(config.dataDir, url)
  const stop = new AbortController()
  const demo = config.simulator ? simulate(config, producer, stop.signal, sentence => logger.info(sentence)) : Promise.resolve()
  const polling = spotify && poll(spotify, producer, stop.signal, sentence => logger.warn(sentence))
  const close = async () => {
    stop.abort()
    withdraw()
    await demo
    await polling
    await server.close()
    await application.close()
    await mirror.close()
    await view.close()
    await base.close()
  }
  return { url, operations, close, failed }
}

/** A poller in a process of its own goes first. */
const poll = (spotify: Spotify, producer: EventProducer, signal: AbortSignal, say: (sentence: string) => void) =>
  pollSpotify(spotify, { producer, signal, say, purpose: 'segue start' }).catch((error: Error) =>
    say(`Spotify accounts are not polled here: ${error.message}`)
  )

const urlOf = (host: string, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`

const simulate = (config: Config, producer: ReturnType<typeof logProducer>, signal: AbortSignal, say: (sentence: string) => void) =>
  startDemo(producer, {
    trackerFile: join(config.dataDir, 'simulator.json'),
    signal,
    rate: config.simulatorRate,
    seed: String(config.simulatorSeed),
    say
  })

/** Runs until a signal: the first one drains and commits, a second one ends at once. Resolves to the exit code. */
export async function run(config: Config): Promise<number> {
  const segue = await startSegue(config)
  process.stdout.write(`Segue is listening on ${segue.url} (page at /, API at /docs, data in ${config.dataDir}). Ctrl-C stops it.\n`)
  const signalled = new Promise<undefined>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130))
        resolve(undefined)
      })
    }
  })
  const failure = await Promise.race([segue.failed.then(error => ({ error })), signalled])
  if (failure !== undefined) process.stderr.write(`Segue stops: ${failure.error instanceof Error ? failure.error.stack : failure.error}\n`)
  await segue.close()
  return failure === undefined ? 0 : 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    process.exitCode = await run(readConfig(process.env))
  } catch (error) {
    process.stderr.write(
      `${error instanceof ConfigError || process.env.LOG_LEVEL !== 'debug' ? (error as Error).message : (error as Error).stack}\n`
    )
    process.exitCode = 1
  }
}
