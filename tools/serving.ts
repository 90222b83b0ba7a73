/** The API of a process, composed. */
import type { Logger } from 'pino'
import { defaultOptions } from '../api/options.js'
import type { ProducedEvent } from '../api/producer.js'
import type { Reconciliation } from '../api/reconciliation.js'
import { startServer } from '../api/server.js'
import type { Config } from '../config.js'
import { FactWriter } from '../connect/facts.js'
import type { EventProducer, NewEvent } from '../connect/producer.js'
import type { View } from '../state/view/view.js'
import type { StreamsApplication } from '../streams/application.js'
import { openDiagnosis } from './diagnosis.js'
import type { Base } from './embedded.js'
import { openWarehouse } from './gold.js'
import { announce } from './instance.js'
import { requestMetrics } from './observe/edges.js'
import type { Metrics } from './observe/metrics.js'
import { qualityMetrics } from './observe/quality.js'
import type { ApplicationOperations } from './operations.js'
import { personalData } from './personal-data.js'
import { consentOf, gapsOf, type Spotify } from './spotify.js'

export interface ServingParts {
  readonly base: Base
  readonly view: View
  /** Whether this process measures quality by what the listener plays. */
  readonly owns: (user: string) => boolean
  readonly operations: ApplicationOperations
  /** Undefined: the tasks run in other processes. */
  readonly application: Pick<StreamsApplication, 'crash'> | undefined
  readonly reconciliation: Reconciliation
  readonly producer: EventProducer
  readonly spotify: Spotify | undefined
  readonly logger: Logger
  readonly metrics: Metrics
}

/** Listens, and lets commands on this machine find it. @throws ListenError */
export async function startApi(
  config: Config,
  { base, view, owns, operations, application, reconciliation, producer, spotify, logger, metrics }: ServingParts
): Promise<{ url: string; close(): Promise<void> }> {
  const { dataDir, host } = config
  const produce = (events: readonly ProducedEvent[], traceparent?: string) =>
    producer.send(
      events.map(({ topic, event }) => ({ topic, event, key: (event as { user_id: string }).user_id }) as NewEvent),
      traceparent
    )
  const { experiment, ttlMs, staleMs, qualityOneIn, qualityPerSecond } = config.recommendations
  const facts = new FactWriter({ ...base, onNotice: sentence => logger.warn(sentence) })
  qualityMetrics(metrics, view, base.partitions, facts)
  const options = {
    partitions: base.partitions,
    cache: { ...defaultOptions.cache, ttlMs, staleMs },
    standing: { ...defaultOptions.standing, oneIn: qualityOneIn, perSecond: qualityPerSecond },
    trustProxy: config.auth?.trustProxy ?? []
  }
  // Where nobody signs in it is not loaded.
  const auth = config.auth && (await import('./auth.js')).openAuth(config.auth, dataDir)
  const dependencies = {
    ...{ view, operations, reconciliation, logger, options, metrics, facts, owns, producer: { produce } },
    ...(experiment && { experiment }),
    onResponse: requestMetrics(metrics),
    diagnosis: openDiagnosis({ config, base, view, application, lag: () => operations.lag() }),
    warehouse: openWarehouse(config.page.gold, Date.now),
    personalData: personalData({ ...base, view, dataDir, spotify, auth, now: Date.now }),
    ...(auth && { auth }),
    ...(spotify && { spotify: consentOf(spotify), findGaps: gapsOf(spotify) })
  }
  const server = await startServer(dependencies, config)
  const { port } = server.server.address() as { port: number }
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const leave = announce(dataDir, url)
  const isOneOfMany = config.mode === 'kafka' && config.parts.run.has('processors')
  const withdraw = isOneOfMany ? await (await import('./instances.js')).enlist(base, dataDir, url) : undefined
  const close = async () => {
    leave()
    await withdraw?.()
    await server.close()
    await facts.close()
  }
  return { url, close }
}
