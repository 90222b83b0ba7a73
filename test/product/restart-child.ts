/** Starts the application, waits until it has come to rest, and stops. Prints what it had to restore, and all notices. */
import { readConfig } from '../../config.js'
import { createProcessing, openBase } from '../../tools/embedded.js'

const config = readConfig(process.env)
const base = await openBase(config, { purpose: 'restart test' })
const notices: string[] = []
const { application, topology } = createProcessing(config, base, {
  onNotice: sentence => notices.push(sentence),
  onFailure: error => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    process.exit(3)
  }
})
await application.start()
const tasks = topology.units.size * config.partitions
while (application.tasks.length < tasks || !application.tasks.every(task => task.settled))
  await new Promise(resolve => setTimeout(resolve, 5))
const restored = application.tasks.reduce((sum, task) => sum + task.restoring.restored, 0)
await application.close()
await base.close()
process.stdout.write(JSON.stringify({ restored, notices }))
