import t, { type Test } from 'tap'
import { createEmbeddedLog } from '../../streams/log/embedded/log.js'
import { type GroupListener, type Log, LogError, NotAssignedError } from '../../streams/log/log.js'
import { Recorder, readAll, record, texts, unit, until } from '../contract/log-helpers.js'
import { memory } from './harness.js'

async function open(t: Test, options = {}): Promise<Log> {
  const log = await createEmbeddedLog(memory(), options)
  t.teardown(() => log.close())
  await log.ensureTopics([{ name: 'topic', partitions: 4, cleanup: 'delete', retentionMs: -1 }])
  return log
}

const never = (): Promise<void> => new Promise(() => {})

t.test('a member that does not let go is expelled; the others get its tasks', async t => {
  const log = await open(t, { rebalanceTimeoutMs: 20 })
  const [stuck, other] = [new Recorder('stuck', [], never), new Recorder('other')]
  const expelled = await log.join('group', [unit('u', 'topic')], stuck)
  await until(() => stuck.tasks.size === 4)
  await log.join('group', [unit('u', 'topic')], other)
  await until(() => other.tasks.size === 4)
  t.strictSame(stuck.calls, ['assigned u/0 u/1 u/2 u/3', 'lost u/0 u/1 u/2 u/3'])
  t.throws(() => expelled.poll({ topic: 'topic', partition: 0 }, 1), NotAssignedError)
  t.throws(() => expelled.seek({ topic: 'topic', partition: 0 }, 0), NotAssignedError)
  await expelled.close()
})

t.test('a member that let go too late joins again by itself', async t => {
  const log = await open(t, { rebalanceTimeoutMs: 20 })
  let letGo = () => {}
  const released = new Promise<void>(resolve => {
    letGo = resolve
  })
  const [late, other] = [new Recorder('late', [], () => released), new Recorder('other')]
  const consumer = await log.join('group', [unit('u', 'topic')], late)
  await until(() => late.tasks.size === 4)
  await log.join('group', [unit('u', 'topic')], other)
  await until(() => other.tasks.size === 4)
  letGo()
  await until(() => late.tasks.size === 2 && other.tasks.size === 2)
  const [task] = [...late.tasks]
  const at = { topic: 'topic', partition: Number(task!.split('/')[1]) }
  await log.send([record('topic', 'a', '1', { partition: at.partition })])
  const polled: string[] = []
  consumer.seek(at, 0)
  await until(() => {
    polled.push(...texts(consumer.poll(at, 1)))
    return polled.length > 0
  })
  t.strictSame(polled, ['a=1'])
  await consumer.close()
})

for (const call of ['assigned', 'revoked'] as const) {
  t.test(`a member whose ${call}() fails is expelled`, async t => {
    const log = await open(t)
    const [broken, other] = [new Recorder('broken'), new Recorder('other')]
    let failing = false
    const listener: GroupListener = {
      assigned: async tasks => {
        if (call === 'assigned' && failing) throw new Error('no disk')
        await broken.assigned(tasks)
      },
      revoked: async tasks => {
        if (call === 'revoked') throw new Error('no disk')
        await broken.revoked(tasks)
      },
      lost: tasks => broken.lost(tasks)
    }
    const second = call === 'assigned' ? await log.join('group', [unit('u', 'topic')], other) : undefined
    if (second) await until(() => other.tasks.size === 4)
    failing = true
    const consumer = await log.join('group', [unit('u', 'topic')], listener)
    if (!second) {
      await until(() => broken.tasks.size === 4)
      await log.join('group', [unit('u', 'topic')], other)
    }
    await until(() => other.tasks.size === 4 && broken.calls.some(text => text.startsWith('lost')))
    t.throws(() => consumer.poll({ topic: 'topic', partition: 0 }, 1), /no disk/)
  })
}

t.test('closing the log ends memberships without notice', async t => {
  const log = await open(t)
  const member = new Recorder()
  await log.join('group', [unit('u', 'topic')], member)
  await until(() => member.tasks.size === 4)
  await log.close()
  t.strictSame(member.calls.at(-1), 'lost u/0 u/1 u/2 u/3')
  await t.rejects(log.topics(), LogError)
  await t.rejects(log.send([record('topic', 'a', '1')]), LogError)
})

t.test('members of other units share a group; a unit has one definition', async t => {
  const log = await open(t)
  await log.ensureTopics([{ name: 'second', partitions: 2, cleanup: 'delete', retentionMs: -1 }])
  const [a, b] = [new Recorder(), new Recorder()]
  await log.join('group', [unit('u', 'topic')], a)
  await log.join('group', [unit('v', 'second')], b)
  await until(() => a.tasks.size === 4 && b.tasks.size === 2)
  await t.rejects(log.join('group', [unit('u', 'second')], new Recorder()), /already consumes unit 'u'/)
})

t.test('a consumer that lags reads from the disk, ahead within its bound, and misses nothing', async t => {
  const log = await open(t, { cacheBytes: 0, prefetchBytes: 2_000 })
  const at = { topic: 'topic', partition: 1 }
  const member = new Recorder()
  const consumer = await log.join('group', [unit('u', 'topic')], member)
  await until(() => member.tasks.size === 4)
  for (let i = 0; i < 40; i++) await log.send([record('topic', `${i}`, 'x'.repeat(500), { partition: 1 })])
  const all = await readAll(log, at)
  t.equal(all.length, 40)
  consumer.seek(at, 0)
  const polled: string[] = []
  await until(() => {
    polled.push(...texts(consumer.poll(at, 7)))
    return polled.length >= 40
  })
  t.strictSame(polled, texts(all))
  t.equal(consumer.position(at), 40)
})
