import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { TASKS, TestApplication } from '../application.js'

t.test('a zombie that was stopped past the session time-out changes nothing when it goes on', async t => {
  const application = new TestApplication(t, { MAX_COMMIT_RECORDS: '50' })
  const [zombie, other] = [application.start('zombie'), application.start('other')]
  await application.running([zombie, other], TASKS)
  const producing = application.produce('awkward', 60, 400)
  await sleep(2_000)
  zombie.kill('SIGSTOP')
  await application.running([other], TASKS, 90_000)
  zombie.kill('SIGCONT')
  await application.running([zombie, other], TASKS, 90_000)
  await producing
  await application.expect('awkward')
  t.ok(zombie.running > 0, 'it takes part again')
})
