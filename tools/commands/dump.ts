import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Config } from '../../config.js'
import { produceLines } from '../../connect/produce.js'
import { logProducer } from '../../connect/producer.js'
import { topicNames } from '../../schemas/catalogue.js'
import { createProcessing, openBase } from '../embedded.js'
import { runningInstance } from '../instance.js'
import { ApplicationOperations } from '../operations.js'
import { changelogNames } from '../topic-names.js'

/** As a shell gives it of a command that was ended by Ctrl-C. */
const INTERRUPTED = 130

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)

/** The running application's state, or that of a stopped one's data, or that of a file of events alone. */
export async function dumpCommand(config: Config, input: string | undefined): Promise<number> {
  if (input !== undefined) return dumpInput(config, input)
  const url = await runningInstance(config.dataDir)
  if (url === undefined) return dumpData(config)
  const response = await fetch(`${url}/v1/operations/dump`, {
    headers: config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` }
  })
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  await print(Readable.fromWeb(response.body as never))
  return 0
}

async function dumpInput(config: Config, input: string): Promise<number> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const dataDir = mkdtempSync(join(tmpdir(), 'segue-dump-'))
  const applicationId = `${config.applicationId}-${basename(dataDir)}`
  const remove = () => rmSync(dataDir, { recursive: true, force: true })
  // Whoever reads what is printed may stop early: then the process ends at once.
  process.once('exit', remove)
  try {
    const code = await dumpData({ ...config, dataDir, applicationId }, input, stop.signal)
    return stop.signal.aborted ? INTERRUPTED : code
  } finally {
    remove()
  }
}

async function dumpData(config: Config, input?: string, signal?: AbortSignal): Promise<number> {
  const isolated = input !== undefined
  const base = await openBase(config, { purpose: 'segue dump', isolated })
  let bad = 0
  try {
    if (input !== undefined) {
      const onBadLine = (line: number, what: string) => say(`${input} line ${line}: ${what}`)
      const producer = logProducer(base.log, base.codec)
      bad = (await produceLines((await open(input)).createReadStream(), producer, { onBadLine, ...(signal && { signal }) })).bad
    }
    let failure: unknown
    const onFailure = (error: unknown) => {
      failure = error
    }
    const { application, topology } = createProcessing(config, base, { onNotice: say, onFailure })
    await application.start()
    const operations = new ApplicationOperations({
      ...base,
      topology,
      application,
      applicationId: config.applicationId,
      viewLag: async () => []
    })
    try {
      await print(Readable.from(operations.dump()), signal)
    } catch (error) {
      if (!signal?.aborted) throw error
    } finally {
      await application.close()
      if (failure !== undefined) say(`The application failed: ${failure instanceof Error ? failure.stack : failure}`)
    }
  } finally {
    if (isolated && config.mode === 'kafka')
      await base.log.deleteTopics([...topicNames, ...changelogNames(config.applicationId, config.partitions)])
    await base.close()
  }
  return bad === 0 ? 0 : 1
}

const print = (stream: Readable, signal?: AbortSignal): Promise<void> =>
  pipeline(stream, process.stdout, { end: false, ...(signal && { signal }) })
