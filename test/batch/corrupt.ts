/** Changes what is in the stores of a stopped application, behind its back: neither the log nor a changelog knows of it. */
import { join } from 'node:path'
import { affinityFold, correcting } from '../../processors/affinity/fold.js'
import { chartFold } from '../../processors/charts/counts.js'
import { ALL } from '../../processors/charts/windows.js'
import { cooccurrenceFold } from '../../processors/cooccurrence/vector.js'
import { trackFold } from '../../processors/details/track-details.js'
import { openStore } from '../../state/open.js'
import type { TaskStore } from '../../state/store.js'
import type { MergeFold } from '../../streams/processor.js'
import { MergeReader } from '../../streams/stores/merge-reader.js'
import { BufferedMergeStore, MergeCache } from '../../streams/stores/merge-store.js'

const options = { operandBytes: 1 << 20, cache: new MergeCache(1 << 26) }

async function change<V, Op>(store: TaskStore, name: string, fold: MergeFold<V, Op>, pick: (all: [string, V][]) => readonly [string, Op]) {
  const snapshot = store.snapshot()
  const all = [...(await MergeReader.open(snapshot, name, fold)).entries()]
  await snapshot.close()
  const buffered = new BufferedMergeStore(name, store, fold, options)
  const [key, operand] = pick(all)
  buffered.merge(key, operand)
  await store.write([{ space: name, entries: buffered.prepare(), position: store.position(name)! }])
  return { key, value: all.find(([found]) => found === key)![1], dictionary: buffered.dictionary }
}

const far = { asOfWas: 0, asOf: 0 }

/** What differs then: section, key, and how many keys. The track is one whose plays are wrong; `plays` are the right ones. */
export async function corrupt(dataDir: string): Promise<{ differences: Record<string, number>; track: string; plays: number }> {
  const open = (task: string) => openStore('lmdb')(join(dataDir, 'state', task))
  const tracks = await open('tracks-0')
  const wrong = await change(tracks, 'cooccurrence', cooccurrenceFold, all => [
    all.at(-1)![0],
    { sessions: 1, n: 0.5, others: [0], together: [2], weight: [-0.25], from: 0, to: 1 }
  ])
  const details = await change(tracks, 'track-details', trackFold, all => [all.find(([key]) => key !== wrong.key)![0], [0, 0, 0, 4]])
  await change(tracks, 'tracks-charts', chartFold, () => ['*', [0, ALL, 7]])
  await tracks.close()
  const listeners = await open('listeners-1')
  const one = await change(listeners, 'affinity', affinityFold, all => {
    const [user, { slots }] = all.find(([, { slots }]) => slots.size > 0)!
    return [user, correcting(slots.ids[0]!, { sum: 0, plays: 3, events: 0, ...far })]
  })
  // T_u counts for all artists of a listener.
  const other = await change(listeners, 'affinity', affinityFold, all => {
    const [user, { slots, asOf }] = all.find(([user, { slots }]) => user !== one.key && slots.size > 0)!
    return [user, correcting(slots.ids[0]!, { sum: 1000, plays: 0, events: 1, asOfWas: asOf, asOf: asOf + 86_400_000 })]
  })
  const counts = JSON.parse(Buffer.from(listeners.get('pipeline-counts', '1')!).toString())
  counts.accepted.play += 5
  const entries = [['1', Buffer.from(JSON.stringify(counts))]] as const
  await listeners.write([{ space: 'pipeline-counts', entries, position: listeners.position('pipeline-counts')! }])
  await listeners.close()
  const artists = [...other.value.events].filter(events => events !== 0).length
  return {
    differences: { counts: 1, tracks: 2, pairs: 1, affinity: 1 + artists, charts: 1 },
    track: details.key,
    plays: details.value.plays
  }
}
