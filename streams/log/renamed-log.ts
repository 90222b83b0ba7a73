import type { AssignmentUnit, Consumer, Log, LogRecord, OffsetCommit, TopicPartition, TopicSpec } from './log.js'

/**
 * A log in which topics have other names: an application beside another one, on the same brokers, with topics of its own. Names that
 * are not in the map stay. Errors speak of the names on the brokers.
 * @param names ours to theirs
 */
export function renamedLog(log: Log, names: ReadonlyMap<string, string>): Log {
  const back = new Map([...names].map(([ours, theirs]) => [theirs, ours]))
  const hidden = new Set(names.keys())
  const theirs = (topic: string) => names.get(topic) ?? topic
  const ours = (topic: string) => back.get(topic) ?? topic
  const out = <T extends { readonly topic: string }>(one: T): T => ({ ...one, topic: theirs(one.topic) })
  const into = <T extends { readonly topic: string }>(one: T): T => ({ ...one, topic: ours(one.topic) })
  return {
    ensureTopics: specs => log.ensureTopics(specs.map(spec => ({ ...spec, name: theirs(spec.name) }))),
    topics: async () =>
      (await log.topics()).filter(({ name }) => !hidden.has(name)).map((spec): TopicSpec => ({ ...spec, name: ours(spec.name) })),
    deleteTopics: topics => log.deleteTopics(topics.map(theirs)),
    topicIds: async names => new Map([...(await log.topicIds(names.map(theirs)))].map(([name, id]) => [ours(name), id])),
    beginningOffset: partition => log.beginningOffset(out(partition)),
    endOffset: partition => log.endOffset(out(partition)),
    highWatermark: partition => log.highWatermark(out(partition)),
    offsetForTime: (partition, timestamp) => log.offsetForTime(out(partition), timestamp),
    send: async records => (await log.send(records.map(out))).map(into),
    fetch: async (partition, offset, maxBytes) => {
      const fetched = await log.fetch(out(partition), offset, maxBytes)
      return { ...fetched, records: fetched.records.map(into) }
    },
    onAppend: (topics, callback) => log.onAppend(topics.map(theirs), (topic, partition) => callback(ours(topic), partition)),
    transactionalProducer: async (id, of) => {
      const producer = await log.transactionalProducer(id, of && { ...of, inputs: of.inputs.map(out), own: of.own.map(out) })
      return {
        commit: async transaction => {
          const { records, offsets, group } = transaction
          const { ends } = await producer.commit({ group, records: records.map(out), offsets: offsets.map(out) })
          return { ends: ends.map((end): OffsetCommit => into(end)) }
        },
        close: () => producer.close()
      }
    },
    join: async (group, units, listener) => {
      const renamed = units.map((unit): AssignmentUnit => ({ ...unit, topics: unit.topics.map(theirs) }))
      return renamedConsumer(await log.join(group, renamed, listener), out, into)
    },
    committed: (group, partitions) => log.committed(group, partitions.map(out)),
    members: group => log.members(group),
    setCommitted: (group, offsets) => log.setCommitted(group, offsets.map(out)),
    deleteRecords: before => log.deleteRecords(before.map(out)),
    close: () => log.close()
  }
}

function renamedConsumer(
  consumer: Consumer,
  out: (partition: TopicPartition) => TopicPartition,
  into: (record: LogRecord) => LogRecord
): Consumer {
  return {
    get memberId() {
      return consumer.memberId
    },
    seek: (partition, offset) => consumer.seek(out(partition), offset),
    poll: (partition, max) => consumer.poll(out(partition), max).map(into),
    position: partition => consumer.position(out(partition)),
    onData: callback => consumer.onData(callback),
    close: () => consumer.close()
  }
}
