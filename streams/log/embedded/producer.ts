import type { OffsetCommit, Transaction, TransactionalProducer, TransactionResult } from '../log.js'
import { LogError } from '../log.js'
import type { Delta } from './catalogue.js'
import type { Committer } from './committer.js'
import type { Router } from './router.js'

/** Opens a producer; its new epoch is durable when this resolves, and all older ones are fenced. */
export async function openProducer(id: string, committer: Committer, router: Router): Promise<TransactionalProducer> {
  const { epoch } = await committer.submit({ fence: id })
  let closed = false
  return {
    async commit({ group, records, offsets }: Transaction): Promise<TransactionResult> {
      if (closed) throw new LogError(`The producer '${id}' was closed.`)
      const delta = { offsets: committedOffsets(group, offsets, router) }
      const { ends } = await committer.submit({
        producer: { id, epoch },
        records: router.route(records),
        ...(offsets.length > 0 && { delta })
      })
      return { ends }
    },
    async close(): Promise<void> {
      closed = true
    }
  }
}

export function committedOffsets(group: string, offsets: readonly OffsetCommit[], router: Router): NonNullable<Delta['offsets']> {
  return offsets.map(commit => {
    const { topicId, number } = router.catalogue.partition(commit)
    return [group, topicId, number, commit.offset]
  })
}
