/**
 * One instance of an application that has all topics for itself, without API and view. Says `running N` when N tasks run, `step S` at no
 * time but when told to: with the arguments STEP COUNT it kills itself when a commit reaches the step for the nth time. SIGTERM ends it.
 */
import { readConfig } from '../../config.js'
import { createProcessing, openBase } from '../../tools/embedded.js'

const [step, count] = [process.argv[2], Number(process.argv[3])]
const say = (line: string) => process.stdout.write(`${line}\n`)
const config = readConfig(process.env)
const base = await openBase(config, { purpose: 'test instance', isolated: true, onWait: sentence => say(`notice ${sentence}`) })
let seen = 0
const { application } = createProcessing(config, base, {
  onNotice: (sentence, task) => say(`notice ${task === undefined ? '' : `${task.unit}-${task.partition}: `}${sentence}`),
  onFailure: error => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    process.exit(3)
  },
  onStep: reached => {
    if (reached === step && ++seen === count) process.kill(process.pid, 'SIGKILL')
  }
})
await application.start()
let last = -1
const watch = setInterval(() => {
  const running = application.tasks.filter(task => task.state === 'running').length
  if (running !== last) say(`running ${running} ${Date.now()}`)
  last = running
}, 5)
process.once('SIGTERM', async () => {
  process.once('SIGTERM', () => process.exit(130))
  clearInterval(watch)
  await application.close()
  await base.close()
  say('closed')
  process.exit(0)
})
