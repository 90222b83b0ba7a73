/** A process that kills itself with SIGKILL at the nth time a commit reaches a named step. */
import { readConfig } from '../../config.js'
import { createProcessing, openBase } from '../../tools/embedded.js'

const [step, count] = [process.argv[2], Number(process.argv[3])]
const config = readConfig(process.env)
const base = await openBase(config, { purpose: 'crash test' })
let seen = 0
const { application } = createProcessing(config, base, {
  onNotice: sentence => process.stderr.write(`${sentence}\n`),
  onFailure: error => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    process.exit(3)
  },
  onStep: reached => {
    if (reached === step && ++seen === count) process.kill(process.pid, 'SIGKILL')
  }
})
await application.start()
// A child that never reaches the step is a test that tests nothing: it ends with another code.
setTimeout(() => process.exit(4), 60_000)
