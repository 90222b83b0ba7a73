import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { TASKS, TestApplication } from '../application.js'
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

  await stack.kill('kafka')
  const second = application.start('second')
  await sleep(8_000)
  t.equal(second.child.exitCode, null, 'it waits')
  t.match(second.lines.join('\n'), /notice Kafka could not .*Trying again/)
  await stack.start('kafka')
  while (second.running === 0) await sleep(100)
  await application.running([first, second], TASKS, 120_000)
  await application.expect('awkward')
})
