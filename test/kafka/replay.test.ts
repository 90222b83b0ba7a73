import { rmSync } from 'node:fs'
import t from 'tap'
import { GroupActiveError } from '../../streams/log/log.js'
import { executeReplay, planReplay } from '../../tools/replay.js'
import { segueTopology } from '../../tools/topology.js'
import { TASKS, TestApplication } from './application.js'
import { unique } from './harness.js'

t.test('a replay is refused while an instance runs; then everything is computed again from the input', async t => {
  const application = new TestApplication(t)
  await application.produce('awkward')
  const instance = application.start('one')
  await application.running([instance], TASKS)
  await application.expect('awkward')
  const { log, partitions } = await application.base()
  const options = { applicationId: application.id, partitions, position: { kind: 'earliest' }, topics: [] } as const
  const plan = await planReplay(log, segueTopology(partitions), options)
  t.ok(plan.offsets.every(({ offset }) => offset === 0))
  t.match(await log.members(application.id), [/@.* on 127\.0\.0\.1/])
  await t.rejects(executeReplay(log, options, plan), GroupActiveError)
  t.ok(
    (await log.topics()).some(({ name }) => name === plan.topics[0]),
    'nothing was deleted'
  )

  instance.kill('SIGTERM')
  await instance.ended()
  const before = await log.topicIds(plan.topics)
  t.equal(before.size, plan.topics.length)
  t.strictSame(await log.topicIds([...plan.topics, unique('absent')]), before)
  await executeReplay(log, options, plan)
  const after = await log.topicIds(plan.topics)
  for (const topic of plan.topics) t.not(after.get(topic), before.get(topic), `${topic} is another one`)
  rmSync(application.directory('one', 'state'), { recursive: true })
  t.equal(await log.endOffset({ topic: 'pipeline-counts', partition: 0 }), 0)
  const again = application.start('one')
  await application.running([again], TASKS)
  await application.expect('awkward')
})
