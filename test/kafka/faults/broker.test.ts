import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { sum, TASKS, TestApplication } from '../application.js'
import { sharedStack } from '../stack.js'

t.test('the broker is killed and comes back under load; it is down when an instance starts', async t => {
  const stack = await sharedStack(['kafka'])
  const application = new TestApplication(t, { MAX_COMMIT_RECORDS: '50' })
  const first = application.start('first')
  await application.running([first], TASKS)
  const producing = application.produce('awkward', 20, 500)
  await sleep(3_000)
  await stack.restart('kafka', 'kill')
  await producing
  await application.expect('awkward')

  const before = await first.metrics()
  t.equal(before.value('segue_collector_up', { collector: 'lag' }), 1)
  t.equal(before.value('segue_lag_records'), 0)
  await stack.kill('kafka')
  const during = await first.metrics()
  t.equal(during.value('segue_collector_up', { collector: 'lag' }), 0, 'that the broker is gone shows')
  t.equal(during.value('segue_lag_records'), undefined, 'and no lag is told')
  const second = application.start('second')
  while (!/notice Kafka could not .*Trying again/.test(second.lines.join('\n')) && second.child.exitCode === null) await sleep(100)
  t.equal(second.child.exitCode, null, 'it says that the broker is missing, and waits')
  await stack.start('kafka')
  while (second.running === 0) await sleep(100)
  await application.running([first, second], TASKS, 120_000)
  await application.expect('awkward')
  const metrics = await Promise.all([first, second].map(instance => instance.metrics()))
  for (const after of metrics) t.equal(after.value('segue_collector_up', { collector: 'lag' }), 1)
  t.equal(sum(metrics, 'segue_task_state', { state: 'running' }), TASKS)
  t.equal(sum(metrics, 'segue_lag_records'), 0)
})
