import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { FetchedPartition } from '../../streams/log/kafka/fetch.js'
import { Watcher } from '../../streams/log/kafka/watcher.js'
import type { TopicPartition } from '../../streams/log/log.js'

type Parts = ConstructorParameters<typeof Watcher>

/** A broker whose replies to the watch are given one by one; then it waits. */
function watching(replies: readonly Partial<FetchedPartition>[]) {
  const left = [...replies]
  let closed = false
  const connection = {
    settings: { requestTimeoutMs: 1000 },
    get closed() {
      return closed
    },
    partitions: async () => 1,
    byLeader: async (partitions: readonly TopicPartition[]) => new Map([[{}, partitions]]),
    send: async () => {
      const reply = left.shift()
      if (reply !== undefined) return [{ topic: 'a', partition: 0, error: undefined, aborted: [], bytes: Buffer.alloc(0), ...reply }]
      while (!closed) await sleep(1)
      throw new Error('closed')
    },
    forget: () => {},
    close: async () => {
      closed = true
    }
  }
  return new Watcher(connection as unknown as Parts[0], { at: async () => 0 } as unknown as Parts[1])
}

const at = { topic: 'a', partition: 0 }
const bytes = Buffer.from('batches')

/** Reads at its end each time it is told, as long as there are replies. */
async function taken(replies: readonly Partial<FetchedPartition>[]): Promise<(FetchedPartition | undefined)[]> {
  const watcher = watching(replies)
  const found: (FetchedPartition | undefined)[] = []
  let position = 0
  await new Promise<void>(resolve => {
    watcher.watch(['a'], () => {
      const ahead = watcher.take(at, position)
      found.push(ahead)
      position = ahead?.lastStableOffset ?? position
      // A reader that got nothing makes a request of its own, and stands at the end then.
      if (ahead === undefined) position = replies[found.length - 2]?.lastStableOffset ?? 0
      watcher.take(at, position)
      if (found.length > replies.length) resolve()
    })
  })
  await watcher.close()
  return found
}

t.test('who reads at the end gets the records with the word that there are some', async t => {
  const found = await taken([
    { lastStableOffset: 5, bytes },
    { lastStableOffset: 9, bytes }
  ])
  t.equal(found[0], undefined, 'the first word is where the end is')
  t.match(found.slice(1), [{ lastStableOffset: 5 }, { lastStableOffset: 9 }])
})

t.test('a reply without bytes, for which others left no room, is no word that there is nothing', async t => {
  const found = await taken([{ lastStableOffset: 5 }, { lastStableOffset: 9, bytes }])
  t.equal(found[1], undefined)
  t.match(found[2], { lastStableOffset: 9 })
})
