/**
 * One instance of an application that has all topics for itself, without API and view. Says `running N` when N tasks run, `restored TASK N`
 * when one has restored N records, `standbys N R` when it has N warm copies that are R records behind. With the arguments STEP COUNT it kills
 * itself when a commit reaches the step for the nth time. Says `metrics URL`, where they are. SIGTERM ends it.
 */
import { readConfig } from '../../config.js'
import { createProcessing, openBase } from '../../tools/embedded.js'
import { Metrics } from '../../tools/observe/metrics.js'
import { startOpsServer } from '../../tools/observe/ops-server.js'
import { changeMetrics, commitMetrics, taskMetrics } from '../../tools/observe/processing.js'

const [step, count] = [process.argv[2], Number(process.argv[3])]
const say = (line: string) => process.stdout.write(`${line}\n`)
const config = readConfig(process.env)
const base = await openBase(config, { purpose: 'test instance', isolated: true, onWait: sentence => say(`notice ${sentence}`) })
let seen = 0
const metrics = new Metrics()
const { application, topology, cache } = createProcessing(config, base, {
  onCommit: commitMetrics(metrics),
  onTasks: changeMetrics(metrics),
  onNotice: (sentence, task) => say(`notice ${task === undefined ? '' : `${task.unit}-${task.partition}: `}${sentence}`),
  onFailure: error => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    process.exit(3)
  },
  onStep: reached => {
    if (reached === step && ++seen === count) process.kill(process.pid, 'SIGKILL')
  }
})
taskMetrics(metrics, { ...base, topology, application, cache, applicationId: config.applicationId })
const ops = await startOpsServer({ notLive: () => null, notReady: async () => null, metrics }, { host: '127.0.0.1', port: 0 })
say(`metrics ${ops.url}/metrics`)
await application.start()
const said = new Map<string, string>()
/** Says what has changed since. */
const tell = (what: string, value: string) => {
  if (said.get(what) !== value) say(`${what} ${value}`)
  said.set(what, value)
}
const watch = setInterval(() => {
  for (const { name, state, restoring } of application.tasks) if (state === 'running') tell(`restored ${name}`, String(restoring.restored))
  tell('running', String(application.tasks.filter(task => task.state === 'running').length))
  const { standbys } = application
  tell('standbys', `${standbys.length} ${standbys.reduce((sum, { remaining }) => sum + remaining, 0)}`)
}, 5)
process.once('SIGTERM', async () => {
  process.once('SIGTERM', () => process.exit(130))
  clearInterval(watch)
  await application.close()
  await ops.close()
  await base.close()
  say('closed')
  process.exit(0)
})
