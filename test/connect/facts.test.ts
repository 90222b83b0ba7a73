import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { FactWriter } from '../../connect/facts.js'
import type { NewRecord } from '../../streams/log/log.js'

const fact = (user_id: string) =>
  ({
    topic: 'recommendation-feedback',
    value: { recommendation_id: 'r', user_id, track_id: 't', action: 'played', given_at: 1 }
  }) as const
const codec = { encode: (_: string, value: unknown) => Buffer.from(JSON.stringify(value)) }

/** A log that takes what it is given when it is let. */
function slowLog() {
  const sent: NewRecord[][] = []
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  const send = async (records: readonly NewRecord[]) => {
    await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }))
    sent.push([...records])
    return []
  }
  return { sent, waiting, log: { send } as never }
}

t.test('many facts go together, keyed by listener, one batch at a time', async t => {
  const { sent, waiting, log } = slowLog()
  const writer = new FactWriter({ log, codec, lingerMs: 1, onNotice: t.error })
  for (let i = 0; i < 3; i++) writer.tell(fact(`u${i}`))
  await sleep(20)
  writer.tell(fact('u3'))
  await sleep(20)
  t.equal(waiting.length, 1, 'the second waits for the first')
  waiting.shift()!.resolve()
  await sleep(20)
  waiting.shift()!.resolve()
  await writer.close()
  t.same(
    sent.map(batch => batch.map(({ topic, key }) => `${topic} ${key}`)),
    [['u0', 'u1', 'u2'].map(user => `recommendation-feedback ${user}`), ['recommendation-feedback u3']]
  )
  t.same(writer.counts(), { written: 4, lost: 0, waiting: 0 })
})

t.test('what comes faster than it is written is lost, and counted; nobody waits', async t => {
  const { sent, waiting, log } = slowLog()
  const notices: string[] = []
  const writer = new FactWriter({ log, codec, most: 10, lingerMs: 1, onNotice: sentence => notices.push(sentence) })
  writer.tell(fact('u'))
  await sleep(20)
  for (let i = 0; i < 25; i++) writer.tell(fact(`u${i}`))
  t.same(writer.counts(), { written: 0, lost: 15, waiting: 10 })
  waiting.shift()!.reject(new Error('the disk is full'))
  await sleep(20)
  t.match(notices, [/lost: the disk is full$/])
  waiting.shift()!.resolve()
  await writer.close()
  t.same(writer.counts(), { written: 10, lost: 16, waiting: 0 })
  t.equal(sent.length, 1)
})

t.test('what must be written is waited for, and fails aloud', async t => {
  const { waiting, log } = slowLog()
  const writer = new FactWriter({ log, codec, onNotice: t.error })
  const writing = writer.write([fact('u')])
  waiting.shift()!.reject(new Error('no'))
  await t.rejects(writing, { message: 'no' })
  t.equal(writer.counts().written, 0)
})
