/** What the index's checkpoint holds: everything in memory, as of a sequence number. */
import type { Catalogue, Delta } from './catalogue.js'

export interface Checkpoint {
  /** Of the journal that this index belongs to. */
  readonly journal: string
  /** Entries of the journal from here on are not in the index yet. */
  readonly sequence: number
  /** The metadata and the bounds are those after the entries below. */
  readonly applied: number
  readonly metadata: Delta
  readonly partitions: [topicId: number, partition: number, end: number, bytes: number, dirtyBytes: number][]
  readonly doomed: number[]
  readonly garbageBytes: number
}

export function takeCheckpoint(
  catalogue: Catalogue,
  journal: string,
  at: { sequence: number; applied: number },
  garbageBytes: number
): Checkpoint {
  const partitions: Checkpoint['partitions'] = []
  for (const partition of catalogue.partitions()) {
    if (partition.end > 0) partitions.push([partition.topicId, partition.number, partition.end, partition.bytes, partition.dirtyBytes])
  }
  return { journal, ...at, metadata: catalogue.snapshot(), partitions, doomed: [...catalogue.doomed], garbageBytes }
}

export function restoreCheckpoint(catalogue: Catalogue, checkpoint: Checkpoint): void {
  catalogue.apply(checkpoint.metadata)
  for (const id of checkpoint.doomed) catalogue.doomed.add(id)
  for (const [topicId, number, end, bytes, dirtyBytes] of checkpoint.partitions) {
    const partition = catalogue.byIds(topicId, number)
    if (partition) Object.assign(partition, { end, bytes, dirtyBytes })
  }
}
