import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { type Instance, sum, TASKS, TestApplication } from '../application.js'

const SECONDS = 30

t.test(`instances come and go every second for ${SECONDS} seconds`, async t => {
  const application = new TestApplication(t, { MAX_COMMIT_RECORDS: '50' })
  const stays = application.start('stays')
  await application.running([stays], TASKS)
  const producing = application.produce('awkward', 60, (SECONDS * 1_000) / 60)
  const present: Instance[] = []
  for (let second = 0; second < SECONDS; second++) {
    if (second % 3 === 2) {
      const leaves = present.shift()!
      leaves.kill(second % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
      await leaves.ended()
    } else present.push(application.start(`guest-${second % 4}-${second}`))
    await sleep(1_000)
  }
  await producing
  await application.running([stays, ...present], TASKS, 120_000)
  await application.expect('awkward')
  const metrics = await Promise.all([stays, ...present].map(instance => instance.metrics()))
  t.equal(sum(metrics, 'segue_task_state', { state: 'running' }), TASKS)
  t.equal(sum(metrics, 'segue_lag_records'), 0)
  t.ok(metrics[0]!.value('segue_task_changes_total', { change: 'revoked' })! > 0, 'tasks went from who stays to others')
  t.ok(sum(metrics, 'segue_task_changes_total', { change: 'assigned' }) > TASKS, 'and were taken up there')
})
