/** The log on Kafka, as the configuration says. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Config, ConfigError } from '../config.js'
import { KafkaLog } from '../streams/log/kafka/log.js'

export function openKafkaLog(config: Config): KafkaLog {
  const { brokers, compression, sasl, replicationFactor, standbyReplicas, sessionTimeoutMs, deliveryTimeoutMs } = config.kafka
  const ssl = sslOf(config)
  return new KafkaLog({
    brokers,
    clientId: `${config.applicationId}@${hostname()}`,
    compression,
    standbyReplicas,
    sessionTimeoutMs,
    deliveryTimeoutMs,
    instanceId: instanceId(config.dataDir),
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    ...(replicationFactor === undefined ? {} : { replicationFactor })
  })
}

function sslOf({ kafka: { ssl, sslCa } }: Config): true | { ca: string } | undefined {
  if (!ssl) return undefined
  if (sslCa === undefined) return true
  try {
    return { ca: readFileSync(sslCa, 'utf8') }
  } catch (error) {
    throw new ConfigError(`KAFKA_SSL_CA names a file that can't be read: ${(error as Error).message}.`)
  }
}

/** Whoever has the data directory is this instance, also after a restart: its group gives it the tasks whose state is here. */
export function instanceId(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true })
  const file = join(dataDir, 'instance-id')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    const id = randomUUID()
    writeFileSync(file, `${id}\n`)
    return id
  }
}
