import type { TopicPartition } from '../log.js'

/** Groups by topic, as requests want it. `entry` says what is told of each partition. */
export function byTopic<P extends TopicPartition, E>(
  partitions: readonly P[],
  entry: (partition: P) => E
): { topic: string; partitions: E[] }[] {
  const topics = new Map<string, E[]>()
  for (const partition of partitions) {
    const entries = topics.get(partition.topic)
    if (entries === undefined) topics.set(partition.topic, [entry(partition)])
    else entries.push(entry(partition))
  }
  return [...topics].map(([topic, entries]) => ({ topic, partitions: entries }))
}

/** `topic/partition`, as a key of maps. Topic names have no slash. */
export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`
