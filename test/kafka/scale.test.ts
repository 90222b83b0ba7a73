import t from 'tap'
import { TASKS, TestApplication } from './application.js'

t.test('three instances share the work; one is killed, one is added, one leaves, under load', async t => {
  const application = new TestApplication(t, { MAX_COMMIT_RECORDS: '50' })
  const [a, b, c] = ['a', 'b', 'c'].map(name => application.start(name)) as [
    ReturnType<TestApplication['start']>,
    ReturnType<TestApplication['start']>,
    ReturnType<TestApplication['start']>
  ]
  await application.running([a, b, c], TASKS)
  const producing = application.produce('awkward', 40, 250)
  b.kill('SIGKILL')
  await b.ended()
  const d = application.start('d')
  await application.running([a, c, d], TASKS)
  c.kill('SIGTERM')
  t.same(await c.ended(), { code: 0, signal: null }, 'it drains and commits')
  await application.running([a, d], TASKS)
  await producing
  await application.expect('awkward')
})
