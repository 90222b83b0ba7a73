import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { sum, TASKS, TestApplication } from '../application.js'

t.test('a zombie that was stopped past the session time-out changes nothing when it goes on', async t => {
  const application = new TestApplication(t, { MAX_COMMIT_RECORDS: '50' })
  const [zombie, other] = [application.start('zombie'), application.start('other')]
  await application.running([zombie, other], TASKS)
  const producing = application.produce('awkward', 60, 400)
  await sleep(2_000)
  const own = zombie.running
  t.equal((await zombie.metrics()).value('segue_task_changes_total', { change: 'lost' }), undefined)
  zombie.kill('SIGSTOP')
  await application.running([other], TASKS, 90_000)
  t.equal((await other.metrics()).value('segue_task_state', { state: 'running' }), TASKS, 'all run elsewhere')
  zombie.kill('SIGCONT')
  await application.running([zombie, other], TASKS, 90_000)
  await producing
  await application.expect('awkward')
  t.ok(zombie.running > 0, 'it takes part again')
  const metrics = await Promise.all([zombie, other].map(instance => instance.metrics()))
  t.equal(metrics[0]!.value('segue_task_changes_total', { change: 'lost' }), own, 'what it has lost can be seen')
  t.ok(sum(metrics, 'segue_task_changes_total', { change: 'revoked' }) > 0, 'and that the other one gave some back')
  t.equal(sum(metrics, 'segue_lag_records'), 0)
})
