import t from 'tap'
import { TASKS, TestApplication } from './application.js'

t.test('instances kill themselves at each step of a commit, under load, and come back with their state', async t => {
  const application = new TestApplication(t, { MAX_COMMIT_RECORDS: '50' })
  const other = application.start('other')
  // However slow the machine is: while one is to die there is something to commit for it.
  let works = () => false
  const producing = application.produce('awkward', 600, 10, () => works())
  for (const [step, count] of [
    ['processed', 6],
    ['prepared', 9],
    ['log-committed', 5],
    ['store-written', 8],
    ['log-committed', 1],
    ['log-committed', 11]
  ] as const) {
    const victim = application.start('victim', step, count)
    works = () => victim.running > 0
    t.equal((await victim.ended()).signal, 'SIGKILL', `${step} ${count}: ${victim.stderr}`)
  }
  works = () => true
  const back = application.start('victim')
  await application.running([other, back], TASKS)
  await producing
  await application.expect('awkward')
})
