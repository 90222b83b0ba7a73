/** Blue and green: an application that computes everything anew beside the live one, and the switch from one to the other. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config.js'
import { factTopics, topicNames } from '../../schemas/catalogue.js'
import { openRedisApplications, type RedisApplications } from '../../state/view/redis-applications.js'
import { viewSpaces } from '../../state/view/view.js'
import { type Base, openBase } from '../embedded.js'
import { taskLag } from '../operations.js'
import { remaining } from '../remaining.js'
import { changelogNames, DEFAULT_APPLICATION_ID } from '../topic-names.js'
import { segueTopology } from '../topology.js'
import { openView } from '../view.js'

const CHECK_MS = 1_000
const say = (line: string) => process.stdout.write(`${line}\n`)

async function withApplication<T>(config: Config, use: (base: Base, applications: RedisApplications) => Promise<T>): Promise<T> {
  if (config.mode === 'embedded') throw new Error('Applications lie side by side in mode kafka only: give --mode kafka.')
  const base = await openBase(config, { purpose: 'segue', stateless: true })
  try {
    const applications = await openRedisApplications({ url: config.redisUrl })
    try {
      return await use(base, applications)
    } finally {
      applications.close()
    }
  } finally {
    await base.close()
  }
}

/** Waits until an application has caught up, then lets all instances answer from its values, in one step. */
export const switchCommand = (config: Config, { execute, maxLag }: { execute?: boolean; maxLag: number }): Promise<number> =>
  withApplication(config, async (base, applications) => {
    const { applicationId } = config
    say(`Answers come from ${(await applications.live()) ?? 'the application that is asked'}.`)
    for (;;) {
      const { input, view } = await lagOf(config, base)
      say(`${applicationId}: ${input} records to process, ${view} to copy into the view.`)
      if (!execute) {
        say('Nothing was changed: --execute switches when both together are no more than --max-lag.')
        return 0
      }
      if (input + view <= maxLag) break
      await sleep(CHECK_MS)
    }
    await applications.goLive(applicationId)
    say(`Answers come from ${applicationId} now. segue switch --application-id ID goes back; segue drop removes what is not needed.`)
    return 0
  })

/** Removes an application that is not live: its derived topics, changelogs, offsets and values. */
export const dropCommand = (config: Config, { execute }: { execute?: boolean }): Promise<number> =>
  withApplication(config, async ({ log, partitions }, applications) => {
    const { applicationId } = config
    if ((await applications.live()) === applicationId) throw new Error(`Answers come from ${applicationId}: switch to another one first.`)
    if (applicationId === DEFAULT_APPLICATION_ID)
      throw new Error(`The topics of ${applicationId} have no names of their own: segue reset empties it.`)
    const members = await log.members(applicationId)
    if (members.length > 0) throw new Error(`${applicationId} is running: ${members.join(', ')}. Stop it first.`)
    const inputs = new Set<string>(factTopics)
    const topics = [...topicNames.filter(name => !inputs.has(name)), ...changelogNames(applicationId, partitions)]
    if (!execute) {
      say(`${topics.length} topics and all values of ${applicationId} would be removed: --execute does it.`)
      return 0
    }
    const at = factTopics.flatMap(topic => Array.from({ length: partitions }, (_, partition) => ({ topic, partition })))
    const beginnings = await Promise.all(at.map(async input => ({ ...input, offset: await log.beginningOffset(input) })))
    await log.setCommitted(applicationId, beginnings)
    await log.deleteTopics(topics)
    await applications.drop(applicationId)
    say(`${applicationId} was removed. Remove its data directories too.`)
    return 0
  })

async function lagOf(config: Config, { log, codec, partitions }: Base): Promise<{ input: number; view: number }> {
  const tasks = await taskLag(log, segueTopology(partitions), config.applicationId)
  const view = await openView(config, codec, say)
  try {
    let waiting = 0
    for (const topic of viewSpaces)
      for (let partition = 0; partition < partitions; partition++) {
        const from = (await view.position(topic, partition)) ?? (await log.beginningOffset({ topic, partition }))
        waiting += await remaining(log, { topic, partition }, from)
      }
    return { input: tasks.reduce((sum, { records }) => sum + records, 0), view: waiting }
  } finally {
    await view.close()
  }
}
