import { join } from 'node:path'
import type { Config } from '../config.js'
import type { Codec } from '../schemas/codec.js'
import { openStore } from '../state/open.js'
import { openLocalView } from '../state/view/local-view.js'
import { type View, viewSpaces } from '../state/view/view.js'
import type { StreamsApplication } from '../streams/application.js'
import { partitionOf } from '../streams/log/partitioner.js'
import type { Topology } from '../streams/topology.js'

/** What the API answers from: this process's own, or on Kafka the one that all instances share. */
export async function openView(config: Config, codec: Codec, onNotice: (sentence: string) => void): Promise<View> {
  if (config.mode === 'kafka') {
    const { openRedisView } = await import('../state/view/redis-view.js')
    return openRedisView({ url: config.redisUrl, application: config.applicationId, codec, onNotice })
  }
  return openLocalView(join(config.dataDir, 'view'), {
    openStore: openStore('lmdb'),
    decode: (space, bytes) => codec.decodeBare(space, bytes),
    onNotice
  })
}

/** Instances that share a view share the work of filling it: a partition is copied where a task runs that writes the topic. */
export function followsTasks(
  topology: Topology,
  application: Pick<StreamsApplication, 'tasks'>
): (topic: string, partition: number) => boolean {
  const units = [...topology.units.values()]
  const writersOf = (topic: string) =>
    units.filter(({ processors }) => processors.some(({ to }) => (to as readonly string[]).includes(topic))).map(({ name }) => name)
  const writers = new Map<string, readonly string[]>(viewSpaces.map(topic => [topic, writersOf(topic)]))
  return (topic, partition) =>
    application.tasks.some(({ id }) => id.partition === partition && writers.get(topic)?.includes(id.unit) === true)
}

/** Whether this process makes a listener's lists to measure quality by: who runs the listener's task does, where instances share a view. */
export function ownsListener(
  config: Config,
  topology: Topology,
  application: Pick<StreamsApplication, 'tasks'>
): (user: string) => boolean {
  if (config.mode === 'embedded' || !config.parts.run.has('processors')) return () => true
  const follows = followsTasks(topology, application)
  return user => follows('user-sessions', partitionOf(Buffer.from(user), config.partitions))
}
