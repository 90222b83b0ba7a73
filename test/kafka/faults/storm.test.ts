import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { type Instance, TASKS, TestApplication } from '../application.js'

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
})
