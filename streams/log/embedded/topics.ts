import type { TopicSpec } from '../log.js'
import { LogConfigError } from '../log.js'
import type { Catalogue, Delta } from './catalogue.js'

/** What is new or changed among the specs. @throws LogConfigError one can't be had. */
export function changedSpecs(specs: readonly TopicSpec[], catalogue: Catalogue): NonNullable<Delta['topics']> {
  let nextId = catalogue.nextTopicId()
  const changed: NonNullable<Delta['topics']> = []
  for (const { name, partitions, cleanup, retentionMs } of specs) {
    const spec = { name, partitions, cleanup, retentionMs }
    if (!Number.isInteger(partitions) || partitions < 1 || name === '') {
      throw new LogConfigError(
        `Topic '${name}' can't be created with ${partitions} partitions: a topic has a name and one partition at least.`
      )
    }
    const existing = catalogue.topics.get(name)
    if (!existing) {
      changed.push([nextId++, spec])
      continue
    }
    const { id, spec: old } = existing
    if (old.partitions !== partitions || old.cleanup !== cleanup) {
      const found = `has ${old.partitions} partitions and cleanup '${old.cleanup}'`
      throw new LogConfigError(`Topic '${name}' ${found}, not ${partitions} and '${cleanup}'. Use another name, or delete the topic first.`)
    }
    if (old.retentionMs !== retentionMs) changed.push([id, spec])
  }
  return changed
}
