import type { Origin } from '../../schemas/events.js'

/** The order in which records with the same key stand (semantics.md, section 2): the first of them counts. */
export const topicRanks: readonly string[] = ['spotify-plays', 'spotify-skips', 'spotify-likes', 'spotify-events']

/** Whether the record `a` stands before the record `b`: lower topic, then lower offset. */
export const standsBefore = (a: Origin, b: Origin): boolean =>
  a.topic === b.topic ? a.offset < b.offset : topicRanks.indexOf(a.topic) < topicRanks.indexOf(b.topic)
