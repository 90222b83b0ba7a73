/** The instances of an application on Kafka, for commands that need all of them: the compacted topic `instances`. */
import { hostname } from 'node:os'
import { catalogue } from '../schemas/catalogue.js'
import type { Base } from './embedded.js'
import { isAlive } from './instance.js'
import { instanceId } from './kafka.js'
import { lastValues } from './last-values.js'

const topic = catalogue.instances.name
/** Listens on all addresses of a machine: others know it by its name. */
const WILDCARD = /^http:\/\/(0\.0\.0\.0|\[::\])(?=:)/

/** Says where this one answers; returns how to take that back. */
export async function enlist({ log, codec }: Base, dataDir: string, url: string): Promise<() => Promise<void>> {
  const instance_id = instanceId(dataDir)
  const key = Buffer.from(instance_id)
  const value = codec.encode(topic, { instance_id, url: url.replace(WILDCARD, `http://${hostname()}`), started_at: Date.now() })
  await log.send([{ topic, key, value }])
  return async () => {
    await log.send([{ topic, key, value: null }]).catch(() => {})
  }
}

/** Addresses of those that answer. */
export async function runningInstances({ log, codec, partitions }: Base): Promise<string[]> {
  const urls: string[] = []
  for await (const { url } of lastValues({ log, codec, topic, partitions })) urls.push(url)
  const alive = await Promise.all(urls.map(isAlive))
  return urls.filter((_, i) => alive[i])
}
