import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { TASKS, TestApplication } from './application.js'

t.test('a standby copy is warm: who takes a task over restores only what is missing', async t => {
  const application = new TestApplication(t, { MAX_COMMIT_RECORDS: '200', NUM_STANDBY_REPLICAS: '1' })
  const first = application.start('first')
  await application.running([first], TASKS)
  await application.produce('awkward')
  await application.expect('awkward')
  const second = application.start('second')
  const own = async () => {
    await application.running([first, second], TASKS)
    return second.running
  }
  while ((await own()) === 0) await sleep(50)
  const kept = `standbys ${TASKS - (await own())} 0`
  while (second.lines.findLast(line => line.startsWith('standbys')) !== kept) await sleep(50)
  await sleep(2_000)
  const before = second.lines.length
  first.kill('SIGKILL')
  await application.running([second], TASKS, 60_000)
  const restored = second.lines
    .slice(before)
    .filter(line => line.startsWith('restored'))
    .map(line => Number(line.split(' ')[2]))
  t.ok(restored.length > 0 && Math.max(...restored) < 20, `records restored by each task taken over: ${restored}`)
  await application.expect('awkward')
})
